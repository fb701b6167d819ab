#include "run/events.h"

#include "base/error.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((gsize)16 << 20)
#define CHUNK 65536
#define EVENT_DEPTH 8 /* room for members this version does not know */

struct QtrEventsReader {
    char *path;
    int fd;
    GString *pending; /* read but not consumed */
    gsize scanned;    /* of pending: holds no newline */
    goffset offset;   /* of pending in the file */
    guint64 line;
    guint skipped;
    gboolean too_long; /* dropping the rest of an overlong line */
};

QtrEventsReader *qtr_events_reader_new(const char *path)
{
    QtrEventsReader *reader = g_new0(QtrEventsReader, 1);

    reader->path = g_strdup(path);
    reader->fd = -1;
    reader->pending = g_string_new(NULL);
    return reader;
}

void qtr_events_reader_free(QtrEventsReader *reader)
{
    if (!reader)
        return;
    if (reader->fd >= 0)
        (void)close(reader->fd);
    g_string_free(reader->pending, TRUE);
    g_free(reader->path);
    g_free(reader);
}

guint qtr_events_reader_skipped(const QtrEventsReader *reader)
{
    return reader->skipped;
}

goffset qtr_events_reader_offset(const QtrEventsReader *reader)
{
    return reader->offset;
}

static void fail(QtrEventsReader *reader, GError **error)
{
    int code = errno;

    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot read %s: %s", reader->path,
                g_strerror(code));
}

static gboolean open_file(QtrEventsReader *reader, GError **error)
{
    if (reader->fd < 0) {
        reader->fd = open(reader->path, O_RDONLY | O_CLOEXEC);
        if (reader->fd < 0 && errno != ENOENT)
            fail(reader, error);
    }
    return reader->fd >= 0;
}

static void consume(QtrEventsReader *reader, gsize bytes)
{
    g_string_erase(reader->pending, 0, (gssize)bytes);
    reader->offset += (goffset)bytes;
    reader->scanned = 0;
}

/* Reads on until `pending` holds a newline; its place, or -1 at the end so far. */
static gssize find_line(QtrEventsReader *reader, GError **error)
{
    for (;;) {
        GString *pending = reader->pending;
        const char *newline =
            memchr(pending->str + reader->scanned, '\n', pending->len - reader->scanned);
        gsize had = pending->len;
        gssize got;

        if (newline)
            return newline - pending->str;
        if (had > LINE_MAX_BYTES) {
            consume(reader, had);
            reader->too_long = TRUE;
            had = 0;
        }
        reader->scanned = had;
        g_string_set_size(pending, had + CHUNK);
        do
            got = pread(reader->fd, pending->str + had, CHUNK, reader->offset + (goffset)had);
        while (got < 0 && errno == EINTR);
        g_string_set_size(pending, had + (gsize)MAX(got, 0));
        if (got < 0)
            fail(reader, error);
        if (got <= 0) {
            /* A resumed run replaces its half line, so that is read anew next time. */
            g_string_truncate(pending, 0);
            reader->scanned = 0;
            return -1;
        }
    }
}

static QtrEvent *parse_line(QtrEventsReader *reader, gsize length)
{
    g_autofree char *origin = g_strdup_printf("%s:%" G_GUINT64_FORMAT, reader->path, reader->line);
    g_autoptr(JsonObject) object =
        qtr_json_parse_object(reader->pending->str, length, EVENT_DEPTH, origin, NULL);
    QtrEvent *event;
    gint64 seq;

    if (!object)
        return NULL;
    event = g_new0(QtrEvent, 1);
    event->object = g_steal_pointer(&object);
    event->type = qtr_event_string(event, "type");
    event->time = qtr_event_number(event, "time");
    seq = json_object_get_int_member_with_default(event->object, "seq", 0);
    event->seq = seq > 0 ? (guint64)seq : 0;
    if (!event->type || event->seq == 0 || !isfinite(event->time))
        g_clear_pointer(&event, qtr_event_free);
    return event;
}

QtrEvent *qtr_events_reader_next(QtrEventsReader *reader, GError **error)
{
    QtrEvent *event = NULL;

    if (!open_file(reader, error))
        return NULL;
    while (!event) {
        gssize length = find_line(reader, error);

        if (length < 0)
            return NULL;
        reader->line++;
        if (!reader->too_long)
            event = parse_line(reader, (gsize)length);
        if (!event)
            reader->skipped++;
        reader->too_long = FALSE;
        consume(reader, (gsize)length + 1);
    }
    return event;
}

void qtr_event_free(QtrEvent *event)
{
    if (!event)
        return;
    json_object_unref(event->object);
    g_free(event);
}

double qtr_event_number(const QtrEvent *event, const char *name)
{
    JsonNode *node = json_object_get_member(event->object, name);
    GType type = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_NONE;

    return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double(node) : NAN;
}

const char *qtr_event_string(const QtrEvent *event, const char *name)
{
    JsonNode *node = json_object_get_member(event->object, name);

    return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
}
