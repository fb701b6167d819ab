#pragma once
#include "gpu/buffer.h"

/* Matrix products by CLBlast, which knows nothing of our kernels: tests compare with it. Not part
 * of the programs. Its results depend on its own tuning of the device. */

/* Row-major matrices within buffers: where they begin and how far rows are apart, in floats. */
typedef struct {
    QtrBuffer *buffer;
    gsize at, row;
    gboolean transposed; /* the product takes the transpose of what is stored */
} QtrGpuMatrix;

/* c (+)= a * b in the order of the device's queue, where a is m x k and b k x n as the product
 * takes them; c is not transposed. Does not wait. QTR_ERROR_DEVICE if CLBlast refuses or fails. */
gboolean qtr_gpu_gemm(const QtrGpuMatrix *a, const QtrGpuMatrix *b, const QtrGpuMatrix *c, gsize m,
                      gsize n, gsize k, gboolean accumulate, GError **error);
