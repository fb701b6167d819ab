#include "base/error.h"
#include "gpu/private.h"

#include <stdarg.h>
#include <string.h>

QtrKernel *qtr_kernel_new(QtrDevice *device, const char *file, const char *name,
                          const char *options, GError **error)
{
    cl_program program = qtr_program_get(device, file, options, error);
    QtrKernel *kernel;
    cl_kernel handle;
    cl_int code;

    if (!program)
        return NULL;
    handle = clCreateKernel(program, name, &code);
    if (code != CL_SUCCESS) {
        qtr_cl_fail(error, code, "the kernel %s of %s.cl cannot be made", name, file);
        return NULL;
    }
    kernel = g_new0(QtrKernel, 1);
    kernel->device = qtr_device_ref(device);
    kernel->kernel = handle;
    kernel->name = g_strdup(name);
    kernel->buffers = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_buffer_unref);
    kernel->max_group = device->info->max_group;
    (void)clGetKernelWorkGroupInfo(handle, device->id, CL_KERNEL_WORK_GROUP_SIZE,
                                   sizeof kernel->max_group, &kernel->max_group, NULL);
    (void)clGetKernelWorkGroupInfo(handle, device->id, CL_KERNEL_COMPILE_WORK_GROUP_SIZE,
                                   sizeof kernel->required_local, kernel->required_local, NULL);
    return kernel;
}

void qtr_kernel_free(QtrKernel *kernel)
{
    if (!kernel)
        return;
    clReleaseKernel(kernel->kernel);
    g_ptr_array_unref(kernel->buffers);
    qtr_device_unref(kernel->device);
    g_free(kernel->name);
    g_free(kernel);
}

static void check_count(const QtrKernel *kernel, const char *format)
{
    cl_uint count = 0;

    (void)clGetKernelInfo(kernel->kernel, CL_KERNEL_NUM_ARGS, sizeof count, &count, NULL);
    if (count != strlen(format))
        g_error("kernel %s has %u arguments, but \"%s\" binds %u", kernel->name, count, format,
                (guint)strlen(format));
}

/* The letter of a scalar; 0: a type no kernel has, or one that the driver spells otherwise. */
static char letter_of(const char *type)
{
    static const struct {
        const char *type;
        char letter;
    } scalars[] = {{"int", 'i'}, {"uint", 'u'}, {"unsigned int", 'u'}, {"float", 'f'}};

    for (gsize i = 0; i < G_N_ELEMENTS(scalars); i++)
        if (g_str_equal(type, scalars[i].type))
            return scalars[i].letter;
    return 0;
}

static gboolean letter_fits(char letter, cl_kernel_arg_address_qualifier space, const char *type)
{
    char known = letter_of(type);

    switch (letter) {
    case 'b':
        return space == CL_KERNEL_ARG_ADDRESS_GLOBAL || space == CL_KERNEL_ARG_ADDRESS_CONSTANT;
    case 'l':
        return space == CL_KERNEL_ARG_ADDRESS_LOCAL;
    default:
        return space == CL_KERNEL_ARG_ADDRESS_PRIVATE && (known == 0 || known == letter);
    }
}

/* clSetKernelArg sees only sizes; an int bound as a float would go unnoticed. Drivers without
 * argument information, or with other names for types, are let off. */
static void check_type(const QtrKernel *kernel, cl_uint index, char letter)
{
    cl_kernel_arg_address_qualifier space = CL_KERNEL_ARG_ADDRESS_PRIVATE;
    char type[64] = "";

    if (clGetKernelArgInfo(kernel->kernel, index, CL_KERNEL_ARG_ADDRESS_QUALIFIER, sizeof space,
                           &space, NULL) != CL_SUCCESS ||
        clGetKernelArgInfo(kernel->kernel, index, CL_KERNEL_ARG_TYPE_NAME, sizeof type - 1, type,
                           NULL) != CL_SUCCESS)
        return;
    if (!letter_fits(letter, space, type))
        g_error("argument %u of kernel %s is a %s and cannot be bound as '%c'", index, kernel->name,
                type, letter);
}

static void set(const QtrKernel *kernel, cl_uint index, gsize size, const void *value)
{
    cl_int code = clSetKernelArg(kernel->kernel, index, size, value);

    if (code != CL_SUCCESS)
        g_error("argument %u of kernel %s cannot be bound: %s", index, kernel->name,
                qtr_cl_error_name(code));
}

static void set_buffer(const QtrKernel *kernel, cl_uint index, QtrBuffer *buffer)
{
    if (!buffer || buffer->device != kernel->device)
        g_error("argument %u of kernel %s: %s", index, kernel->name,
                buffer ? "the buffer is another device's" : "no buffer was given");
    set(kernel, index, sizeof buffer->mem, &buffer->mem);
    g_ptr_array_add(kernel->buffers, qtr_buffer_ref(buffer));
}

void qtr_kernel_bind(QtrKernel *kernel, const char *format, ...)
{
    g_autoptr(GPtrArray) former = kernel->buffers;
    va_list args;

    check_count(kernel, format);
    kernel->buffers = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_buffer_unref);
    va_start(args, format);
    for (cl_uint i = 0; format[i]; i++) {
        check_type(kernel, i, format[i]);
        if (format[i] == 'b') {
            set_buffer(kernel, i, va_arg(args, QtrBuffer *));
        } else if (format[i] == 'i') {
            cl_int value = va_arg(args, int);
            set(kernel, i, sizeof value, &value);
        } else if (format[i] == 'u') {
            cl_uint value = va_arg(args, guint32);
            set(kernel, i, sizeof value, &value);
        } else if (format[i] == 'f') {
            cl_float value = (cl_float)va_arg(args, double);
            set(kernel, i, sizeof value, &value);
        } else if (format[i] == 'l') {
            set(kernel, i, va_arg(args, gsize), NULL);
        } else {
            g_error("kernel %s: unknown letter '%c' in \"%s\"", kernel->name, format[i], format);
        }
    }
    va_end(args);
    kernel->bound = TRUE;
}
