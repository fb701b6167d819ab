#include "run/events.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct QtrEvents {
    GMutex lock;
    char *path;
    int fd;
    goffset end; /* of the last whole line */
    guint64 seq; /* of the last event */
};

static gboolean fail(GError **error, const char *verb, const char *path)
{
    int code = errno;

    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot %s %s: %s", verb, path, g_strerror(code));
    return FALSE;
}

static gboolean continue_file(QtrEvents *events, GError **error)
{
    g_autoptr(QtrEventsReader) reader = qtr_events_reader_new(events->path);
    g_autoptr(GError) inner = NULL;
    QtrEvent *event;

    while ((event = qtr_events_reader_next(reader, &inner))) {
        events->seq = MAX(events->seq, event->seq);
        qtr_event_free(event);
    }
    if (inner) {
        g_propagate_error(error, g_steal_pointer(&inner));
        return FALSE;
    }
    events->end = qtr_events_reader_offset(reader);
    return ftruncate(events->fd, events->end) == 0 || fail(error, "cut", events->path);
}

QtrEvents *qtr_events_open(const char *path, GError **error)
{
    g_autoptr(QtrEvents) events = g_new0(QtrEvents, 1);

    g_mutex_init(&events->lock);
    events->path = g_strdup(path);
    events->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (events->fd < 0) {
        fail(error, "open", path);
        return NULL;
    }
    if (flock(events->fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                        "%s is being written by another process: this run is still going on", path);
        else
            fail(error, "lock", path);
        return NULL;
    }
    if (!continue_file(events, error))
        return NULL;
    return g_steal_pointer(&events);
}

void qtr_events_close(QtrEvents *events)
{
    if (!events)
        return;
    if (events->fd >= 0)
        (void)close(events->fd);
    g_mutex_clear(&events->lock);
    g_free(events->path);
    g_free(events);
}

static gboolean append_line(QtrEvents *events, const GString *line, GError **error)
{
    if (qtr_file_write_all(events->fd, line->str, line->len, error)) {
        events->end += (goffset)line->len;
        return TRUE;
    }
    /* A line cut short by a full disk would swallow the next one. */
    if (ftruncate(events->fd, events->end) != 0)
        g_prefix_error(error, "%s is left with half a line: ", events->path);
    else
        g_prefix_error(error, "%s: ", events->path);
    return FALSE;
}

gboolean qtr_events_write(QtrEvents *events, const char *type, JsonObject *members, GError **error)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(GString) line = NULL;
    g_autofree char *text = NULL;
    JsonObject *object = json_object_new();
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;
    gboolean ok;

    g_mutex_lock(&events->lock);
    json_object_set_int_member(object, "seq", (gint64)events->seq + 1);
    json_object_set_double_member(object, "time", (double)g_get_real_time() / G_USEC_PER_SEC);
    json_object_set_string_member(object, "type", type);
    json_object_iter_init_ordered(&iter, members);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        g_warn_if_fail(!json_object_has_member(object, name));
        json_object_set_member(object, name, json_node_copy(value));
    }
    json_node_take_object(node, object);
    text = qtr_json_text(node, FALSE);
    line = g_string_new(text);
    g_string_append_c(line, '\n');
    ok = append_line(events, line, error);
    if (ok)
        events->seq++;
    g_mutex_unlock(&events->lock);
    json_object_unref(members);
    return ok;
}
