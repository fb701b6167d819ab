#include "qtr-trial-table.h"

#include "qtr-run-status.h"
#include "run/draw-surface.h"

#include <glib/gi18n.h>
#include <math.h>

struct _QtrTrialTable {
    AdwBin parent_instance;

    GtkColumnView *view;
    GtkSingleSelection *selection;
};

G_DEFINE_FINAL_TYPE(QtrTrialTable, qtr_trial_table, ADW_TYPE_BIN)

enum { SELECTED, ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

static char *number_text(const char *format, double value)
{
    return isfinite(value) ? g_strdup_printf(format, value) : g_strdup("");
}

static char *state_text(QtrTrialItem *item)
{
    return g_strdup(qtr_stand_title(qtr_trial_item_get_stand(item)));
}

static char *name_text(QtrTrialItem *item)
{
    return g_strdup(qtr_trial_item_get_trial(item)->id);
}

static char *phase_text(QtrTrialItem *item)
{
    const QtrRunSnapshot *s = qtr_trial_item_get_snapshot(item);

    if (!s || qtr_trial_item_get_stand(item) == QTR_STAND_DONE)
        return g_strdup("");
    return g_strdup(g_strcmp0(s->kind, "search") == 0  ? _("Search")
                    : g_strcmp0(s->kind, "train") == 0 ? _("Training")
                    : s->kind                          ? _("Validation")
                                                       : "");
}

static char *left_text(QtrTrialItem *item)
{
    const QtrRunSnapshot *s = qtr_trial_item_get_snapshot(item);

    return s && isfinite(s->eta) && qtr_trial_item_get_stand(item) == QTR_STAND_RUNNING
               ? qtr_run_status_duration(s->eta)
               : g_strdup("");
}

static char *device_text(QtrTrialItem *item)
{
    const QtrRunSnapshot *s = qtr_trial_item_get_snapshot(item);
    const char *selector = qtr_trial_item_get_trial(item)->device;

    return g_strdup(s && s->device ? s->device : selector ? selector : "");
}

static char *loss_text(QtrTrialItem *item)
{
    const QtrRunSnapshot *s = qtr_trial_item_get_snapshot(item);
    double loss = NAN;

    for (int job = QTR_RUN_JOBS - 1; s && job >= 0 && isnan(loss); job--) {
        loss = qtr_series_last(s->curves[job][QTR_CURVE_STEP_LOSS]);
        if (isnan(loss))
            loss = qtr_series_last(s->curves[job][QTR_CURVE_TRAIN_LOSS]);
    }
    return number_text("%.4f", loss);
}

static const QtrValidationRow *last_row(QtrTrialItem *item)
{
    const QtrRunSnapshot *s = qtr_trial_item_get_snapshot(item);

    return s && s->rows->len ? g_ptr_array_index(s->rows, s->rows->len - 1) : NULL;
}

static char *bitops_text(QtrTrialItem *item)
{
    const QtrRunSnapshot *s = qtr_trial_item_get_snapshot(item);
    const QtrValidationRow *row = last_row(item);
    double value = row ? row->bitops_32
                   : s ? qtr_series_last(s->curves[QTR_RUN_SEARCH][QTR_CURVE_BITOPS])
                       : NAN;
    char text[32];

    return g_strdup(isfinite(value) ? qtr_draw_si(value, text, sizeof text) : "");
}

static char *psnr_text(QtrTrialItem *item)
{
    const QtrRunSnapshot *s = qtr_trial_item_get_snapshot(item);
    const QtrValidationRow *row = last_row(item);

    return number_text("%.2f dB", row ? row->psnr
                                  : s ? qtr_series_last(s->curves[QTR_RUN_TRAIN][QTR_CURVE_PSNR])
                                      : NAN);
}

/* A column of text; without `text` it is the progress bar. */
typedef struct {
    const char *title;
    char *(*text)(QtrTrialItem *item);
    gboolean number, expands;
} Column;

static const Column columns[] = {
    {N_("State"), state_text, FALSE, FALSE},   {N_("Run"), name_text, FALSE, TRUE},
    {N_("Progress"), NULL, FALSE, FALSE},      {N_("Phase"), phase_text, FALSE, FALSE},
    {N_("Left"), left_text, TRUE, FALSE},      {N_("Loss"), loss_text, TRUE, FALSE},
    {N_("BitOps"), bitops_text, TRUE, FALSE},  {N_("PSNR"), psnr_text, TRUE, FALSE},
    {N_("Device"), device_text, FALSE, FALSE},
};

static void show_cell(GtkListItem *cell, const Column *column)
{
    QtrTrialItem *item = gtk_list_item_get_item(cell);
    GtkWidget *child = gtk_list_item_get_child(cell);
    g_autofree char *text = NULL;

    if (!item || !child)
        return;
    if (!column->text) {
        gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(child), qtr_trial_item_get_fraction(item));
        return;
    }
    text = column->text(item);
    gtk_label_set_label(GTK_LABEL(child), text);
    if (column->text == state_text) {
        gtk_widget_remove_css_class(child, "error");
        gtk_widget_remove_css_class(child, "accent");
        if (qtr_trial_item_get_stand(item) == QTR_STAND_FAILED)
            gtk_widget_add_css_class(child, "error");
        else if (qtr_trial_item_get_stand(item) == QTR_STAND_RUNNING)
            gtk_widget_add_css_class(child, "accent");
        gtk_widget_set_tooltip_text(child, qtr_trial_item_get_trial(item)->reason);
    }
}

static void on_setup(GtkSignalListItemFactory *factory, GtkListItem *cell, gpointer data)
{
    const Column *column = data;
    GtkWidget *child;

    if (!column->text) {
        child = gtk_progress_bar_new();
        gtk_widget_set_valign(child, GTK_ALIGN_CENTER);
        gtk_widget_set_size_request(child, 90, -1);
    } else {
        child = gtk_label_new(NULL);
        gtk_label_set_xalign(GTK_LABEL(child), column->number ? 1 : 0);

        if (column->number)
            gtk_widget_add_css_class(child, "numeric");
        if (column->expands) {
            gtk_label_set_ellipsize(GTK_LABEL(child), PANGO_ELLIPSIZE_MIDDLE);
            gtk_label_set_width_chars(GTK_LABEL(child), 24);
        }
    }
    gtk_list_item_set_child(cell, child);
}

static void on_item_changed(QtrTrialItem *item, GParamSpec *spec, GtkListItem *cell)
{
    show_cell(cell, g_object_get_data(G_OBJECT(cell), "column"));
}

static void on_bind(GtkSignalListItemFactory *factory, GtkListItem *cell, gpointer column)
{
    g_object_set_data(G_OBJECT(cell), "column", column);
    show_cell(cell, column);
    g_signal_connect(gtk_list_item_get_item(cell), "notify::revision", G_CALLBACK(on_item_changed),
                     cell);
}

static void on_unbind(GtkSignalListItemFactory *factory, GtkListItem *cell, gpointer column)
{
    g_signal_handlers_disconnect_by_func(gtk_list_item_get_item(cell), on_item_changed, cell);
}

static void add_column(QtrTrialTable *self, const Column *column)
{
    GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
    GtkColumnViewColumn *added = gtk_column_view_column_new(_(column->title), factory);

    g_signal_connect(factory, "setup", G_CALLBACK(on_setup), (gpointer)column);
    g_signal_connect(factory, "bind", G_CALLBACK(on_bind), (gpointer)column);
    g_signal_connect(factory, "unbind", G_CALLBACK(on_unbind), (gpointer)column);
    gtk_column_view_column_set_resizable(added, TRUE);
    gtk_column_view_column_set_expand(added, column->expands);
    gtk_column_view_append_column(self->view, added);
    g_object_unref(added);
}

void qtr_trial_table_set_model(QtrTrialTable *self, QtrBatchModel *model)
{
    g_return_if_fail(QTR_IS_TRIAL_TABLE(self));
    gtk_single_selection_set_model(self->selection, G_LIST_MODEL(model));
}

QtrTrialItem *qtr_trial_table_get_selected(QtrTrialTable *self)
{
    return gtk_single_selection_get_selected_item(self->selection);
}

static void on_selected(QtrTrialTable *self)
{
    g_signal_emit(self, signals[SELECTED], 0);
}

static void on_activate(QtrTrialTable *self, guint position)
{
    g_autoptr(QtrTrialItem) item = g_list_model_get_item(G_LIST_MODEL(self->selection), position);

    if (item)
        g_signal_emit(self, signals[ACTIVATED], 0, item);
}

static void qtr_trial_table_dispose(GObject *object)
{
    QtrTrialTable *self = QTR_TRIAL_TABLE(object);

    if (adw_bin_get_child(ADW_BIN(self)))
        adw_bin_set_child(ADW_BIN(self), NULL);
    g_clear_object(&self->selection);
    G_OBJECT_CLASS(qtr_trial_table_parent_class)->dispose(object);
}

static void qtr_trial_table_class_init(QtrTrialTableClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = qtr_trial_table_dispose;
    signals[SELECTED] = g_signal_new("selected", QTR_TYPE_TRIAL_TABLE, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 0);
    signals[ACTIVATED] = g_signal_new("activated", QTR_TYPE_TRIAL_TABLE, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 1, QTR_TYPE_TRIAL_ITEM);
}

static void qtr_trial_table_init(QtrTrialTable *self)
{
    GtkWidget *scroller = gtk_scrolled_window_new();

    self->view = GTK_COLUMN_VIEW(gtk_column_view_new(NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(columns); i++)
        add_column(self, &columns[i]);
    self->selection = gtk_single_selection_new(NULL);
    gtk_column_view_set_model(self->view, GTK_SELECTION_MODEL(self->selection));
    gtk_column_view_set_show_row_separators(self->view, TRUE);
    gtk_widget_add_css_class(GTK_WIDGET(self->view), "data-table");
    g_signal_connect_object(self->selection, "notify::selected-item", G_CALLBACK(on_selected), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_swapped(self->view, "activate", G_CALLBACK(on_activate), self);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), GTK_WIDGET(self->view));
    gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scroller), 240);
    adw_bin_set_child(ADW_BIN(self), scroller);
}
