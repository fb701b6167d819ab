#include "qtr-picture-row.h"

#include "qtr-network-list.h"
#include "qtr-run-builder.h"
#include "qtr-validation-pictures.h"

struct _QtrPictureRow {
    AdwComboRow parent_instance;

    QtrRunSnapshot *snapshot; /* that the pictures are of */
    GArray *pictures;         /* QtrValidationPicture */
    GCancellable *loading;
    gboolean updating;
};

G_DEFINE_FINAL_TYPE(QtrPictureRow, qtr_picture_row, ADW_TYPE_COMBO_ROW)

enum { OFFERED, CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

void qtr_picture_row_choose(QtrPictureRow *self)
{
    guint at = adw_combo_row_get_selected(ADW_COMBO_ROW(self));
    const QtrValidationPicture *picture;

    if (self->updating || !self->pictures || at >= self->pictures->len)
        return;
    picture = &g_array_index(self->pictures, QtrValidationPicture, at);
    if (picture->lr)
        g_signal_emit(self, signals[CHOSEN], 0, picture->lr, picture->hr);
}

void qtr_picture_row_show(QtrPictureRow *self, const char *lr)
{
    guint at = GTK_INVALID_LIST_POSITION;

    g_return_if_fail(QTR_IS_PICTURE_ROW(self));
    for (guint i = 0; self->pictures && i < self->pictures->len; i++)
        if (lr && g_strcmp0(g_array_index(self->pictures, QtrValidationPicture, i).lr, lr) == 0)
            at = i;
    self->updating = TRUE;
    adw_combo_row_set_selected(ADW_COMBO_ROW(self), at);
    self->updating = FALSE;
}

static void forget(QtrPictureRow *self)
{
    g_clear_pointer(&self->pictures, g_array_unref);
    g_clear_pointer(&self->snapshot, qtr_run_snapshot_unref);
}

static void drop_loading(QtrPictureRow *self)
{
    if (self->loading)
        g_cancellable_cancel(self->loading);
    g_clear_object(&self->loading);
}

static void fill(QtrPictureRow *self, QtrRunSnapshot *snapshot)
{
    g_autoptr(GtkStringList) names = gtk_string_list_new(NULL);

    forget(self);
    self->snapshot = qtr_run_snapshot_ref(snapshot);
    self->pictures = qtr_validation_pictures(snapshot);
    for (guint i = 0; i < self->pictures->len; i++) {
        const QtrValidationPicture *p = &g_array_index(self->pictures, QtrValidationPicture, i);

        gtk_string_list_take(names, p->set && p->name ? g_strdup_printf("%s · %s", p->set, p->name)
                                                      : g_path_get_basename(p->sr));
    }
    self->updating = TRUE;
    adw_combo_row_set_model(ADW_COMBO_ROW(self), G_LIST_MODEL(names));
    self->updating = FALSE;
    gtk_widget_set_visible(GTK_WIDGET(self), self->pictures->len > 0);
}

static void on_loaded(GObject *object, GAsyncResult *result, gpointer user_data)
{
    QtrPictureRow *self = QTR_PICTURE_ROW(object);
    g_autoptr(QtrRunSnapshot) snapshot = g_task_propagate_pointer(G_TASK(result), NULL);

    if (!snapshot || !qtr_network_list_has_one(snapshot)) /* another run, or not so far yet */
        return;
    fill(self, snapshot);
    g_signal_emit(self, signals[OFFERED], 0, snapshot->dir);
}

static void load_in_thread(GTask *task, gpointer object, gpointer dir, GCancellable *unused)
{
    g_task_return_pointer(task, qtr_run_snapshot_load(dir), (GDestroyNotify)qtr_run_snapshot_unref);
}

void qtr_picture_row_offer(QtrPictureRow *self, const char *run_dir)
{
    g_autoptr(GTask) task = NULL;

    g_return_if_fail(QTR_IS_PICTURE_ROW(self));
    drop_loading(self);
    self->loading = g_cancellable_new();
    task = g_task_new(self, self->loading, on_loaded, NULL);
    g_task_set_task_data(task, g_strdup(run_dir), g_free);
    g_task_run_in_thread(task, load_in_thread);
}

static void qtr_picture_row_dispose(GObject *object)
{
    QtrPictureRow *self = QTR_PICTURE_ROW(object);

    self->updating = TRUE;
    drop_loading(self);
    forget(self);
    G_OBJECT_CLASS(qtr_picture_row_parent_class)->dispose(object);
}

static void qtr_picture_row_class_init(QtrPictureRowClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = qtr_picture_row_dispose;
    signals[OFFERED] = g_signal_new("offered", QTR_TYPE_PICTURE_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
    signals[CHOSEN] = g_signal_new("chosen", QTR_TYPE_PICTURE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void qtr_picture_row_init(QtrPictureRow *self)
{
    gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
    g_signal_connect(self, "notify::selected", G_CALLBACK(qtr_picture_row_choose), NULL);
}
