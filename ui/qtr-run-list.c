#include "qtr-run-list.h"

#include "qtr-run-builder.h"
#include "run/folder.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define DEPTH_MAX 5
#define RUNS_MAX 5000

/* One run as the last scan found it. */
typedef struct {
    gint64 size, modified; /* of events.jsonl */
    QtrRunSnapshot *snapshot;
} Entry;

static void entry_free(gpointer data)
{
    Entry *entry = data;

    qtr_run_snapshot_unref(entry->snapshot);
    g_free(entry);
}

struct _QtrRunList {
    GObject parent_instance;

    char *folder;
    GListStore *items;
    GHashTable *entries; /* path -> Entry, of the last scan */
    GCancellable *cancellable;
    gboolean loading, again;
};

static GType run_list_item_type(GListModel *model)
{
    return QTR_TYPE_RUN_ITEM;
}

static guint run_list_n_items(GListModel *model)
{
    return g_list_model_get_n_items(G_LIST_MODEL(((QtrRunList *)model)->items));
}

static gpointer run_list_item(GListModel *model, guint position)
{
    return g_list_model_get_item(G_LIST_MODEL(((QtrRunList *)model)->items), position);
}

static void list_model_init(GListModelInterface *iface)
{
    iface->get_item_type = run_list_item_type;
    iface->get_n_items = run_list_n_items;
    iface->get_item = run_list_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(QtrRunList, qtr_run_list, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

enum { PROP_0, PROP_LOADING, N_PROPS };
static GParamSpec *properties[N_PROPS];

typedef struct {
    char *folder;
    GHashTable *before; /* of Entry, read only */
    GHashTable *found;
    GCancellable *cancellable; /* borrowed of the task */
} Scan;

static void scan_free(gpointer data)
{
    Scan *scan = data;

    g_free(scan->folder);
    g_clear_pointer(&scan->before, g_hash_table_unref);
    g_clear_pointer(&scan->found, g_hash_table_unref);
    g_free(scan);
}

static void take_run(Scan *scan, const char *dir, const GStatBuf *info)
{
    const Entry *old = scan->before ? g_hash_table_lookup(scan->before, dir) : NULL;
    Entry *entry = g_new0(Entry, 1);
    gboolean same;

    entry->size = info->st_size;
    entry->modified = info->st_mtime;
    /* A run that still goes may end without a word. */
    same = old && old->size == entry->size && old->modified == entry->modified &&
           qtr_run_state_is_over(old->snapshot->state);
    entry->snapshot = same ? qtr_run_snapshot_ref(old->snapshot) : qtr_run_snapshot_load(dir);
    g_hash_table_insert(scan->found, g_strdup(dir), entry);
}

static void scan_folder(Scan *scan, const char *dir, int depth)
{
    g_autofree char *events = qtr_folder_path(dir, QTR_FOLDER_EVENTS);
    g_autoptr(GDir) open = NULL;
    const char *name;
    GStatBuf info;

    if (g_cancellable_is_cancelled(scan->cancellable) || g_hash_table_size(scan->found) >= RUNS_MAX)
        return;
    if (g_stat(events, &info) == 0) {
        take_run(scan, dir, &info);
        return;
    }
    open = depth < DEPTH_MAX ? g_dir_open(dir, 0, NULL) : NULL;
    while (open && (name = g_dir_read_name(open))) {
        g_autofree char *path = g_build_filename(dir, name, NULL);

        if (*name != '.' && g_file_test(path, G_FILE_TEST_IS_DIR) &&
            !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            scan_folder(scan, path, depth + 1);
    }
}

static void scan_in_thread(GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
    Scan *scan = data;

    scan->cancellable = cancellable;
    scan_folder(scan, scan->folder, 0);
    g_task_return_pointer(task, g_hash_table_ref(scan->found), (GDestroyNotify)g_hash_table_unref);
}

static int newest_first(gconstpointer a, gconstpointer b, gpointer unused)
{
    const QtrRunSnapshot *x = qtr_run_item_get_snapshot((QtrRunItem *)a);
    const QtrRunSnapshot *y = qtr_run_item_get_snapshot((QtrRunItem *)b);
    double xt = isnan(x->begun) ? 0 : x->begun, yt = isnan(y->begun) ? 0 : y->begun;

    return xt < yt ? 1 : xt > yt ? -1 : strcmp(x->dir, y->dir);
}

/* Items stay the same objects, so that selections survive. */
static void apply(QtrRunList *self, GHashTable *found)
{
    GListModel *model = G_LIST_MODEL(self->items);
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    gpointer dir, value;

    for (guint i = g_list_model_get_n_items(model); i-- > 0;) {
        g_autoptr(QtrRunItem) item = g_list_model_get_item(model, i);
        const QtrRunSnapshot *before = qtr_run_item_get_snapshot(item);
        const Entry *entry = g_hash_table_lookup(found, before->dir);

        if (!entry) {
            g_list_store_remove(self->items, i);
            continue;
        }
        if (entry->snapshot != before)
            qtr_run_item_set_snapshot(item, entry->snapshot);
        g_hash_table_add(known, qtr_run_item_get_snapshot(item)->dir);
    }
    g_hash_table_iter_init(&iter, found);
    while (g_hash_table_iter_next(&iter, &dir, &value))
        if (!g_hash_table_contains(known, dir)) {
            g_autoptr(QtrRunItem) item = qtr_run_item_new(((Entry *)value)->snapshot);

            g_list_store_insert_sorted(self->items, item, newest_first, NULL);
        }
    g_clear_pointer(&self->entries, g_hash_table_unref);
    self->entries = g_hash_table_ref(found);
}

static void start_scan(QtrRunList *self);

static void on_scanned(GObject *object, GAsyncResult *result, gpointer user_data)
{
    QtrRunList *self = QTR_RUN_LIST(object);
    g_autoptr(GHashTable) found = g_task_propagate_pointer(G_TASK(result), NULL);

    if (!self->items) /* disposed meanwhile */
        return;
    self->loading = FALSE;
    if (found)
        apply(self, found);
    if (self->again)
        start_scan(self);
    else
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_LOADING]);
}

static void start_scan(QtrRunList *self)
{
    g_autoptr(GTask) task = NULL;
    Scan *scan = g_new0(Scan, 1);

    g_clear_object(&self->cancellable);
    self->cancellable = g_cancellable_new();
    self->loading = TRUE;
    self->again = FALSE;
    scan->folder = g_strdup(self->folder);
    scan->before = self->entries ? g_hash_table_ref(self->entries) : NULL;
    scan->found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
    task = g_task_new(self, self->cancellable, on_scanned, NULL);
    g_task_set_priority(task, G_PRIORITY_LOW);
    g_task_set_task_data(task, scan, scan_free);
    g_task_run_in_thread(task, scan_in_thread);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_LOADING]);
}

void qtr_run_list_refresh(QtrRunList *self)
{
    g_return_if_fail(QTR_IS_RUN_LIST(self));
    if (!self->folder)
        return;
    if (self->loading)
        self->again = TRUE;
    else
        start_scan(self);
}

void qtr_run_list_set_folder(QtrRunList *self, const char *folder)
{
    g_return_if_fail(QTR_IS_RUN_LIST(self));
    if (g_strcmp0(folder, self->folder) == 0)
        return;
    g_free(self->folder);
    self->folder = g_strdup(folder);
    if (self->cancellable)
        g_cancellable_cancel(self->cancellable);
    g_clear_pointer(&self->entries, g_hash_table_unref);
    g_list_store_remove_all(self->items);
    qtr_run_list_refresh(self);
}

gboolean qtr_run_list_cover(QtrRunList *self, const char *run_dir)
{
    g_autoptr(GFile) run = g_file_new_for_path(run_dir);
    g_autoptr(GFile) parent = g_file_get_parent(run);
    g_autoptr(GFile) present = self->folder ? g_file_new_for_path(self->folder) : NULL;
    g_autofree char *folder = parent ? g_file_get_path(parent) : NULL;

    if (!folder || (present && g_file_has_prefix(run, present)))
        return FALSE;
    qtr_run_list_set_folder(self, folder);
    return TRUE;
}

static void on_items_changed(GListModel *model, guint position, guint removed, guint added,
                             QtrRunList *self)
{
    g_list_model_items_changed(G_LIST_MODEL(self), position, removed, added);
}

static void qtr_run_list_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    g_value_set_boolean(value, QTR_RUN_LIST(object)->loading);
}

static void qtr_run_list_dispose(GObject *object)
{
    QtrRunList *self = QTR_RUN_LIST(object);

    if (self->cancellable)
        g_cancellable_cancel(self->cancellable);
    g_clear_object(&self->cancellable);
    if (self->items)
        g_signal_handlers_disconnect_by_data(self->items, self);
    g_clear_object(&self->items);
    g_clear_pointer(&self->entries, g_hash_table_unref);
    g_clear_pointer(&self->folder, g_free);
    G_OBJECT_CLASS(qtr_run_list_parent_class)->dispose(object);
}

static void qtr_run_list_class_init(QtrRunListClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);

    object_class->dispose = qtr_run_list_dispose;
    object_class->get_property = qtr_run_list_get_property;
    properties[PROP_LOADING] = g_param_spec_boolean("loading", NULL, NULL, FALSE,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void qtr_run_list_init(QtrRunList *self)
{
    self->items = g_list_store_new(QTR_TYPE_RUN_ITEM);
    g_signal_connect(self->items, "items-changed", G_CALLBACK(on_items_changed), self);
}

QtrRunList *qtr_run_list_new(void)
{
    return g_object_new(QTR_TYPE_RUN_LIST, NULL);
}

const char *qtr_run_list_get_folder(QtrRunList *self)
{
    return self->folder;
}

gboolean qtr_run_list_is_loading(QtrRunList *self)
{
    return self->loading;
}
