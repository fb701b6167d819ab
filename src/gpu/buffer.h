#pragma once
#include "gpu/device.h"

/* Device memory. */
typedef struct QtrBuffer QtrBuffer;

/* `bytes` of zeros (on GPUs filled, which makes lazy drivers commit, so that a lack of memory shows
 * here as QTR_ERROR_MEMORY). */
QtrBuffer *qtr_buffer_new(QtrDevice *device, gsize bytes, GError **error);
QtrBuffer *qtr_buffer_ref(QtrBuffer *buffer);
void qtr_buffer_unref(QtrBuffer *buffer); /* NULL-safe */
gsize qtr_buffer_size(const QtrBuffer *buffer);

/* In queue order with the commands. write copies `data` before it returns; read blocks. Offsets and
 * sizes in bytes. */
gboolean qtr_buffer_write(QtrBuffer *buffer, gsize offset, const void *data, gsize size,
                          GError **error);
/* The same without a copy: `size` bytes of the buffer's own staging memory to fill (waits for the
 * last staged write, but for nothing enqueued behind it), and their way to the device. Valid until
 * the next call with this buffer. */
void *qtr_buffer_stage(QtrBuffer *buffer, gsize size, GError **error);
gboolean qtr_buffer_write_staged(QtrBuffer *buffer, gsize offset, gsize size, GError **error);
gboolean qtr_buffer_read(QtrBuffer *buffer, gsize offset, void *data, gsize size, GError **error);
gboolean qtr_buffer_zero(QtrBuffer *buffer, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrBuffer, qtr_buffer_unref)
