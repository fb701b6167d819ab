#include "base/error.h"
#include "gpu/private.h"

typedef struct {
    QtrKernel *kernel;
    QtrWork work;
    cl_uint dims;
    gboolean has_local;
    gsize offset[3], global[3], local[3];
} Launch;

struct QtrCommands {
    QtrDevice *device;
    GArray *launches; /* Launch */
    GError *refusal;  /* why the list cannot run, found while adding */
};

static void launch_clear(gpointer data)
{
    qtr_kernel_free(((Launch *)data)->kernel);
}

QtrCommands *qtr_commands_new(QtrDevice *device)
{
    QtrCommands *commands = g_new0(QtrCommands, 1);

    commands->device = qtr_device_ref(device);
    commands->launches = g_array_new(FALSE, FALSE, sizeof(Launch));
    g_array_set_clear_func(commands->launches, launch_clear);
    return commands;
}

void qtr_commands_free(QtrCommands *commands)
{
    if (!commands)
        return;
    g_array_unref(commands->launches);
    g_clear_error(&commands->refusal);
    qtr_device_unref(commands->device);
    g_free(commands);
}

static void check_group(const Launch *launch, GError **error)
{
    const QtrKernel *kernel = launch->kernel;
    const gsize *need = kernel->required_local;
    gsize items = launch->local[0] * launch->local[1] * launch->local[2];

    if (launch->has_local && items > kernel->max_group)
        g_set_error(error, QTR_ERROR, QTR_ERROR_DEVICE,
                    "kernel %s cannot run in groups of %" G_GSIZE_FORMAT "x%" G_GSIZE_FORMAT
                    "x%" G_GSIZE_FORMAT " on %s, which allows it %" G_GSIZE_FORMAT
                    " work items a group",
                    kernel->name, launch->local[0], launch->local[1], launch->local[2],
                    kernel->device->info->name, kernel->max_group);
    else if (need[0] != 0 && (need[0] != launch->local[0] || need[1] != launch->local[1] ||
                              need[2] != launch->local[2]))
        g_error("kernel %s requires groups of %" G_GSIZE_FORMAT "x%" G_GSIZE_FORMAT
                "x%" G_GSIZE_FORMAT,
                kernel->name, need[0], need[1], need[2]);
}

void qtr_commands_add(QtrCommands *commands, QtrKernel *kernel, const gsize global[3],
                      const gsize *local, QtrWork work)
{
    qtr_commands_add_from(commands, kernel, (gsize[3]){0, 0, 0}, global, local, work);
}

void qtr_commands_add_from(QtrCommands *commands, QtrKernel *kernel, const gsize offset[3],
                           const gsize global[3], const gsize *local, QtrWork work)
{
    Launch launch = {.kernel = kernel, .work = work, .has_local = local != NULL};

    g_assert(kernel->bound && kernel->device == commands->device);
    for (int i = 0; i < 3; i++) {
        gsize step = local ? local[i] : 1;

        g_assert(global[i] > 0 && step > 0);
        launch.offset[i] = offset[i];
        launch.local[i] = local ? step : 0;
        launch.global[i] = (global[i] + step - 1) / step * step;
        if (launch.global[i] > 1 || launch.offset[i] > 0 || i == 0)
            launch.dims = (cl_uint)i + 1;
    }
    if (!commands->refusal)
        check_group(&launch, &commands->refusal);
    g_array_append_val(commands->launches, launch);
}

guint qtr_commands_count(const QtrCommands *commands)
{
    return commands->launches->len;
}

static gboolean enqueue(QtrDevice *device, const Launch *launch, cl_event *event, GError **error)
{
    cl_int code = clEnqueueNDRangeKernel(device->queue, launch->kernel->kernel, launch->dims,
                                         launch->offset, launch->global,
                                         launch->has_local ? launch->local : NULL, 0, NULL, event);

    if (code != CL_SUCCESS)
        return qtr_cl_fail(error, code,
                           "kernel %s (%s) cannot be launched over %" G_GSIZE_FORMAT
                           "x%" G_GSIZE_FORMAT "x%" G_GSIZE_FORMAT " in groups of %" G_GSIZE_FORMAT
                           "x%" G_GSIZE_FORMAT "x%" G_GSIZE_FORMAT " (0: the driver's choice)",
                           launch->kernel->name, launch->work.label ? launch->work.label : "",
                           launch->global[0], launch->global[1], launch->global[2],
                           launch->local[0], launch->local[1], launch->local[2]);
    return TRUE;
}

static gboolean is_runnable(const QtrCommands *commands, GError **error)
{
    if (!commands->refusal)
        return TRUE;
    g_propagate_error(error, g_error_copy(commands->refusal));
    return FALSE;
}

gboolean qtr_commands_run(QtrCommands *commands, GError **error)
{
    QtrDevice *device = commands->device;
    cl_int code;

    if (!is_runnable(commands, error))
        return FALSE;
    for (guint i = 0; i < commands->launches->len; i++)
        if (!enqueue(device, &g_array_index(commands->launches, Launch, i), NULL, error))
            return FALSE;
    code = clFlush(device->queue);
    if (code != CL_SUCCESS)
        return qtr_cl_fail(error, code, "the queue of %s cannot be flushed", device->info->name);
    return TRUE;
}

static double event_seconds(cl_event event)
{
    cl_ulong start = 0, end = 0;

    if (clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof start, &start, NULL) !=
            CL_SUCCESS ||
        clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, NULL) !=
            CL_SUCCESS)
        return 0;
    return (double)(end - start) * 1e-9;
}

static gboolean time_launch(QtrDevice *device, const Launch *launch, double *seconds,
                            GError **error)
{
    gint64 start = g_get_monotonic_time();
    cl_event event = NULL;
    gboolean ok;

    if (!enqueue(device, launch, device->profiling ? &event : NULL, error))
        return FALSE;
    ok = qtr_device_finish(device, error);
    if (ok && device->profiling)
        *seconds += event_seconds(event);
    else if (ok)
        *seconds += (double)(g_get_monotonic_time() - start) * 1e-6;
    if (event)
        clReleaseEvent(event);
    return ok;
}

gboolean qtr_commands_profile(QtrCommands *commands, double *seconds, GError **error)
{
    if (!is_runnable(commands, error) || !qtr_device_finish(commands->device, error))
        return FALSE;
    for (guint i = 0; i < commands->launches->len; i++)
        if (!time_launch(commands->device, &g_array_index(commands->launches, Launch, i),
                         &seconds[i], error))
            return FALSE;
    return TRUE;
}

const QtrWork *qtr_commands_work(const QtrCommands *commands, guint index)
{
    const Launch *launch = &g_array_index(commands->launches, Launch, index);

    g_assert(index < commands->launches->len);
    return &launch->work;
}
