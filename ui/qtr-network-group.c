#include "qtr-network-group.h"

#include "qtr-network-list.h"
#include "qtr-run-list.h"
#include "qtr-settings.h"

struct _QtrNetworkGroup {
    AdwPreferencesGroup parent_instance;

    QtrComparison *comparison; /* borrowed */
    QtrRunList *runs;
    QtrNetworkList *networks;
    gboolean updating;
    gboolean elsewhere; /* the runs are not the settings' folder */

    /* template widgets */
    AdwComboRow *network_a, *network_b;
    GtkWidget *busy_row;
};

G_DEFINE_FINAL_TYPE(QtrNetworkGroup, qtr_network_group, ADW_TYPE_PREFERENCES_GROUP)

static void on_chosen(QtrNetworkGroup *self)
{
    AdwComboRow *rows[] = {self->network_a, self->network_b};

    for (int i = 0; i < 2 && self->comparison && !self->updating; i++) {
        guint at = adw_combo_row_get_selected(rows[i]);

        if (at != GTK_INVALID_LIST_POSITION)
            qtr_comparison_set_network(self->comparison, i,
                                       qtr_network_list_get_dir(self->networks, at));
    }
}

static void fill(QtrNetworkGroup *self)
{
    if (!self->comparison)
        return;
    self->updating = TRUE;
    qtr_network_list_fill(self->networks, self->runs, self->comparison);
    adw_combo_row_set_model(self->network_a, qtr_network_list_get_names(self->networks));
    adw_combo_row_set_model(self->network_b, qtr_network_list_get_names(self->networks));
    self->updating = FALSE;
}

/* A network from elsewhere is not in the list yet. */
static gboolean are_listed(QtrNetworkGroup *self)
{
    for (int i = 0; i < 2; i++) {
        const char *dir = qtr_comparison_get_network(self->comparison, i);

        if (dir && !qtr_network_list_find(self->networks, dir))
            return FALSE;
    }
    return TRUE;
}

static void show_comparison(QtrNetworkGroup *self)
{
    AdwComboRow *rows[] = {self->network_a, self->network_b};

    if (!are_listed(self))
        fill(self);
    self->updating = TRUE;
    for (int i = 0; i < 2; i++)
        adw_combo_row_set_selected(
            rows[i],
            qtr_network_list_find(self->networks, qtr_comparison_get_network(self->comparison, i)));
    self->updating = FALSE;
    gtk_widget_set_visible(self->busy_row, qtr_comparison_is_busy(self->comparison));
}

static void on_runs_changed(QtrNetworkGroup *self)
{
    fill(self);
    if (self->comparison)
        show_comparison(self);
}

void qtr_network_group_set_comparison(QtrNetworkGroup *self, QtrComparison *comparison)
{
    g_return_if_fail(QTR_IS_NETWORK_GROUP(self));
    if (self->comparison)
        g_signal_handlers_disconnect_by_data(self->comparison, self);
    self->comparison = comparison;
    if (!comparison)
        return;
    g_signal_connect_swapped(comparison, "changed", G_CALLBACK(show_comparison), self);
    on_runs_changed(self);
}

static void look_in_settings_folder(QtrNetworkGroup *self)
{
    g_autoptr(GSettings) settings = qtr_settings_new();
    g_autofree char *folder = qtr_settings_runs_folder(settings);

    qtr_run_list_set_folder(self->runs, folder);
}

void qtr_network_group_cover(QtrNetworkGroup *self, const char *run_dir)
{
    g_return_if_fail(QTR_IS_NETWORK_GROUP(self));
    if (!qtr_run_list_get_folder(self->runs))
        look_in_settings_folder(self);
    if (qtr_run_list_cover(self->runs, run_dir))
        self->elsewhere = TRUE;
}

static void qtr_network_group_map(GtkWidget *widget)
{
    QtrNetworkGroup *self = QTR_NETWORK_GROUP(widget);

    GTK_WIDGET_CLASS(qtr_network_group_parent_class)->map(widget);
    if (!self->elsewhere)
        look_in_settings_folder(self);
    qtr_run_list_refresh(self->runs);
}

static void qtr_network_group_dispose(GObject *object)
{
    QtrNetworkGroup *self = QTR_NETWORK_GROUP(object);

    qtr_network_group_set_comparison(self, NULL);
    if (self->runs)
        g_signal_handlers_disconnect_by_data(self->runs, self);
    g_clear_object(&self->runs);
    g_clear_pointer(&self->networks, qtr_network_list_free);
    G_OBJECT_CLASS(qtr_network_group_parent_class)->dispose(object);
}

static void qtr_network_group_class_init(QtrNetworkGroupClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_network_group_dispose;
    widget_class->map = qtr_network_group_map;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-network-group.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrNetworkGroup, network_a);
    gtk_widget_class_bind_template_child(widget_class, QtrNetworkGroup, network_b);
    gtk_widget_class_bind_template_child(widget_class, QtrNetworkGroup, busy_row);
    gtk_widget_class_bind_template_callback(widget_class, on_chosen);
}

static void qtr_network_group_init(QtrNetworkGroup *self)
{
    self->runs = qtr_run_list_new();
    self->networks = qtr_network_list_new();
    gtk_widget_init_template(GTK_WIDGET(self));
    g_signal_connect_swapped(self->runs, "notify::loading", G_CALLBACK(on_runs_changed), self);
}
