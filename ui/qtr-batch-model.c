#include "qtr-batch-model.h"

#include "qtr-batch-reading.h"

#define POLL_MS 1000

struct _QtrBatchModel {
    GObject parent_instance;

    char *dir;
    GListStore *items;
    QtrBatchReading *last;
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

static void apply(QtrBatchModel *self, const QtrBatchReading *reading)
{
    GListModel *model = G_LIST_MODEL(self->items);
    guint n = g_list_model_get_n_items(model);
    gboolean running = reading->runner != QTR_BATCH_IDLE;

    if (n > reading->trials->len)
        g_list_store_splice(self->items, reading->trials->len, n - reading->trials->len, NULL, 0);
    for (guint i = 0; i < reading->trials->len; i++) {
        g_autoptr(QtrTrialItem) item = g_list_model_get_item(model, i);
        gboolean is_new = !item;

        if (is_new)
            item = g_object_new(QTR_TYPE_TRIAL_ITEM, NULL);
        qtr_trial_item_update(item, reading->trials, i, g_ptr_array_index(reading->snapshots, i),
                              running);
        if (is_new)
            g_list_store_append(self->items, item);
    }
}

static void on_read(GObject *object, GAsyncResult *result, gpointer user_data)
{
    QtrBatchModel *self = QTR_BATCH_MODEL(object);
    QtrBatchReading *reading = g_task_propagate_pointer(G_TASK(result), NULL);

    self->reading = FALSE;
    if (!reading)
        return;
    apply(self, reading);
    g_clear_pointer(&self->last, qtr_batch_reading_free);
    self->last = reading;
    g_signal_emit(self, changed_signal, 0);
}

/* For the thread, which must not see what the main thread changes. */
typedef struct {
    char *dir;
    QtrBatchReading *before;
} Request;

static void request_free(gpointer data)
{
    Request *request = data;

    qtr_batch_reading_free(request->before);
    g_free(request->dir);
    g_free(request);
}

static Request *request_new(QtrBatchModel *self)
{
    Request *request = g_new0(Request, 1);

    request->dir = g_strdup(self->dir);
    request->before = self->last ? qtr_batch_reading_copy(self->last) : NULL;
    return request;
}

static void free_reading(gpointer reading)
{
    qtr_batch_reading_free(reading);
}

static void read_in_thread(GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
    const Request *request = data;

    g_task_return_pointer(task, qtr_batch_reading_new(request->dir, request->before), free_reading);
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
    g_task_set_task_data(task, request_new(self), request_free);
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
    g_clear_pointer(&self->last, qtr_batch_reading_free);
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

gboolean qtr_batch_model_is_running(QtrBatchModel *self)
{
    return self->last && self->last->runner != QTR_BATCH_IDLE;
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
