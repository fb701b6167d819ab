#include "gpu/peak.h"

#include "gpu/kernel.h"

#define CHAINS 12 /* of peak_fma */
#define LAUNCHES 1000
#define ROUNDS 8
#define PATIENCE (G_USEC_PER_SEC / 4)

/* The shortest of many runs, in seconds: anything longer was disturbed, as by other programs taking
 * a core for a moment. 0 on failure. */
static double best_time(QtrDevice *device, QtrCommands *commands, GError **error)
{
    const gint64 begin = g_get_monotonic_time();
    double best = G_MAXDOUBLE;

    for (int i = 0; i <= ROUNDS || g_get_monotonic_time() < begin + PATIENCE; i++) {
        gint64 start = g_get_monotonic_time();

        if (!qtr_commands_run(commands, error) || !qtr_device_finish(device, error))
            return 0;
        if (i > 0) /* the first compiles and warms up */
            best = MIN(best, (double)(g_get_monotonic_time() - start) * 1e-6);
    }
    return MAX(best, 1e-6);
}

/* One item a group keeps a CPU driver from weaving items into vectors of its own. */
static gsize group_size(const QtrDevice *device)
{
    const QtrDeviceInfo *info = qtr_device_info(device);

    return info->is_cpu ? 1 : MIN(info->max_group, 256);
}

static gboolean measure_flops(QtrDevice *device, QtrPeak *peak, GError **error)
{
    const QtrDeviceInfo *info = qtr_device_info(device);
    gsize local[3] = {group_size(device), 1, 1};
    gsize global[3] = {local[0] * info->compute_units * 32, 1, 1};
    gsize lanes = (gsize)info->vector_width;
    g_autoptr(QtrCommands) commands = qtr_commands_new(device);
    g_autoptr(QtrBuffer) out = qtr_buffer_new(device, global[0] * lanes * sizeof(float), error);
    QtrKernel *kernel = out ? qtr_kernel_new(device, "peak", "peak_fma", NULL, error) : NULL;
    int steps = 1 << (info->is_cpu ? 17 : 14);
    double seconds;

    if (!kernel)
        return FALSE;
    qtr_kernel_bind(kernel, "bffi", out, 0.999, 0.001, steps);
    qtr_commands_add(commands, kernel, global, local, (QtrWork){.label = "peak"});
    seconds = best_time(device, commands, error);
    if (seconds == 0)
        return FALSE;
    peak->gflops = 2.0 * CHAINS * (double)(lanes * global[0]) * steps / seconds * 1e-9;
    return TRUE;
}

static gboolean measure_copy(QtrDevice *device, QtrPeak *peak, GError **error)
{
    const QtrDeviceInfo *info = qtr_device_info(device);
    gsize bytes = MIN(MIN(info->max_alloc, info->memory / 16), (guint64)256 << 20);
    gsize lanes = (gsize)info->vector_width;
    gsize items = bytes / sizeof(float) / lanes;
    g_autoptr(QtrCommands) commands = qtr_commands_new(device);
    g_autoptr(QtrBuffer) from = qtr_buffer_new(device, bytes, error);
    g_autoptr(QtrBuffer) to = from ? qtr_buffer_new(device, bytes, error) : NULL;
    QtrKernel *kernel = to ? qtr_kernel_new(device, "peak", "peak_copy", NULL, error) : NULL;
    double seconds;

    if (!kernel)
        return FALSE;
    qtr_kernel_bind(kernel, "bbi", from, to, (int)items);
    qtr_commands_add(commands, kernel, (gsize[3]){items, 1, 1},
                     (gsize[3]){MIN(info->max_group, 256), 1, 1}, (QtrWork){.label = "copy"});
    seconds = best_time(device, commands, error);
    if (seconds == 0)
        return FALSE;
    peak->copy_gbs = 2.0 * (double)(items * lanes * sizeof(float)) / seconds * 1e-9;
    return TRUE;
}

static gboolean measure_launch(QtrDevice *device, QtrPeak *peak, GError **error)
{
    g_autoptr(QtrCommands) commands = qtr_commands_new(device);
    g_autoptr(QtrBuffer) out = qtr_buffer_new(device, sizeof(float), error);
    double seconds;

    if (!out)
        return FALSE;
    for (int i = 0; i < LAUNCHES; i++) {
        QtrKernel *kernel = qtr_kernel_new(device, "peak", "peak_nothing", NULL, error);

        if (!kernel)
            return FALSE;
        qtr_kernel_bind(kernel, "b", out);
        qtr_commands_add(commands, kernel, (gsize[3]){1, 1, 1}, (gsize[3]){1, 1, 1},
                         (QtrWork){.label = "nothing"});
    }
    seconds = best_time(device, commands, error);
    if (seconds == 0)
        return FALSE;
    peak->launch_us = seconds / LAUNCHES * 1e6;
    return TRUE;
}

gboolean qtr_peak_measure(QtrDevice *device, QtrPeak *peak, GError **error)
{
    return measure_flops(device, peak, error) && measure_copy(device, peak, error) &&
           measure_launch(device, peak, error);
}
