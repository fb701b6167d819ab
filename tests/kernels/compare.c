#include "compare.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

const int kernel_widths[4] = {16, 8, 4, 1};

QtrDevice *kernel_device(int width)
{
    const QtrDeviceParams params = {.vector_width = width,
                                    .tiles = g_getenv("QTR_TEST_GPU_FORM") ? QTR_TILES_SHARED
                                             : g_getenv("QTR_TEST_STRIPS") ? QTR_TILES_WINOGRAD
                                                                           : QTR_TILES_AUTO};
    g_autoptr(GError) error = NULL;
    QtrDevice *device = qtr_device_open(&params, &error);

    if (!device)
        fail_msg("%s", error->message);
    return device;
}

gboolean kernel_form_has(int width)
{
    return width == 1 || !g_getenv("QTR_TEST_GPU_FORM");
}

void kernel_skip_without_cpu(const char *why)
{
    QtrDevice *device = kernel_device(16);
    gboolean is_cpu = qtr_device_info(device)->is_cpu;

    qtr_device_close(device);
    if (is_cpu)
        return;
    print_message("%s\n", why);
    skip();
}

void kernel_compare(const char *what, const float *a, const double *b, gsize count, double bound,
                    const double *doubt)
{
    double top = 0.0;

    for (gsize i = 0; i < count; i++)
        top = fmax(top, fabs(b[i]));
    for (gsize i = 0; i < count; i++) {
        double more = doubt ? 1.001 * doubt[i] : 0.0;

        if (!(fabs((double)a[i] - b[i]) <= bound * top + more))
            fail_msg("%s: element %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                     " is %.9g instead of %.9g (largest %.3g)",
                     what, i, count, (double)a[i], b[i], top);
    }
}

float kernel_draw(guint32 stream, guint64 index)
{
    return 2.0f * qtr_rng_unit(qtr_rng_at(4711, QTR_RNG_SAMPLE, stream, index).v[0]) - 1.0f;
}

float *kernel_draws(guint32 stream, gsize count)
{
    float *values = g_new(float, count);

    for (gsize i = 0; i < count; i++)
        values[i] = kernel_draw(stream, i);
    return values;
}
