#include "qtr-results-panel.h"

#include "qtr-chooser.h"
#include "qtr-compare-window.h"
#include "qtr-picture-strip.h"
#include "qtr-results-actions.h"
#include "qtr-results-plot.h"
#include "qtr-results-table.h"
#include "qtr-run-network.h"
#include "qtr-set-choice.h"
#include "qtr-settings.h"
#include "qtr-trials-view.h"

#include <glib/gi18n.h>

#define POLL_SECONDS 5

struct _QtrResultsPanel {
    QtrPanel parent_instance;

    QtrRunList *runs;
    guint poll, update; /* sources */
    char *wanted;       /* the run to select when it is found */

    /* template widgets */
    GtkEditable *search;
    GtkDropDown *set_drop_down;
    GtkStack *stack;
    AdwStatusPage *empty_page;
    QtrResultsTable *table;
    GtkWidget *actions;
    QtrResultsPlot *plot;
    QtrTrialsView *trials;
    QtrPictureStrip *pictures;
    QtrRunNetwork *network;
};

G_DEFINE_FINAL_TYPE(QtrResultsPanel, qtr_results_panel, QTR_TYPE_PANEL)

/* The one run selected, or NULL. */
static QtrRunItem *single(QtrResultsPanel *self)
{
    g_autoptr(GPtrArray) selected = qtr_results_table_get_selected(self->table);

    return selected->len == 1 ? g_object_ref(g_ptr_array_index(selected, 0)) : NULL;
}

static void show_selected(QtrResultsPanel *self)
{
    g_autoptr(GPtrArray) selected = qtr_results_table_get_selected(self->table);
    QtrRunItem *item = selected->len == 1 ? g_ptr_array_index(selected, 0) : NULL;
    QtrRunSnapshot *s = item ? qtr_run_item_get_snapshot(item) : NULL;
    GtkWidget *widget = GTK_WIDGET(self);

    qtr_run_network_set_snapshot(self->network, s);
    qtr_picture_strip_set_snapshot(self->pictures, s);
    gtk_widget_action_set_enabled(widget, "results.show", item != NULL);
    gtk_widget_action_set_enabled(widget, "results.train", item && qtr_results_has_genotype(item));
    gtk_widget_action_set_enabled(widget, "results.export", item != NULL);
    gtk_widget_action_set_enabled(widget, "results.compare", selected->len == 2);
    qtr_results_plot_select(self->plot, item);
}

static void show_page(QtrResultsPanel *self)
{
    gboolean any = g_list_model_get_n_items(G_LIST_MODEL(self->runs)) > 0;
    g_autofree char *folder = g_markup_escape_text(qtr_run_list_get_folder(self->runs), -1);
    g_autofree char *text = NULL;

    gtk_stack_set_visible_child_name(self->stack, any ? "runs" : "empty");
    text = qtr_run_list_is_loading(self->runs)
               ? g_strdup_printf(_("Looking for runs in %s…"), folder)
               : g_strdup_printf(_("There is no run in %s. Start one, or look in another folder."),
                                 folder);
    adw_status_page_set_description(self->empty_page, text);
}

static void select_wanted(QtrResultsPanel *self)
{
    GListModel *shown = qtr_results_table_get_shown(self->table);

    for (guint i = 0; self->wanted && i < g_list_model_get_n_items(shown); i++) {
        g_autoptr(QtrRunItem) item = g_list_model_get_item(shown, i);

        if (!g_str_equal(qtr_run_item_get_snapshot(item)->dir, self->wanted))
            continue;
        g_clear_pointer(&self->wanted, g_free);
        qtr_results_table_select(self->table, item);
    }
}

static gboolean update_all(gpointer user_data)
{
    QtrResultsPanel *self = user_data;
    const char *set;

    self->update = 0;
    qtr_set_choice_update(self->set_drop_down, G_LIST_MODEL(self->runs));
    set = qtr_set_choice_get(self->set_drop_down);
    qtr_results_table_set_set(self->table, set);
    qtr_results_plot_show(self->plot, qtr_results_table_get_shown(self->table), set);
    qtr_trials_view_update(self->trials, qtr_results_table_get_shown(self->table), set);
    select_wanted(self);
    show_selected(self);
    show_page(self);
    return G_SOURCE_REMOVE;
}

/* Many changes come at once. */
static void schedule_update(QtrResultsPanel *self)
{
    if (!self->update)
        self->update = g_idle_add_full(G_PRIORITY_LOW, update_all, self, NULL);
}

static void on_search_changed(QtrResultsPanel *self)
{
    qtr_results_table_filter(self->table, gtk_editable_get_text(self->search));
    schedule_update(self);
}

static void on_set_changed(QtrResultsPanel *self)
{
    schedule_update(self);
}

static void on_selection_changed(QtrResultsPanel *self)
{
    show_selected(self);
}

static void on_point_chosen(QtrResultsPanel *self, QtrRunItem *item)
{
    qtr_results_table_select(self->table, item);
}

static void on_activated(QtrResultsPanel *self, QtrRunItem *item)
{
    gtk_widget_activate_action(GTK_WIDGET(self), "win.show-run", "s",
                               qtr_run_item_get_snapshot(item)->dir);
}

static void on_picture_chosen(QtrResultsPanel *self, const char *lr, const char *hr)
{
    g_autoptr(QtrRunItem) item = single(self);

    if (item)
        gtk_widget_activate_action(GTK_WIDGET(self), "win.view-images", "(sss)",
                                   qtr_run_item_get_snapshot(item)->dir, lr, hr);
}

void qtr_results_panel_set_folder(QtrResultsPanel *self, const char *folder)
{
    g_return_if_fail(QTR_IS_RESULTS_PANEL(self));
    qtr_run_list_set_folder(self->runs, folder);
    schedule_update(self);
}

static void look_in_some_folder(QtrResultsPanel *self)
{
    g_autoptr(GSettings) settings = NULL;
    g_autofree char *folder = NULL;

    if (qtr_run_list_get_folder(self->runs))
        return;
    settings = qtr_settings_new();
    folder = qtr_settings_runs_folder(settings);
    qtr_run_list_set_folder(self->runs, folder);
}

static void qtr_results_panel_show_run(QtrPanel *panel, const char *dir)
{
    QtrResultsPanel *self = QTR_RESULTS_PANEL(panel);

    look_in_some_folder(self);
    (void)qtr_run_list_cover(self->runs, dir);
    g_free(self->wanted);
    self->wanted = g_strdup(dir);
    qtr_run_list_refresh(self->runs);
}

static void on_folder(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    qtr_results_panel_set_folder(QTR_RESULTS_PANEL(widget), paths[0]);
}

static void open_folder(GtkWidget *widget, const char *action, GVariant *target)
{
    QtrResultsPanel *self = QTR_RESULTS_PANEL(widget);

    qtr_chooser_ask(widget,
                    &(QtrChooserParams){.title = _("Look for Runs In"),
                                        .action = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                        .folder = qtr_run_list_get_folder(self->runs)},
                    on_folder, NULL, NULL);
}

static void refresh(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_run_list_refresh(QTR_RESULTS_PANEL(widget)->runs);
}

static void show_run(GtkWidget *widget, const char *action, GVariant *target)
{
    g_autoptr(QtrRunItem) item = single(QTR_RESULTS_PANEL(widget));

    if (item)
        on_activated(QTR_RESULTS_PANEL(widget), item);
}

static void train(GtkWidget *widget, const char *action, GVariant *target)
{
    QtrResultsPanel *self = QTR_RESULTS_PANEL(widget);
    g_autoptr(QtrRunItem) item = single(self);

    if (item)
        qtr_results_train(widget, item, qtr_run_list_get_folder(self->runs));
}

static void export(GtkWidget *widget, const char *action, GVariant *target)
{
    g_autoptr(QtrRunItem) item = single(QTR_RESULTS_PANEL(widget));

    if (item)
        qtr_results_export(widget, item);
}

static void compare(GtkWidget *widget, const char *action, GVariant *target)
{
    g_autoptr(GPtrArray) selected =
        qtr_results_table_get_selected(QTR_RESULTS_PANEL(widget)->table);
    GtkRoot *root = gtk_widget_get_root(widget);

    if (selected->len == 2)
        gtk_window_present(GTK_WINDOW(qtr_compare_window_new(
            GTK_IS_WINDOW(root) ? GTK_WINDOW(root) : NULL, g_ptr_array_index(selected, 0),
            g_ptr_array_index(selected, 1))));
}

static gboolean on_poll(gpointer user_data)
{
    qtr_run_list_refresh(QTR_RESULTS_PANEL(user_data)->runs);
    return G_SOURCE_CONTINUE;
}

static void qtr_results_panel_map(GtkWidget *widget)
{
    QtrResultsPanel *self = QTR_RESULTS_PANEL(widget);

    GTK_WIDGET_CLASS(qtr_results_panel_parent_class)->map(widget);
    look_in_some_folder(self);
    qtr_run_list_refresh(self->runs);
    self->poll = g_timeout_add_seconds(POLL_SECONDS, on_poll, self);
    show_page(self);
}

static void qtr_results_panel_unmap(GtkWidget *widget)
{
    g_clear_handle_id(&QTR_RESULTS_PANEL(widget)->poll, g_source_remove);
    GTK_WIDGET_CLASS(qtr_results_panel_parent_class)->unmap(widget);
}

static void qtr_results_panel_dispose(GObject *object)
{
    QtrResultsPanel *self = QTR_RESULTS_PANEL(object);

    g_clear_handle_id(&self->poll, g_source_remove);
    g_clear_handle_id(&self->update, g_source_remove);
    if (self->runs)
        g_signal_handlers_disconnect_by_data(self->runs, self);
    if (adw_bin_get_child(ADW_BIN(self)))
        adw_bin_set_child(ADW_BIN(self), NULL);
    g_clear_object(&self->runs);
    g_clear_pointer(&self->wanted, g_free);
    G_OBJECT_CLASS(qtr_results_panel_parent_class)->dispose(object);
}

static void bind_template(GtkWidgetClass *widget_class)
{
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-results-panel.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrResultsPanel, search);
    gtk_widget_class_bind_template_child(widget_class, QtrResultsPanel, set_drop_down);
    gtk_widget_class_bind_template_child(widget_class, QtrResultsPanel, stack);
    gtk_widget_class_bind_template_child(widget_class, QtrResultsPanel, empty_page);
    gtk_widget_class_bind_template_child(widget_class, QtrResultsPanel, table);
    gtk_widget_class_bind_template_child(widget_class, QtrResultsPanel, actions);
    gtk_widget_class_bind_template_child(widget_class, QtrResultsPanel, plot);
    gtk_widget_class_bind_template_child(widget_class, QtrResultsPanel, trials);
    gtk_widget_class_bind_template_child(widget_class, QtrResultsPanel, pictures);
    gtk_widget_class_bind_template_child(widget_class, QtrResultsPanel, network);
    gtk_widget_class_bind_template_callback(widget_class, on_search_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_set_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_selection_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_activated);
    gtk_widget_class_bind_template_callback(widget_class, on_point_chosen);
    gtk_widget_class_bind_template_callback(widget_class, on_picture_chosen);
}

static void qtr_results_panel_class_init(QtrResultsPanelClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_results_panel_dispose;
    QTR_PANEL_CLASS(klass)->show_run = qtr_results_panel_show_run;
    widget_class->map = qtr_results_panel_map;
    widget_class->unmap = qtr_results_panel_unmap;
    g_type_ensure(QTR_TYPE_RESULTS_TABLE);
    g_type_ensure(QTR_TYPE_RESULTS_PLOT);
    g_type_ensure(QTR_TYPE_TRIALS_VIEW);
    g_type_ensure(QTR_TYPE_PICTURE_STRIP);
    g_type_ensure(QTR_TYPE_RUN_NETWORK);
    bind_template(widget_class);
    gtk_widget_class_install_action(widget_class, "results.open", NULL, open_folder);
    gtk_widget_class_install_action(widget_class, "results.refresh", NULL, refresh);
    gtk_widget_class_install_action(widget_class, "results.show", NULL, show_run);
    gtk_widget_class_install_action(widget_class, "results.train", NULL, train);
    gtk_widget_class_install_action(widget_class, "results.export", NULL, export);
    gtk_widget_class_install_action(widget_class, "results.compare", NULL, compare);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_F5, 0, "results.refresh", NULL);
}

static void qtr_results_panel_init(QtrResultsPanel *self)
{
    self->runs = qtr_run_list_new();
    gtk_widget_init_template(GTK_WIDGET(self));
    /* The buttons in them take the focus. */
    for (GtkWidget *child = gtk_widget_get_first_child(self->actions); child;
         child = gtk_widget_get_next_sibling(child))
        gtk_widget_set_focusable(child, FALSE);
    qtr_results_table_set_model(self->table, G_LIST_MODEL(self->runs));
    g_signal_connect_swapped(self->runs, "items-changed", G_CALLBACK(schedule_update), self);
    g_signal_connect_swapped(self->runs, "notify::loading", G_CALLBACK(schedule_update), self);
    show_selected(self);
}
