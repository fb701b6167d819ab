#include "run/tensorboard.h"

#include "base/error.h"
#include "base/file.h"
#include "run/tensorboard-crc.h"
#include "run/tfevents.pb-c.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES 65536

struct QtrTensorboard {
    GMutex lock;
    char *path;
    int fd;
    GByteArray *pending;
};

/* A TFRecord: u64 length, its checksum, the message, its checksum; little-endian. */
static void append_record(QtrTensorboard *board, const Qtr__Tfevents__Event *event)
{
    gsize size = qtr__tfevents__event__get_packed_size(event);
    g_autofree guint8 *message = g_malloc(size);
    guint64 length = GUINT64_TO_LE((guint64)size);
    guint32 length_crc = GUINT32_TO_LE(qtr_crc32c_masked(&length, sizeof length));
    guint32 message_crc;

    qtr__tfevents__event__pack(event, message);
    message_crc = GUINT32_TO_LE(qtr_crc32c_masked(message, size));
    g_byte_array_append(board->pending, (const guint8 *)&length, sizeof length);
    g_byte_array_append(board->pending, (const guint8 *)&length_crc, sizeof length_crc);
    g_byte_array_append(board->pending, message, (guint)size);
    g_byte_array_append(board->pending, (const guint8 *)&message_crc, sizeof message_crc);
}

static void init_event(Qtr__Tfevents__Event *event)
{
    qtr__tfevents__event__init(event);
    event->wall_time = (double)g_get_real_time() / G_USEC_PER_SEC;
}

static void append_file_version(QtrTensorboard *board)
{
    Qtr__Tfevents__Event event;
    char version[] = "brain.Event:2";

    init_event(&event);
    event.what_case = QTR__TFEVENTS__EVENT__WHAT_FILE_VERSION;
    event.file_version = version;
    append_record(board, &event);
}

static void append_session_start(QtrTensorboard *board, gint64 step)
{
    Qtr__Tfevents__Event event;
    Qtr__Tfevents__SessionLog log = QTR__TFEVENTS__SESSION_LOG__INIT;

    init_event(&event);
    event.step = step;
    event.what_case = QTR__TFEVENTS__EVENT__WHAT_SESSION_LOG;
    event.session_log = &log;
    log.status = QTR__TFEVENTS__SESSION_LOG__STATUS__START;
    append_record(board, &event);
}

static gboolean flush(QtrTensorboard *board, GError **error)
{
    if (!qtr_file_write_all(board->fd, board->pending->data, board->pending->len, error)) {
        g_prefix_error(error, "%s: ", board->path);
        return FALSE;
    }
    g_byte_array_set_size(board->pending, 0);
    return TRUE;
}

/* TensorBoard reads a folder's files in the order of their names, so time comes first. */
static gboolean create_file(QtrTensorboard *board, const char *dir, GError **error)
{
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    for (int i = 0; i < 1000; i++) {
        g_autofree char *name =
            g_strdup_printf("events.out.tfevents.%010" G_GINT64_FORMAT ".%s.%d.%d", now,
                            g_get_host_name(), (int)getpid(), i);

        g_free(board->path);
        board->path = g_build_filename(dir, name, NULL);
        board->fd = open(board->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
        if (board->fd >= 0)
            return TRUE;
        if (errno != EEXIST)
            break;
    }
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot create %s: %s", board->path,
                g_strerror(errno));
    return FALSE;
}

QtrTensorboard *qtr_tensorboard_open(const char *dir, gint64 purge_step, GError **error)
{
    g_autoptr(QtrTensorboard) board = g_new0(QtrTensorboard, 1);

    g_mutex_init(&board->lock);
    board->fd = -1;
    board->pending = g_byte_array_new();
    if (!create_file(board, dir, error))
        return NULL;
    append_file_version(board);
    if (purge_step >= 0)
        append_session_start(board, purge_step);
    if (!flush(board, error))
        return NULL;
    return g_steal_pointer(&board);
}

void qtr_tensorboard_close(QtrTensorboard *board)
{
    if (!board)
        return;
    if (board->fd >= 0) {
        (void)flush(board, NULL);
        (void)close(board->fd);
    }
    g_byte_array_unref(board->pending);
    g_mutex_clear(&board->lock);
    g_free(board->path);
    g_free(board);
}

gboolean qtr_tensorboard_scalar(QtrTensorboard *board, const char *tag, gint64 step, double value,
                                GError **error)
{
    Qtr__Tfevents__Event event;
    Qtr__Tfevents__Summary summary = QTR__TFEVENTS__SUMMARY__INIT;
    Qtr__Tfevents__Summary__Value item = QTR__TFEVENTS__SUMMARY__VALUE__INIT;
    Qtr__Tfevents__Summary__Value *items = &item;
    gboolean ok;

    g_return_val_if_fail(g_utf8_validate(tag, -1, NULL), FALSE);
    init_event(&event);
    event.step = step;
    event.what_case = QTR__TFEVENTS__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    summary.n_value = 1;
    summary.value = &items;
    item.tag = (char *)tag;
    item.value_case = QTR__TFEVENTS__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
    item.simple_value = (float)value;
    g_mutex_lock(&board->lock);
    append_record(board, &event);
    ok = board->pending->len < BUFFER_BYTES || flush(board, error);
    g_mutex_unlock(&board->lock);
    return ok;
}

gboolean qtr_tensorboard_flush(QtrTensorboard *board, GError **error)
{
    gboolean ok;

    g_mutex_lock(&board->lock);
    ok = flush(board, error);
    g_mutex_unlock(&board->lock);
    return ok;
}

const char *qtr_tensorboard_path(const QtrTensorboard *board)
{
    return board->path;
}
