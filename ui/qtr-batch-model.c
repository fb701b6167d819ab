#include "qtr-batch-model.h"

#include "qtr-run-builder.h"
#include "run/folder.h"

#include <glib/gi18n.h>
#include <string.h>

#define POLL_MS 1000

const char *qtr_stand_title(QtrStand stand)
{
    static const char *const titles[] = {N_("Queued"), N_("Running"), N_("Stopped"), N_("Done"),
                                         N_("Failed")};

    return _(titles[stand]);
}

const char *qtr_stand_icon(QtrStand stand)
{
    static const char *const icons[] = {"content-loading-symbolic", "media-playback-start-symbolic",
                                        "media-playback-pause-symbolic", "object-select-symbolic",
                                        "dialog-error-symbolic"};

    return icons[stand];
}

struct _QtrTrialItem {
    GObject parent_instance;

    GPtrArray *trials; /* keeps `trial` alive */
    const QtrTrial *trial;
    QtrRunSnapshot *snapshot; /* or NULL */
    gboolean is_alive;        /* the batch has a process */
    guint revision;
};

G_DEFINE_FINAL_TYPE(QtrTrialItem, qtr_trial_item, G_TYPE_OBJECT)

enum { ITEM_PROP_0, ITEM_PROP_REVISION, ITEM_N_PROPS };
static GParamSpec *item_properties[ITEM_N_PROPS];

static void qtr_trial_item_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    g_value_set_uint(value, QTR_TRIAL_ITEM(object)->revision);
}

static void qtr_trial_item_finalize(GObject *object)
{
    QtrTrialItem *item = QTR_TRIAL_ITEM(object);

    g_ptr_array_unref(item->trials);
    g_clear_pointer(&item->snapshot, qtr_run_snapshot_unref);
    G_OBJECT_CLASS(qtr_trial_item_parent_class)->finalize(object);
}

static void qtr_trial_item_class_init(QtrTrialItemClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);

    object_class->get_property = qtr_trial_item_get_property;
    object_class->finalize = qtr_trial_item_finalize;
    item_properties[ITEM_PROP_REVISION] = g_param_spec_uint(
        "revision", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, ITEM_N_PROPS, item_properties);
}

static void qtr_trial_item_init(QtrTrialItem *item)
{
}

const QtrTrial *qtr_trial_item_get_trial(QtrTrialItem *item)
{
    return item->trial;
}

QtrRunSnapshot *qtr_trial_item_get_snapshot(QtrTrialItem *item)
{
    return item->snapshot;
}

QtrStand qtr_trial_item_get_stand(QtrTrialItem *item)
{
    switch (item->trial->state) {
    case QTR_TRIAL_DONE:
        return QTR_STAND_DONE;
    case QTR_TRIAL_FAILED:
        return QTR_STAND_FAILED;
    case QTR_TRIAL_RUNNING:
        return item->is_alive ? QTR_STAND_RUNNING : QTR_STAND_STOPPED;
    default:
        return item->snapshot ? QTR_STAND_STOPPED : QTR_STAND_QUEUED;
    }
}

/* Shares of the work, roughly as they take time. */
double qtr_trial_item_get_fraction(QtrTrialItem *item)
{
    static const struct {
        const char *kind;
        double begin, share;
    } jobs[] = {{"search", 0, 0.5}, {"train", 0.5, 0.45}, {"validate", 0.95, 0.05}};

    if (item->trial->state == QTR_TRIAL_DONE)
        return 1;
    for (gsize i = 0; item->snapshot && i < G_N_ELEMENTS(jobs); i++)
        if (g_strcmp0(item->snapshot->kind, jobs[i].kind) == 0)
            return jobs[i].begin + jobs[i].share * qtr_run_snapshot_fraction(item->snapshot);
    return 0;
}

/* What one reading finds. */
typedef struct {
    char *dir;
    GPtrArray *trials;    /* QtrTrial */
    GPtrArray *snapshots; /* QtrRunSnapshot or NULL, one a trial */
    int pid;
    gboolean paused;
    char *failure;
} Reading;

static void unref_snapshot(gpointer snapshot)
{
    if (snapshot)
        qtr_run_snapshot_unref(snapshot);
}

static void reading_free(gpointer data)
{
    Reading *reading = data;

    g_free(reading->dir);
    g_free(reading->failure);
    g_clear_pointer(&reading->trials, g_ptr_array_unref);
    g_clear_pointer(&reading->snapshots, g_ptr_array_unref);
    g_free(reading);
}

struct _QtrBatchModel {
    GObject parent_instance;

    char *dir;
    GListStore *items;
    Reading *last;
    GCancellable *cancellable;
    guint timer;
    gboolean reading;
};

static GType item_type(GListModel *model)
{
    return QTR_TYPE_TRIAL_ITEM;
}

static guint n_items(GListModel *model)
{
    return g_list_model_get_n_items(G_LIST_MODEL(((QtrBatchModel *)model)->items));
}

static gpointer item_at(GListModel *model, guint position)
{
    return g_list_model_get_item(G_LIST_MODEL(((QtrBatchModel *)model)->items), position);
}

static void list_model_init(GListModelInterface *iface)
{
    iface->get_item_type = item_type;
    iface->get_n_items = n_items;
    iface->get_item = item_at;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(QtrBatchModel, qtr_batch_model, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static guint changed_signal;

/* The snapshot of a folder if its run has begun. */
static QtrRunSnapshot *load_folder(const char *batch_dir, const char *folder)
{
    g_autofree char *dir = folder ? g_build_filename(batch_dir, folder, NULL) : NULL;
    g_autofree char *events = dir ? qtr_folder_path(dir, QTR_FOLDER_EVENTS) : NULL;

    return events && g_file_test(events, G_FILE_TEST_EXISTS) ? qtr_run_snapshot_load(dir) : NULL;
}

static QtrRunSnapshot *load_trial(const char *dir, const QtrTrial *trial)
{
    QtrRunSnapshot *s = load_folder(dir, trial->train_dir);

    return s ? s : load_folder(dir, trial->search_dir);
}

static void read_snapshots(Reading *reading, const Reading *before)
{
    reading->snapshots = g_ptr_array_new_with_free_func(unref_snapshot);
    for (guint i = 0; i < reading->trials->len; i++) {
        const QtrTrial *trial = g_ptr_array_index(reading->trials, i);
        const QtrTrial *old =
            before->trials && i < before->trials->len ? g_ptr_array_index(before->trials, i) : NULL;
        QtrRunSnapshot *known = old ? g_ptr_array_index(before->snapshots, i) : NULL;

        /* What is done does not change any more. */
        if (known && trial->state == QTR_TRIAL_DONE && old->state == QTR_TRIAL_DONE)
            g_ptr_array_add(reading->snapshots, qtr_run_snapshot_ref(known));
        else
            g_ptr_array_add(reading->snapshots, load_trial(reading->dir, trial));
    }
}

/* The thread reads what was before: nobody changes that. */
static gpointer acquire(gconstpointer snapshot, gpointer unused)
{
    return snapshot ? qtr_run_snapshot_ref((QtrRunSnapshot *)snapshot) : NULL;
}

static void keep(Reading *reading, const Reading *before)
{
    reading->trials = g_ptr_array_ref(before->trials);
    reading->snapshots = g_ptr_array_copy(before->snapshots, acquire, NULL);
    g_ptr_array_set_free_func(reading->snapshots, unref_snapshot);
}

static void read_in_thread(GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
    const Reading *before = data;
    Reading *reading = g_new0(Reading, 1);
    g_autoptr(GError) error = NULL;

    reading->dir = g_strdup(before->dir);
    /* Before the batch has made it there is nothing to keep. */
    if (before->trials && before->trials->len > 0 &&
        !g_file_test(before->dir, G_FILE_TEST_IS_DIR)) {
        reading->failure = g_strdup(_("The folder is gone; this is what was in it"));
        keep(reading, before);
        g_task_return_pointer(task, reading, reading_free);
        return;
    }
    reading->pid = qtr_batch_pid(reading->dir);
    reading->paused = qtr_batch_is_paused(reading->dir);
    reading->trials = qtr_batch_read(reading->dir, &error);
    if (!reading->trials) {
        reading->failure = g_strdup(error ? error->message : NULL);
        reading->trials = g_ptr_array_new();
    }
    read_snapshots(reading, before);
    g_task_return_pointer(task, reading, reading_free);
}

static void update_item(QtrTrialItem *item, const Reading *reading, guint i)
{
    QtrRunSnapshot *snapshot = g_ptr_array_index(reading->snapshots, i);

    g_ptr_array_ref(reading->trials);
    g_clear_pointer(&item->trials, g_ptr_array_unref);
    item->trials = reading->trials;
    item->trial = g_ptr_array_index(reading->trials, i);
    g_clear_pointer(&item->snapshot, qtr_run_snapshot_unref);
    item->snapshot = snapshot ? qtr_run_snapshot_ref(snapshot) : NULL;
    item->is_alive = reading->pid > 0;
    item->revision++;
    g_object_notify_by_pspec(G_OBJECT(item), item_properties[ITEM_PROP_REVISION]);
}

static void apply(QtrBatchModel *self, const Reading *reading)
{
    GListModel *model = G_LIST_MODEL(self->items);
    guint n = g_list_model_get_n_items(model);

    if (n > reading->trials->len)
        g_list_store_splice(self->items, reading->trials->len, n - reading->trials->len, NULL, 0);
    for (guint i = 0; i < reading->trials->len; i++) {
        g_autoptr(QtrTrialItem) item = g_list_model_get_item(model, i);

        if (item) {
            update_item(item, reading, i);
            continue;
        }
        item = g_object_new(QTR_TYPE_TRIAL_ITEM, NULL);
        update_item(item, reading, i);
        g_list_store_append(self->items, item);
    }
}

static void on_read(GObject *object, GAsyncResult *result, gpointer user_data)
{
    QtrBatchModel *self = QTR_BATCH_MODEL(object);
    Reading *reading = g_task_propagate_pointer(G_TASK(result), NULL);

    self->reading = FALSE;
    if (!reading)
        return;
    apply(self, reading);
    g_clear_pointer(&self->last, reading_free);
    self->last = reading;
    g_signal_emit(self, changed_signal, 0);
}

static Reading *remember(QtrBatchModel *self)
{
    Reading *before = g_new0(Reading, 1);

    before->dir = g_strdup(self->dir);
    if (self->last)
        keep(before, self->last);
    return before;
}

void qtr_batch_model_refresh(QtrBatchModel *self)
{
    g_autoptr(GTask) task = NULL;

    g_return_if_fail(QTR_IS_BATCH_MODEL(self));
    if (self->reading)
        return;
    self->reading = TRUE;
    task = g_task_new(self, self->cancellable, on_read, NULL);
    g_task_set_priority(task, G_PRIORITY_LOW);
    g_task_set_task_data(task, remember(self), reading_free);
    g_task_run_in_thread(task, read_in_thread);
}

static gboolean on_timer(gpointer user_data)
{
    qtr_batch_model_refresh(user_data);
    return G_SOURCE_CONTINUE;
}

static void on_items_changed(GListModel *model, guint position, guint removed, guint added,
                             QtrBatchModel *self)
{
    g_list_model_items_changed(G_LIST_MODEL(self), position, removed, added);
}

static void qtr_batch_model_dispose(GObject *object)
{
    QtrBatchModel *self = QTR_BATCH_MODEL(object);

    g_clear_handle_id(&self->timer, g_source_remove);
    g_cancellable_cancel(self->cancellable);
    if (self->items)
        g_signal_handlers_disconnect_by_data(self->items, self);
    g_clear_object(&self->items);
    G_OBJECT_CLASS(qtr_batch_model_parent_class)->dispose(object);
}

static void qtr_batch_model_finalize(GObject *object)
{
    QtrBatchModel *self = QTR_BATCH_MODEL(object);

    g_object_unref(self->cancellable);
    g_clear_pointer(&self->last, reading_free);
    g_free(self->dir);
    G_OBJECT_CLASS(qtr_batch_model_parent_class)->finalize(object);
}

static void qtr_batch_model_class_init(QtrBatchModelClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = qtr_batch_model_dispose;
    G_OBJECT_CLASS(klass)->finalize = qtr_batch_model_finalize;
    changed_signal = g_signal_new("changed", QTR_TYPE_BATCH_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void qtr_batch_model_init(QtrBatchModel *self)
{
    self->cancellable = g_cancellable_new();
    self->items = g_list_store_new(QTR_TYPE_TRIAL_ITEM);
    g_signal_connect(self->items, "items-changed", G_CALLBACK(on_items_changed), self);
    self->timer = g_timeout_add_full(G_PRIORITY_LOW, POLL_MS, on_timer, self, NULL);
}

QtrBatchModel *qtr_batch_model_new(const char *dir)
{
    QtrBatchModel *self = g_object_new(QTR_TYPE_BATCH_MODEL, NULL);

    self->dir = g_canonicalize_filename(dir, NULL);
    qtr_batch_model_refresh(self);
    return self;
}

const char *qtr_batch_model_get_dir(QtrBatchModel *self)
{
    return self->dir;
}

int qtr_batch_model_get_pid(QtrBatchModel *self)
{
    return self->last ? self->last->pid : 0;
}

gboolean qtr_batch_model_is_paused(QtrBatchModel *self)
{
    return self->last && self->last->paused;
}

const char *qtr_batch_model_get_failure(QtrBatchModel *self)
{
    return self->last ? self->last->failure : NULL;
}

guint qtr_batch_model_count(QtrBatchModel *self, QtrStand stand)
{
    GListModel *model = G_LIST_MODEL(self->items);
    guint n = 0;

    for (guint i = 0; i < g_list_model_get_n_items(model); i++) {
        g_autoptr(QtrTrialItem) item = g_list_model_get_item(model, i);

        n += qtr_trial_item_get_stand(item) == stand;
    }
    return n;
}
