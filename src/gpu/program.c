#include "base/error.h"
#include "gpu/private.h"
#include "gpu/programs.h"
#include "gpu/registry.h"

#include <glib/gstdio.h>

#define BUILD_ATTEMPTS 3

static const char *source_of(const char *file)
{
    for (const QtrClSource *source = qtr_cl_sources; source->name; source++)
        if (g_str_equal(source->name, file))
            return source->text;
    return NULL;
}

static char *full_options(const QtrDevice *device, const char *options)
{
    const QtrDeviceInfo *info = device->info;
    g_autofree char *group =
        info->group_items > 1 ? g_strdup_printf(" -DQTR_GROUP=%d", info->group_items) : NULL;

    return g_strdup_printf("-cl-std=CL1.2 -cl-kernel-arg-info -DQTR_VL=%d%s%s %s",
                           info->vector_width, group ? group : "",
                           info->exact_divide ? " -cl-fp32-correctly-rounded-divide-sqrt"
                                              : " -DQTR_ROUGH_DIVIDE",
                           options);
}

static char *build_log(const QtrDevice *device, cl_program program)
{
    gsize size = 0;
    char *text;

    if (clGetProgramBuildInfo(program, device->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &size) !=
        CL_SUCCESS)
        return g_strdup("");
    text = g_malloc0(size + 1);
    (void)clGetProgramBuildInfo(program, device->id, CL_PROGRAM_BUILD_LOG, size, text, NULL);
    return g_strstrip(text);
}

/* Some drivers run short of memory while earlier work still holds it. */
static cl_int build(const QtrDevice *device, cl_program program, const char *options)
{
    cl_int code = clBuildProgram(program, 1, &device->id, options, NULL, NULL);

    for (int i = 1; i < BUILD_ATTEMPTS; i++) {
        if (code != CL_OUT_OF_RESOURCES && code != CL_OUT_OF_HOST_MEMORY)
            break;
        (void)clFinish(device->queue);
        code = clBuildProgram(program, 1, &device->id, options, NULL, NULL);
    }
    return code;
}

static cl_program build_from_source(const QtrDevice *device, const char *file, const char *text,
                                    const char *options, GError **error)
{
    g_autofree char *log = NULL;
    cl_int code;
    cl_program program = clCreateProgramWithSource(device->context, 1, &text, NULL, &code);

    if (code != CL_SUCCESS) {
        qtr_cl_fail(error, code, "the OpenCL program %s.cl cannot be made", file);
        return NULL;
    }
    code = build(device, program, options);
    log = build_log(device, program);
    if (code != CL_SUCCESS) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_DEVICE,
                    "the OpenCL program %s.cl does not build on %s: %s (%d)\noptions: %s\n%s", file,
                    device->info->key, qtr_cl_error_name(code), code, options, log);
        clReleaseProgram(program);
        return NULL;
    }
    if (*log)
        qtr_debug(device->log, "building %s.cl (%s): %s", file, options, log);
    return program;
}

static cl_program build_from_cache(const QtrDevice *device, const char *path, const char *options)
{
    g_autoptr(GBytes) binary = qtr_cache_load(device, path);
    const unsigned char *data;
    cl_int status = CL_SUCCESS, code;
    cl_program program;
    gsize size;

    if (!binary)
        return NULL;
    data = g_bytes_get_data(binary, &size);
    program =
        clCreateProgramWithBinary(device->context, 1, &device->id, &size, &data, &status, &code);
    if (code == CL_SUCCESS && status == CL_SUCCESS)
        code = build(device, program, options);
    if (code == CL_SUCCESS && status == CL_SUCCESS)
        return program;
    qtr_debug(device->log, "the driver refuses the cached program %s: %s", path,
              qtr_cl_error_name(code != CL_SUCCESS ? code : status));
    (void)g_unlink(path); /* who stores programs passes over those there */
    if (program)
        clReleaseProgram(program);
    return NULL;
}

static void store(QtrDevice *device, const char *path, cl_program program)
{
    g_autofree unsigned char *data = NULL;
    gsize size = 0;

    if (clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, NULL) !=
            CL_SUCCESS ||
        size == 0)
        return;
    data = g_malloc(size);
    if (clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof data, &data, NULL) == CL_SUCCESS)
        qtr_cache_store(device, path, data, size);
}

static cl_program build_program(QtrDevice *device, const char *file, const char *text,
                                const char *options, GError **error)
{
    g_autofree char *path = qtr_cache_path(device, text, options);
    cl_program program = path ? build_from_cache(device, path, options) : NULL;

    if (program) {
        qtr_debug(device->log, "%s.cl (%s) taken from the cache", file, options);
        return program;
    }
    program = build_from_source(device, file, text, options, error);
    if (!program)
        return NULL;
    qtr_debug(device->log, "%s.cl (%s) built", file, options);
    if (path && qtr_cache_is_slow(device->info)) {
        g_ptr_array_add(device->unstored, g_strdup_printf("%s\t%s", file, options));
    } else if (path) {
        store(device, path, program);
    }
    return program;
}

cl_program qtr_program_get(QtrDevice *device, const char *file, const char *options, GError **error)
{
    g_autofree char *all = full_options(device, options ? options : "");
    g_autofree char *key = g_strconcat(file, "\n", all, NULL);
    const char *text = source_of(file);
    cl_program program = g_hash_table_lookup(device->programs, key);

    if (program)
        return program;
    if (!text) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_DEVICE, "there is no OpenCL program %s.cl", file);
        return NULL;
    }
    program = build_program(device, file, text, all, error);
    if (program)
        g_hash_table_insert(device->programs, g_steal_pointer(&key), program);
    return program;
}

guint qtr_programs_unstored(const QtrDevice *device)
{
    return device->unstored->len;
}

char *qtr_programs_list(const QtrDevice *device, guint first)
{
    GString *list = g_string_new(NULL);

    for (guint i = first; i < device->unstored->len; i++)
        g_string_append_printf(list, "%s\n", (const char *)device->unstored->pdata[i]);
    return g_string_free(list, FALSE);
}

static gboolean store_line(QtrDevice *device, char *line, GError **error)
{
    char *options = strchr(line, '\t');
    g_autofree char *path = NULL;
    const char *text;
    cl_program program;

    if (options)
        *options++ = '\0';
    text = options ? source_of(line) : NULL;
    if (!text) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "\"%s\" names no OpenCL program", line);
        return FALSE;
    }
    path = qtr_cache_path(device, text, options);
    if (!path || g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    program = build_from_source(device, line, text, options, error);
    if (!program)
        return FALSE;
    store(device, path, program);
    clReleaseProgram(program);
    return TRUE;
}

gboolean qtr_programs_store(QtrDevice *device, const char *list, const gint *stop, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(list, "\n", -1);

    for (char **line = lines; *line; line++) {
        if (stop && g_atomic_int_get(stop)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_CANCELLED, "stopped");
            return FALSE;
        }
        if (**line && !store_line(device, *line, error))
            return FALSE;
    }
    return TRUE;
}
