#include "qtr-results-table.h"

#include "qtr-run-columns.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _QtrResultsTable {
    AdwBin parent_instance;

    char *set, *needle;
    GtkColumnView *view;
    GtkFilterListModel *filtered;
    GtkCustomSorter *sorter;
    int unknown; /* of the last comparison: which of both has no number */
    GtkSortListModel *sorted;
    GtkMultiSelection *selection;
    GtkCustomFilter *filter; /* borrowed from `filtered` */
};

G_DEFINE_FINAL_TYPE(QtrResultsTable, qtr_results_table, ADW_TYPE_BIN)

enum { SELECTION_CHANGED, ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* A column of one table. */
typedef struct {
    QtrResultsTable *table; /* borrowed: lives as long as its columns */
    const QtrRunColumn *column;
} Binding;

static void show_cell(GtkListItem *cell, const Binding *binding)
{
    QtrRunItem *item = gtk_list_item_get_item(cell);
    GtkLabel *label = GTK_LABEL(gtk_list_item_get_child(cell));
    g_autofree char *text = NULL;

    if (!item || !label)
        return;
    text = binding->column->text(qtr_run_item_get_snapshot(item),
                                 qtr_run_item_find_row(item, binding->table->set));
    gtk_label_set_label(label, text);
    if (binding->column->expands)
        gtk_widget_set_tooltip_text(GTK_WIDGET(label), qtr_run_item_get_snapshot(item)->dir);
}

static void on_setup(GtkSignalListItemFactory *factory, GtkListItem *cell, const Binding *binding)
{
    GtkWidget *label = gtk_label_new(NULL);

    gtk_label_set_xalign(GTK_LABEL(label), binding->column->number ? 1 : 0);
    if (binding->column->number)
        gtk_widget_add_css_class(label, "numeric");
    if (binding->column->expands) {
        gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
        gtk_label_set_width_chars(GTK_LABEL(label), 24);
    }
    gtk_list_item_set_child(cell, label);
}

static void on_item_changed(QtrRunItem *item, GParamSpec *spec, GtkListItem *cell)
{
    show_cell(cell, g_object_get_data(G_OBJECT(cell), "binding"));
}

static void on_bind(GtkSignalListItemFactory *factory, GtkListItem *cell, Binding *binding)
{
    g_object_set_data(G_OBJECT(cell), "binding", binding);
    show_cell(cell, binding);
    g_signal_connect(gtk_list_item_get_item(cell), "notify::snapshot", G_CALLBACK(on_item_changed),
                     cell);
}

static void on_unbind(GtkSignalListItemFactory *factory, GtkListItem *cell, Binding *binding)
{
    g_signal_handlers_disconnect_by_func(gtk_list_item_get_item(cell), on_item_changed, cell);
}

/* A column in falling order takes this with the opposite sign. */
static int compare_items(gconstpointer a, gconstpointer b, gpointer user_data)
{
    const Binding *binding = user_data;
    QtrRunItem *x = (QtrRunItem *)a, *y = (QtrRunItem *)b;
    const QtrValidationRow *rx = qtr_run_item_find_row(x, binding->table->set);
    const QtrValidationRow *ry = qtr_run_item_find_row(y, binding->table->set);
    const QtrRunSnapshot *sx = qtr_run_item_get_snapshot(x), *sy = qtr_run_item_get_snapshot(y);

    if (binding->column->number) {
        double p = binding->column->number(sx, rx), q = binding->column->number(sy, ry);

        binding->table->unknown = (isnan(p) != 0) - (isnan(q) != 0);
        if (isnan(p) || isnan(q))
            return binding->table->unknown;
        return p < q ? -1 : p > q;
    } else {
        g_autofree char *p = binding->column->text(sx, rx);
        g_autofree char *q = binding->column->text(sy, ry);

        return g_utf8_collate(p, q);
    }
}

/* What is unknown comes last in rising and in falling order. */
static int compare_rows(gconstpointer a, gconstpointer b, gpointer user_data)
{
    QtrResultsTable *self = user_data;
    int order;

    self->unknown = 0;
    order = gtk_sorter_compare(gtk_column_view_get_sorter(self->view), (gpointer)a, (gpointer)b);
    return self->unknown ? self->unknown : order;
}

static void scroll_to(QtrResultsTable *self, guint position)
{
    GtkWidget *child = gtk_widget_get_first_child(GTK_WIDGET(self->view));

    while (child && !GTK_IS_LIST_VIEW(child)) /* below the titles */
        child = gtk_widget_get_next_sibling(child);
    if (child && position < g_list_model_get_n_items(G_LIST_MODEL(self->selection)))
        gtk_widget_activate_action(child, "list.scroll-to-item", "u", position);
}

static void on_order_changed(GtkSorter *sorter, GtkSorterChange change, QtrResultsTable *self)
{
    if (!self->sorter)
        return;
    gtk_sorter_changed(GTK_SORTER(self->sorter), GTK_SORTER_CHANGE_DIFFERENT);
    scroll_to(self, 0);
}

static void add_column(QtrResultsTable *self, const QtrRunColumn *column)
{
    GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
    Binding *binding = g_new0(Binding, 1);
    GtkColumnViewColumn *added = gtk_column_view_column_new(_(column->title), factory);
    g_autoptr(GtkSorter) sorter = NULL;

    *binding = (Binding){self, column};
    /* Freed with the sorter; the factory goes with the same column. */
    sorter = GTK_SORTER(gtk_custom_sorter_new(compare_items, binding, g_free));
    g_signal_connect(factory, "setup", G_CALLBACK(on_setup), binding);
    g_signal_connect(factory, "bind", G_CALLBACK(on_bind), binding);
    g_signal_connect(factory, "unbind", G_CALLBACK(on_unbind), binding);
    gtk_column_view_column_set_sorter(added, sorter);
    gtk_column_view_column_set_resizable(added, TRUE);
    gtk_column_view_column_set_expand(added, column->expands);
    gtk_column_view_append_column(self->view, added);
    g_object_unref(added);
}

static gboolean contains(const char *text, const char *needle)
{
    g_autofree char *folded = text ? g_utf8_casefold(text, -1) : NULL;

    return folded && strstr(folded, needle);
}

static gboolean matches(gpointer object, gpointer user_data)
{
    QtrResultsTable *self = user_data;
    const QtrRunSnapshot *s = qtr_run_item_get_snapshot(object);

    return !self->needle || !*self->needle || contains(s->name, self->needle) ||
           contains(s->dir, self->needle) || contains(s->device, self->needle);
}

void qtr_results_table_filter(QtrResultsTable *self, const char *text)
{
    g_return_if_fail(QTR_IS_RESULTS_TABLE(self));
    g_free(self->needle);
    self->needle = g_utf8_casefold(text, -1);
    gtk_filter_changed(GTK_FILTER(self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

void qtr_results_table_set_model(QtrResultsTable *self, GListModel *runs)
{
    g_return_if_fail(QTR_IS_RESULTS_TABLE(self));
    gtk_filter_list_model_set_model(self->filtered, runs);
}

void qtr_results_table_set_set(QtrResultsTable *self, const char *set)
{
    GListModel *shown;

    g_return_if_fail(QTR_IS_RESULTS_TABLE(self));
    if (g_strcmp0(set, self->set) == 0)
        return;
    g_free(self->set);
    self->set = g_strdup(set);
    shown = G_LIST_MODEL(self->sorted);
    for (guint i = 0; i < g_list_model_get_n_items(shown); i++) {
        g_autoptr(QtrRunItem) item = g_list_model_get_item(shown, i);

        g_object_notify(G_OBJECT(item), "snapshot");
    }
    gtk_sorter_changed(gtk_column_view_get_sorter(self->view), GTK_SORTER_CHANGE_DIFFERENT);
}

GPtrArray *qtr_results_table_get_selected(QtrResultsTable *self)
{
    GPtrArray *selected = g_ptr_array_new_with_free_func(g_object_unref);
    GListModel *model = G_LIST_MODEL(self->selection);

    for (guint i = 0; i < g_list_model_get_n_items(model); i++)
        if (gtk_selection_model_is_selected(GTK_SELECTION_MODEL(self->selection), i))
            g_ptr_array_add(selected, g_list_model_get_item(model, i));
    return selected;
}

void qtr_results_table_select(QtrResultsTable *self, QtrRunItem *item)
{
    GListModel *model = G_LIST_MODEL(self->selection);

    for (guint i = 0; i < g_list_model_get_n_items(model); i++) {
        g_autoptr(QtrRunItem) other = g_list_model_get_item(model, i);

        if (other == item)
            gtk_selection_model_select_item(GTK_SELECTION_MODEL(self->selection), i, TRUE);
        if (other == item)
            scroll_to(self, i);
    }
}

GListModel *qtr_results_table_get_shown(QtrResultsTable *self)
{
    return G_LIST_MODEL(self->sorted);
}

GtkColumnView *qtr_results_table_get_view(QtrResultsTable *self)
{
    return self->view;
}

static void on_selection_changed(QtrResultsTable *self)
{
    g_signal_emit(self, signals[SELECTION_CHANGED], 0);
}

static void on_activate(QtrResultsTable *self, guint position)
{
    g_autoptr(QtrRunItem) item = g_list_model_get_item(G_LIST_MODEL(self->selection), position);

    if (item)
        g_signal_emit(self, signals[ACTIVATED], 0, item);
}

static void qtr_results_table_dispose(GObject *object)
{
    QtrResultsTable *self = QTR_RESULTS_TABLE(object);

    if (adw_bin_get_child(ADW_BIN(self)))
        adw_bin_set_child(ADW_BIN(self), NULL);
    self->view = NULL;
    g_clear_object(&self->selection);
    g_clear_object(&self->sorter);
    G_OBJECT_CLASS(qtr_results_table_parent_class)->dispose(object);
}

static void qtr_results_table_finalize(GObject *object)
{
    QtrResultsTable *self = QTR_RESULTS_TABLE(object);

    g_free(self->set);
    g_free(self->needle);
    G_OBJECT_CLASS(qtr_results_table_parent_class)->finalize(object);
}

static void qtr_results_table_class_init(QtrResultsTableClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = qtr_results_table_dispose;
    G_OBJECT_CLASS(klass)->finalize = qtr_results_table_finalize;
    signals[SELECTION_CHANGED] =
        g_signal_new("selection-changed", QTR_TYPE_RESULTS_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                     NULL, G_TYPE_NONE, 0);
    signals[ACTIVATED] = g_signal_new("activated", QTR_TYPE_RESULTS_TABLE, G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 1, QTR_TYPE_RUN_ITEM);
}

static void qtr_results_table_init(QtrResultsTable *self)
{
    GtkWidget *scroller = gtk_scrolled_window_new();
    guint n;
    const QtrRunColumn *columns = qtr_run_columns(&n);

    self->view = GTK_COLUMN_VIEW(gtk_column_view_new(NULL));
    for (guint i = 0; i < n; i++)
        add_column(self, &columns[i]);
    self->filter = gtk_custom_filter_new(matches, self, NULL);
    self->filtered = gtk_filter_list_model_new(NULL, GTK_FILTER(self->filter));
    self->sorter = gtk_custom_sorter_new(compare_rows, self, NULL);
    self->sorted = gtk_sort_list_model_new(G_LIST_MODEL(self->filtered),
                                           g_object_ref(GTK_SORTER(self->sorter)));
    g_signal_connect_object(gtk_column_view_get_sorter(self->view), "changed",
                            G_CALLBACK(on_order_changed), self, 0);
    self->selection = gtk_multi_selection_new(G_LIST_MODEL(self->sorted));
    gtk_column_view_set_model(self->view, GTK_SELECTION_MODEL(self->selection));
    gtk_column_view_set_show_row_separators(self->view, TRUE);
    gtk_widget_add_css_class(GTK_WIDGET(self->view), "data-table");
    g_signal_connect_object(self->selection, "selection-changed", G_CALLBACK(on_selection_changed),
                            self, G_CONNECT_SWAPPED);
    g_signal_connect_swapped(self->view, "activate", G_CALLBACK(on_activate), self);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), GTK_WIDGET(self->view));
    gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scroller), 280);
    adw_bin_set_child(ADW_BIN(self), scroller);
}
