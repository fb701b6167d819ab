#include "base/error.h"
#include "gpu/private.h"

#include <string.h>

static gboolean contains_ignoring_case(const char *text, const char *part)
{
    g_autofree char *a = g_utf8_casefold(text, -1);
    g_autofree char *b = g_utf8_casefold(part, -1);

    return strstr(a, b) != NULL;
}

static gboolean is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

static gboolean fits(const QtrDeviceInfo *info, const char *selector)
{
    if (is_number(selector)) {
        guint64 index;

        return g_ascii_string_to_unsigned(selector, 10, 0, G_MAXINT, &index, NULL) &&
               index == (guint64)info->index;
    }
    return *selector && contains_ignoring_case(info->name, selector);
}

static char *candidates(const GPtrArray *probes)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < probes->len; i++) {
        const QtrDeviceInfo *info = ((const QtrProbe *)probes->pdata[i])->info;

        g_string_append_printf(text, "\n  %d: %s", info->index, info->key);
    }
    return g_string_free(text, FALSE);
}

static QtrProbe *choose(const GPtrArray *probes, const char *selector, GError **error)
{
    g_autofree char *list = NULL;
    QtrProbe *found = NULL;
    int count = 0;

    for (guint i = 0; i < probes->len; i++) {
        QtrProbe *probe = probes->pdata[i];

        if (selector ? g_str_equal(probe->info->key, selector) : probe->info->is_default)
            return probe;
        if (selector && fits(probe->info, selector)) {
            found = probe;
            count++;
        }
    }
    if (count == 1)
        return found;
    list = candidates(probes);
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "%s OpenCL device fits \"%s\"; there %s:%s",
                count == 0 ? "no" : "more than one", selector, probes->len == 1 ? "is" : "are",
                list);
    return NULL;
}

static char *cache_folder(const char *wanted)
{
    if (!wanted)
        return g_build_filename(g_get_user_cache_dir(), "quantoaster", "programs", NULL);
    return *wanted ? g_strdup(wanted) : NULL;
}

static void CL_CALLBACK context_message(const char *text, const void *data, size_t size,
                                        void *user_data)
{
    qtr_debug((QtrLog *)user_data, "OpenCL driver: %s", text);
}

static gboolean open_queue(QtrDevice *device, GError **error)
{
    cl_command_queue_properties properties = device->profiling ? CL_QUEUE_PROFILING_ENABLE : 0;
    cl_int code;

    device->context = clCreateContext(NULL, 1, &device->id, context_message, device->log, &code);
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
    probe = choose(probes, params->selector, error);
    if (!probe)
        return NULL;
    device = g_new0(QtrDevice, 1);
    g_atomic_ref_count_init(&device->refs);
    device->id = probe->id;
    device->info = g_steal_pointer(&probe->info);
    device->profiling = params->profiling;
    device->log = params->log;
    device->cache_dir = cache_folder(params->cache_dir);
    device->programs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, release_program);
    g_queue_init(&device->writes);
    if (params->vector_width)
        device->info->vector_width = params->vector_width;
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
    if (!device || !g_atomic_ref_count_dec(&device->refs))
        return;
    if (device->queue) {
        (void)clFinish(device->queue);
        qtr_buffer_reap_writes(device, TRUE);
        clReleaseCommandQueue(device->queue);
    }
    g_hash_table_unref(device->programs);
    if (device->context)
        clReleaseContext(device->context);
    qtr_device_info_free(device->info);
    g_free(device->cache_dir);
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
    qtr_buffer_reap_writes(device, TRUE);
    return TRUE;
}

guint64 qtr_device_allocated(const QtrDevice *device)
{
    return device->allocated;
}

guint64 qtr_device_allocated_peak(const QtrDevice *device)
{
    return device->allocated_peak;
}
