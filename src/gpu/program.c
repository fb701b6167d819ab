#include "base/error.h"
#include "gpu/private.h"
#include "gpu/registry.h"

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
    return g_strdup_printf(
        "-cl-std=CL1.2 -cl-kernel-arg-info -DQTR_VL=%d%s %s", device->info->vector_width,
        device->info->exact_divide ? " -cl-fp32-correctly-rounded-divide-sqrt" : "", options);
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
    program = build_from_source(device, file, text, all, error);
    if (program)
        g_hash_table_insert(device->programs, g_steal_pointer(&key), program);
    return program;
}
