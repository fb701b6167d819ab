#include "qtr-run-folder.h"

#include "qtr-run-builder.h"
#include "run/folder.h"

#include <gio/gio.h>
#include <sys/stat.h>

#define GAP_MS 250          /* between two readings */
#define POLL_SECONDS 2      /* where nobody tells of changes, and for processes that die */
#define EVENTS_AT_ONCE 4000 /* then what there is gets shown */

/* What the reading thread works with; only one reading is under way at a time. */
typedef struct {
    char *dir, *path;
    QtrRunBuilder *builder;
    QtrEventsReader *reader;
    guint64 inode;
    gboolean more; /* the last reading stopped before the end */
} Source;

struct _QtrRunFolder {
    GObject parent_instance;

    char *dir;
    QtrRunSnapshot *snapshot;
    Source *source; /* the task's while `reading` */
    GFileMonitor *monitor;
    GCancellable *cancellable;
    guint timer, poll;
    gboolean reading, changed;
};

G_DEFINE_FINAL_TYPE(QtrRunFolder, qtr_run_folder, G_TYPE_OBJECT)

enum { PROP_0, PROP_DIR, PROP_SNAPSHOT, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void source_begin(Source *source)
{
    g_clear_pointer(&source->builder, qtr_run_builder_free);
    g_clear_pointer(&source->reader, qtr_events_reader_free);
    source->builder = qtr_run_builder_new(source->dir);
    source->reader = qtr_events_reader_new(source->path);
}

static Source *source_new(const char *dir)
{
    Source *source = g_atomic_rc_box_new0(Source);

    source->dir = g_strdup(dir);
    source->path = qtr_folder_path(dir, QTR_FOLDER_EVENTS);
    source_begin(source);
    return source;
}

static void source_clear(gpointer data)
{
    Source *source = data;

    qtr_run_builder_free(source->builder);
    qtr_events_reader_free(source->reader);
    g_free(source->dir);
    g_free(source->path);
}

static void source_unref(gpointer source)
{
    g_atomic_rc_box_release_full(source, source_clear);
}

/* Another file under the same name, or a shorter one, is another run. */
static void check_file(Source *source)
{
    struct stat info;

    if (stat(source->path, &info) != 0)
        return;
    if (source->inode &&
        (info.st_ino != source->inode || info.st_size < qtr_events_reader_offset(source->reader)))
        source_begin(source);
    source->inode = info.st_ino;
}

static void read_in_thread(GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
    Source *source = data;
    guint n = 0;

    check_file(source);
    for (; n < EVENTS_AT_ONCE && !g_cancellable_is_cancelled(cancellable); n++) {
        g_autoptr(QtrEvent) event = qtr_events_reader_next(source->reader, NULL);

        if (!event)
            break;
        qtr_run_builder_add(source->builder, event);
    }
    source->more = n == EVENTS_AT_ONCE;
    qtr_run_builder_inspect(source->builder, qtr_events_reader_skipped(source->reader));
    g_task_return_pointer(task, qtr_run_builder_snapshot(source->builder),
                          (GDestroyNotify)qtr_run_snapshot_unref);
}

static void start_reading(QtrRunFolder *self);

static gboolean on_timer(gpointer user_data)
{
    QtrRunFolder *self = user_data;

    self->timer = 0;
    if (self->changed)
        start_reading(self);
    return G_SOURCE_REMOVE;
}

static void on_read(GObject *object, GAsyncResult *result, gpointer user_data)
{
    QtrRunFolder *self = QTR_RUN_FOLDER(object);
    QtrRunSnapshot *snapshot = g_task_propagate_pointer(G_TASK(result), NULL);

    self->reading = FALSE;
    if (!snapshot) /* disposed meanwhile */
        return;
    g_clear_pointer(&self->snapshot, qtr_run_snapshot_unref);
    self->snapshot = snapshot;
    if (self->source->more)
        self->changed = TRUE;
    self->timer =
        g_timeout_add_full(G_PRIORITY_LOW, self->source->more ? 1 : GAP_MS, on_timer, self, NULL);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_SNAPSHOT]);
}

static void start_reading(QtrRunFolder *self)
{
    g_autoptr(GTask) task = g_task_new(self, self->cancellable, on_read, NULL);

    self->reading = TRUE;
    self->changed = FALSE;
    g_task_set_source_tag(task, start_reading);
    g_task_set_priority(task, G_PRIORITY_LOW);
    g_task_set_task_data(task, g_atomic_rc_box_acquire(self->source), source_unref);
    g_task_run_in_thread(task, read_in_thread);
}

void qtr_run_folder_refresh(QtrRunFolder *self)
{
    g_return_if_fail(QTR_IS_RUN_FOLDER(self));
    self->changed = TRUE;
    if (!self->reading && !self->timer)
        start_reading(self);
}

static void on_changed(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
                       QtrRunFolder *self)
{
    qtr_run_folder_refresh(self);
}

static gboolean on_poll(gpointer user_data)
{
    QtrRunFolder *self = user_data;

    if (!self->snapshot || self->snapshot->missing || !qtr_run_state_is_over(self->snapshot->state))
        qtr_run_folder_refresh(self);
    return G_SOURCE_CONTINUE;
}

static void qtr_run_folder_constructed(GObject *object)
{
    QtrRunFolder *self = QTR_RUN_FOLDER(object);
    g_autoptr(GFile) file = g_file_new_for_path(self->dir);

    G_OBJECT_CLASS(qtr_run_folder_parent_class)->constructed(object);
    self->cancellable = g_cancellable_new();
    self->source = source_new(self->dir);
    /* Without a monitor the poll alone serves. */
    self->monitor = g_file_monitor_directory(file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
    if (self->monitor) {
        g_file_monitor_set_rate_limit(self->monitor, GAP_MS);
        g_signal_connect(self->monitor, "changed", G_CALLBACK(on_changed), self);
    }
    self->poll = g_timeout_add_seconds(POLL_SECONDS, on_poll, self);
    start_reading(self);
}

static void qtr_run_folder_dispose(GObject *object)
{
    QtrRunFolder *self = QTR_RUN_FOLDER(object);

    g_clear_handle_id(&self->timer, g_source_remove);
    g_clear_handle_id(&self->poll, g_source_remove);
    if (self->cancellable)
        g_cancellable_cancel(self->cancellable);
    g_clear_object(&self->cancellable);
    if (self->monitor)
        g_signal_handlers_disconnect_by_data(self->monitor, self);
    g_clear_object(&self->monitor);
    g_clear_pointer(&self->source, source_unref);
    g_clear_pointer(&self->snapshot, qtr_run_snapshot_unref);
    G_OBJECT_CLASS(qtr_run_folder_parent_class)->dispose(object);
}

static void qtr_run_folder_finalize(GObject *object)
{
    g_free(QTR_RUN_FOLDER(object)->dir);
    G_OBJECT_CLASS(qtr_run_folder_parent_class)->finalize(object);
}

static void qtr_run_folder_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    QtrRunFolder *self = QTR_RUN_FOLDER(object);

    if (id == PROP_DIR)
        g_value_set_string(value, self->dir);
    else if (id == PROP_SNAPSHOT)
        g_value_set_boxed(value, self->snapshot);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void qtr_run_folder_set_property(GObject *object, guint id, const GValue *value,
                                        GParamSpec *spec)
{
    QtrRunFolder *self = QTR_RUN_FOLDER(object);

    if (id == PROP_DIR)
        self->dir = g_canonicalize_filename(g_value_get_string(value), NULL);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void qtr_run_folder_class_init(QtrRunFolderClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);

    object_class->constructed = qtr_run_folder_constructed;
    object_class->dispose = qtr_run_folder_dispose;
    object_class->finalize = qtr_run_folder_finalize;
    object_class->get_property = qtr_run_folder_get_property;
    object_class->set_property = qtr_run_folder_set_property;
    properties[PROP_DIR] =
        g_param_spec_string("dir", NULL, NULL, NULL,
                            G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
    properties[PROP_SNAPSHOT] = g_param_spec_boxed("snapshot", NULL, NULL, QTR_TYPE_RUN_SNAPSHOT,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void qtr_run_folder_init(QtrRunFolder *self)
{
}

QtrRunFolder *qtr_run_folder_new(const char *dir)
{
    g_return_val_if_fail(dir != NULL, NULL);
    return g_object_new(QTR_TYPE_RUN_FOLDER, "dir", dir, NULL);
}

const char *qtr_run_folder_get_dir(QtrRunFolder *self)
{
    g_return_val_if_fail(QTR_IS_RUN_FOLDER(self), NULL);
    return self->dir;
}

QtrRunSnapshot *qtr_run_folder_get_snapshot(QtrRunFolder *self)
{
    g_return_val_if_fail(QTR_IS_RUN_FOLDER(self), NULL);
    return self->snapshot;
}
