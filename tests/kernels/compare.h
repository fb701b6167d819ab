#pragma once
#include "gpu/device.h"

/* What the kernel tests share. Failures end the cmocka test. */

/* The default device with vectors of `width` floats. */
QtrDevice *kernel_device(int width);
/* Skips the test, saying why, where the usual device is no CPU. */
void kernel_skip_without_cpu(const char *why);

/* Widths of vectors: the forms of the kernels; 1 is that of GPUs. */
extern const int kernel_widths[4];

/* max|a-b| <= bound * max|b|, but element i may differ by another doubt[i] (NULL: none). */
void kernel_compare(const char *what, const float *a, const double *b, gsize count, double bound,
                    const double *doubt);

/* Whether the form that is tested has vectors of `width`: that for GPUs has scalars alone. */
gboolean kernel_form_has(int width);

/* Random numbers in [-1, 1), the same every time; streams differ. */
float kernel_draw(guint32 stream, guint64 index);
float *kernel_draws(guint32 stream, gsize count);
