#include "gpu/gemm.h"

#include "base/error.h"
#include "gpu/private.h"

#include <clblast_c.h>

static CLBlastTranspose transpose_of(const QtrGpuMatrix *matrix)
{
    return matrix->transposed ? CLBlastTransposeYes : CLBlastTransposeNo;
}

gboolean qtr_gpu_gemm(const QtrGpuMatrix *a, const QtrGpuMatrix *b, const QtrGpuMatrix *c, gsize m,
                      gsize n, gsize k, gboolean accumulate, GError **error)
{
    QtrDevice *device = c->buffer->device;
    CLBlastStatusCode code;

    g_assert(a->buffer->device == device && b->buffer->device == device && !c->transposed);
    code =
        CLBlastSgemm(CLBlastLayoutRowMajor, transpose_of(a), transpose_of(b), m, n, k, 1.0f,
                     a->buffer->mem, a->at, a->row, b->buffer->mem, b->at, b->row,
                     accumulate ? 1.0f : 0.0f, c->buffer->mem, c->at, c->row, &device->queue, NULL);
    if (code == CLBlastSuccess)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_DEVICE,
                "CLBlast fails on %s with code %d: a product of %" G_GSIZE_FORMAT
                " x %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT,
                device->info->name, (int)code, m, n, k);
    return FALSE;
}
