#include "gpu/private.h"

static char *cache_folder(const char *wanted, const QtrDeviceInfo *info)
{
    if (wanted)
        return *wanted ? g_strdup(wanted) : NULL;
    if (!qtr_cache_is_of_use(info))
        return NULL;
    return g_build_filename(g_get_user_cache_dir(), "quantoaster", "programs", NULL);
}

static char *tuning_folder(const char *wanted)
{
    if (wanted)
        return *wanted ? g_strdup(wanted) : NULL;
    return g_build_filename(g_get_user_cache_dir(), "quantoaster", "tuning", NULL);
}

static void CL_CALLBACK context_message(const char *text, const void *data, size_t size,
                                        void *user_data)
{
    qtr_debug(((QtrDevice *)user_data)->log, "OpenCL driver: %s", text);
}

static gboolean open_queue(QtrDevice *device, GError **error)
{
    cl_command_queue_properties properties = device->profiling ? CL_QUEUE_PROFILING_ENABLE : 0;
    cl_int code;

    device->context = clCreateContext(NULL, 1, &device->id, context_message, device, &code);
    if (code == CL_SUCCESS)
        device->queue = clCreateCommandQueue(device->context, device->id, properties, &code);
    if (code != CL_SUCCESS)
        return qtr_cl_fail(error, code, "the OpenCL device %s cannot be opened", device->info->key);
    return TRUE;
}

static void release_program(gpointer program)
{
    clReleaseProgram(program);
}

gboolean qtr_device_exists(const char *selector, GError **error)
{
    g_autoptr(GPtrArray) probes = qtr_probe_all(error);

    return probes && qtr_probe_choose(probes, selector, error);
}

QtrDevice *qtr_device_open(const QtrDeviceParams *params, GError **error)
{
    static const QtrDeviceParams defaults = {0};
    g_autoptr(GPtrArray) probes = qtr_probe_all(error);
    QtrDevice *device;
    QtrProbe *probe;

    if (!params)
        params = &defaults;
    g_assert(params->vector_width == 0 || params->vector_width == 1 || params->vector_width == 4 ||
             params->vector_width == 8 || params->vector_width == 16);
    if (!probes)
        return NULL;
    probe = qtr_probe_choose(probes, params->selector, error);
    if (!probe)
        return NULL;
    device = g_new0(QtrDevice, 1);
    g_atomic_ref_count_init(&device->refs);
    device->id = probe->id;
    device->info = g_steal_pointer(&probe->info);
    device->profiling = params->profiling;
    device->log = params->log;
    device->cache_dir = cache_folder(params->cache_dir, device->info);
    device->tuning_dir = tuning_folder(params->cache_dir);
    device->shipped_dir = g_strdup(params->shipped_dir);
    device->programs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, release_program);
    device->unstored = g_ptr_array_new_with_free_func(g_free);
    if (params->vector_width)
        device->info->vector_width = params->vector_width;
    if (params->tiles != QTR_TILES_AUTO)
        qtr_probe_set_form(device->info, params->tiles == QTR_TILES_SHARED);
    device->info->always_winograd = params->tiles == QTR_TILES_WINOGRAD;
    if (!open_queue(device, error)) {
        qtr_device_close(device);
        return NULL;
    }
    qtr_debug(device->log, "opened %s, driver %s, %u compute units, vectors of %d floats",
              device->info->key, device->info->driver, device->info->compute_units,
              device->info->vector_width);
    return device;
}

QtrDevice *qtr_device_ref(QtrDevice *device)
{
    g_atomic_ref_count_inc(&device->refs);
    return device;
}

void qtr_device_close(QtrDevice *device)
{
    if (!device)
        return;
    device->log = NULL;
    qtr_device_unref(device);
}

void qtr_device_unref(QtrDevice *device)
{
    if (!g_atomic_ref_count_dec(&device->refs))
        return;
    if (device->queue) {
        (void)clFinish(device->queue);
        clReleaseCommandQueue(device->queue);
    }
    g_hash_table_unref(device->programs);
    g_ptr_array_unref(device->unstored);
    if (device->context)
        clReleaseContext(device->context);
    qtr_device_info_free(device->info);
    g_free(device->cache_dir);
    g_free(device->tuning_dir);
    g_free(device->shipped_dir);
    g_clear_pointer(&device->tuned, g_hash_table_unref);
    g_clear_pointer(&device->tuned_elsewhere, g_hash_table_unref);
    g_free(device);
}

const QtrDeviceInfo *qtr_device_info(const QtrDevice *device)
{
    return device->info;
}

QtrLog *qtr_device_log(const QtrDevice *device)
{
    return device->log;
}

gboolean qtr_device_finish(QtrDevice *device, GError **error)
{
    cl_int code = clFinish(device->queue);

    if (code != CL_SUCCESS)
        return qtr_cl_fail(error, code, "work on the OpenCL device %s failed", device->info->key);
    return TRUE;
}

guint64 qtr_device_allocated(const QtrDevice *device)
{
    return device->allocated;
}
