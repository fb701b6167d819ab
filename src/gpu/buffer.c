#include "base/error.h"
#include "gpu/private.h"

#include <string.h>
#include <sys/mman.h>

/* Larger writes wait for the queue instead of being copied. */
#define COPIED_WRITE_MAX ((gsize)16 << 20)

/* Smaller buffers are the driver's own. */
#define MAPPED_MIN ((gsize)256 << 10)

static double mib(guint64 bytes)
{
    return (double)bytes / (1 << 20);
}

static QtrBuffer *refuse(GError **error, const QtrDevice *device, gsize bytes, const char *reason)
{
    g_set_error(error, QTR_ERROR, QTR_ERROR_MEMORY,
                "a buffer of %.1f MiB does not fit on %s: %s (in use by this program: %.1f of "
                "%.1f MiB, largest single buffer %.1f MiB); reduce the batch, patch or tile size",
                mib(bytes), device->info->name, reason, mib(device->allocated),
                mib(device->info->memory), mib(device->info->max_alloc));
    return NULL;
}

static cl_int fill_zero(cl_command_queue queue, cl_mem mem, gsize size)
{
    cl_uint zero = 0;

    return clEnqueueFillBuffer(queue, mem, &zero, sizeof zero, 0, size, 0, NULL, NULL);
}

/* The fill wants whole patterns. */
static gsize padded(gsize bytes)
{
    return MAX(bytes + (-bytes & 3), 4);
}

typedef struct {
    void *at;
    gsize size;
} Pages;

static void CL_CALLBACK unmap(cl_mem mem, void *user_data)
{
    Pages *pages = user_data;

    (void)munmap(pages->at, pages->size);
    g_free(pages);
}

/* A CPU's memory comes from the system as zeros, page by page as it is touched: a fill would only
 * take the time of touching it once more, by one thread. */
static cl_mem new_from_pages(QtrDevice *device, gsize size, cl_int *code)
{
    Pages *pages = g_new(Pages, 1);
    cl_mem mem;

    *pages = (Pages){.size = size};
    pages->at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages->at == MAP_FAILED) {
        g_free(pages);
        *code = CL_MEM_OBJECT_ALLOCATION_FAILURE;
        return NULL;
    }
    mem = clCreateBuffer(device->context, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, size, pages->at,
                         code);
    if (*code == CL_SUCCESS) {
        *code = clSetMemObjectDestructorCallback(mem, unmap, pages);
        if (*code == CL_SUCCESS)
            return mem;
        clReleaseMemObject(mem);
    }
    unmap(NULL, pages);
    return NULL;
}

static cl_mem new_filled(QtrDevice *device, gsize size, cl_int *code)
{
    cl_mem mem = clCreateBuffer(device->context, CL_MEM_READ_WRITE, size, NULL, code);

    if (*code != CL_SUCCESS)
        return NULL;
    *code = fill_zero(device->queue, mem, size);
    if (*code == CL_SUCCESS)
        *code = clFinish(device->queue);
    if (*code == CL_SUCCESS)
        return mem;
    clReleaseMemObject(mem);
    return NULL;
}

QtrBuffer *qtr_buffer_new(QtrDevice *device, gsize bytes, GError **error)
{
    gboolean maps = device->info->is_cpu && bytes >= MAPPED_MIN;
    QtrBuffer *buffer;
    cl_int code;
    cl_mem mem;

    if (bytes > device->info->max_alloc)
        return refuse(error, device, bytes, "it is larger than the driver allows one buffer to be");
    if (bytes > device->info->memory - MIN(device->allocated, device->info->memory))
        return refuse(error, device, bytes, "the device's memory is used up");
    mem = maps ? new_from_pages(device, padded(bytes), &code)
               : new_filled(device, padded(bytes), &code);
    if (code != CL_SUCCESS)
        return refuse(error, device, bytes, qtr_cl_error_name(code));
    buffer = g_new0(QtrBuffer, 1);
    g_atomic_ref_count_init(&buffer->refs);
    buffer->device = qtr_device_ref(device);
    buffer->mem = mem;
    buffer->size = bytes;
    device->allocated += bytes;
    return buffer;
}

QtrBuffer *qtr_buffer_ref(QtrBuffer *buffer)
{
    g_atomic_ref_count_inc(&buffer->refs);
    return buffer;
}

/* Afterwards the queue no longer reads the buffer's staging memory. */
static cl_int wait_for_staging(QtrBuffer *buffer)
{
    cl_int code;

    if (!buffer->staged)
        return CL_SUCCESS;
    code = clWaitForEvents(1, &buffer->staged);
    clReleaseEvent(buffer->staged);
    buffer->staged = NULL;
    return code;
}

void qtr_buffer_unref(QtrBuffer *buffer)
{
    if (!buffer || !g_atomic_ref_count_dec(&buffer->refs))
        return;
    (void)wait_for_staging(buffer);
    g_free(buffer->staging);
    clReleaseMemObject(buffer->mem);
    buffer->device->allocated -= buffer->size;
    qtr_device_unref(buffer->device);
    g_free(buffer);
}

gsize qtr_buffer_size(const QtrBuffer *buffer)
{
    return buffer->size;
}

static gboolean is_inside(const QtrBuffer *buffer, gsize offset, gsize size)
{
    return offset <= buffer->size && size <= buffer->size - offset;
}

void *qtr_buffer_stage(QtrBuffer *buffer, gsize size, GError **error)
{
    cl_int code = wait_for_staging(buffer);

    g_assert(size > 0 && size <= buffer->size);
    if (code != CL_SUCCESS) {
        qtr_cl_fail(error, code, "an earlier write to the device failed");
        return NULL;
    }
    if (size > buffer->staging_size) {
        buffer->staging = g_realloc(buffer->staging, size);
        buffer->staging_size = size;
    }
    return buffer->staging;
}

static gboolean check_write(cl_int code, gsize size, GError **error)
{
    return code == CL_SUCCESS ||
           qtr_cl_fail(error, code, "writing %" G_GSIZE_FORMAT " bytes to the device failed", size);
}

gboolean qtr_buffer_write_staged(QtrBuffer *buffer, gsize offset, gsize size, GError **error)
{
    g_assert(is_inside(buffer, offset, size) && size <= buffer->staging_size && !buffer->staged);
    if (size == 0)
        return TRUE;
    return check_write(clEnqueueWriteBuffer(buffer->device->queue, buffer->mem, CL_FALSE, offset,
                                            size, buffer->staging, 0, NULL, &buffer->staged),
                       size, error);
}

gboolean qtr_buffer_write(QtrBuffer *buffer, gsize offset, const void *data, gsize size,
                          GError **error)
{
    void *copy;

    g_assert(is_inside(buffer, offset, size));
    if (size == 0)
        return TRUE;
    if (size > COPIED_WRITE_MAX)
        return check_write(clEnqueueWriteBuffer(buffer->device->queue, buffer->mem, CL_TRUE, offset,
                                                size, data, 0, NULL, NULL),
                           size, error);
    copy = qtr_buffer_stage(buffer, size, error);
    if (!copy)
        return FALSE;
    memcpy(copy, data, size);
    return qtr_buffer_write_staged(buffer, offset, size, error);
}

gboolean qtr_buffer_read(QtrBuffer *buffer, gsize offset, void *data, gsize size, GError **error)
{
    cl_int code;

    g_assert(is_inside(buffer, offset, size));
    if (size == 0)
        return TRUE;
    code = clEnqueueReadBuffer(buffer->device->queue, buffer->mem, CL_TRUE, offset, size, data, 0,
                               NULL, NULL);
    if (code != CL_SUCCESS)
        return qtr_cl_fail(error, code, "reading %" G_GSIZE_FORMAT " bytes from the device failed",
                           size);
    return TRUE;
}

gboolean qtr_buffer_zero(QtrBuffer *buffer, GError **error)
{
    cl_int code = fill_zero(buffer->device->queue, buffer->mem, padded(buffer->size));

    if (code != CL_SUCCESS)
        return qtr_cl_fail(error, code, "zeroing %" G_GSIZE_FORMAT " bytes on the device failed",
                           buffer->size);
    return TRUE;
}
