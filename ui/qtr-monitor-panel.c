#include "qtr-monitor-panel.h"

#include "qtr-chooser.h"
#include "qtr-run-charts.h"
#include "qtr-run-control.h"
#include "qtr-run-network.h"
#include "qtr-run-status.h"
#include "qtr-settings.h"
#include "qtr-validation-view.h"

#include <glib/gi18n.h>

struct _QtrMonitorPanel {
    QtrPanel parent_instance;

    QtrRunFolder *run;

    /* template widgets */
    GtkStack *stack;
    GtkWidget *resume_button, *stop_button;
    QtrRunStatus *status;
    QtrValidationView *validation;
    QtrRunCharts *charts;
    QtrRunNetwork *network;
};

G_DEFINE_FINAL_TYPE(QtrMonitorPanel, qtr_monitor_panel, QTR_TYPE_PANEL)

static void show_snapshot(QtrMonitorPanel *self)
{
    QtrRunSnapshot *s = self->run ? qtr_run_folder_get_snapshot(self->run) : NULL;

    if (!s)
        return;
    qtr_run_status_set_snapshot(self->status, s);
    qtr_validation_view_set_snapshot(self->validation, s);
    qtr_run_charts_set_snapshot(self->charts, s);
    qtr_run_network_set_snapshot(self->network, s);
    gtk_widget_set_visible(self->stop_button, qtr_run_control_can_stop(s));
    gtk_widget_set_visible(self->resume_button, s->can_resume);
    gtk_stack_set_visible_child_name(self->stack, "run");
}

static void qtr_monitor_panel_show_run(QtrPanel *panel, const char *folder)
{
    QtrMonitorPanel *self = QTR_MONITOR_PANEL(panel);

    if (self->run && g_str_equal(qtr_run_folder_get_dir(self->run), folder)) {
        qtr_run_folder_refresh(self->run);
        return;
    }
    if (self->run)
        g_signal_handlers_disconnect_by_data(self->run, self);
    g_clear_object(&self->run);
    self->run = qtr_run_folder_new(folder);
    g_signal_connect_swapped(self->run, "notify::snapshot", G_CALLBACK(show_snapshot), self);
    gtk_widget_action_set_enabled(GTK_WIDGET(self), "monitor.show-folder", TRUE);
}

static void on_chosen(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    g_autofree char *reason = qtr_run_control_check_folder(paths[0]);

    if (reason)
        qtr_toast(widget, "%s", reason);
    else if (!gtk_widget_activate_action(widget, "win.show-run", "s", paths[0]))
        qtr_monitor_panel_show_run(QTR_PANEL(widget), paths[0]);
}

static void open_run(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_chooser_ask_run_folder(widget, _("Open Run Folder"), on_chosen);
}

static void show_folder(GtkWidget *widget, const char *action, GVariant *target)
{
    QtrMonitorPanel *self = QTR_MONITOR_PANEL(widget);

    if (self->run)
        qtr_run_control_show_folder(widget, qtr_run_folder_get_dir(self->run));
}

static void stop(GtkWidget *widget, const char *action, GVariant *target)
{
    QtrMonitorPanel *self = QTR_MONITOR_PANEL(widget);

    if (self->run && qtr_run_folder_get_snapshot(self->run))
        qtr_run_control_stop(widget, qtr_run_folder_get_snapshot(self->run));
}

static void resume(GtkWidget *widget, const char *action, GVariant *target)
{
    QtrMonitorPanel *self = QTR_MONITOR_PANEL(widget);

    if (self->run && qtr_run_folder_get_snapshot(self->run))
        qtr_run_control_resume(widget, qtr_run_folder_get_snapshot(self->run));
}

static void qtr_monitor_panel_dispose(GObject *object)
{
    QtrMonitorPanel *self = QTR_MONITOR_PANEL(object);

    if (self->run)
        g_signal_handlers_disconnect_by_data(self->run, self);
    g_clear_object(&self->run);
    if (adw_bin_get_child(ADW_BIN(self)))
        adw_bin_set_child(ADW_BIN(self), NULL);
    G_OBJECT_CLASS(qtr_monitor_panel_parent_class)->dispose(object);
}

static void qtr_monitor_panel_class_init(QtrMonitorPanelClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_monitor_panel_dispose;
    QTR_PANEL_CLASS(klass)->show_run = qtr_monitor_panel_show_run;
    g_type_ensure(QTR_TYPE_RUN_STATUS);
    g_type_ensure(QTR_TYPE_VALIDATION_VIEW);
    g_type_ensure(QTR_TYPE_RUN_CHARTS);
    g_type_ensure(QTR_TYPE_RUN_NETWORK);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-monitor-panel.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrMonitorPanel, stack);
    gtk_widget_class_bind_template_child(widget_class, QtrMonitorPanel, resume_button);
    gtk_widget_class_bind_template_child(widget_class, QtrMonitorPanel, stop_button);
    gtk_widget_class_bind_template_child(widget_class, QtrMonitorPanel, status);
    gtk_widget_class_bind_template_child(widget_class, QtrMonitorPanel, validation);
    gtk_widget_class_bind_template_child(widget_class, QtrMonitorPanel, charts);
    gtk_widget_class_bind_template_child(widget_class, QtrMonitorPanel, network);
    gtk_widget_class_install_action(widget_class, "monitor.open", NULL, open_run);
    gtk_widget_class_install_action(widget_class, "monitor.show-folder", NULL, show_folder);
    gtk_widget_class_install_action(widget_class, "monitor.stop", NULL, stop);
    gtk_widget_class_install_action(widget_class, "monitor.resume", NULL, resume);
}

static void qtr_monitor_panel_init(QtrMonitorPanel *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_widget_action_set_enabled(GTK_WIDGET(self), "monitor.show-folder", FALSE);
}

QtrRunFolder *qtr_monitor_panel_get_run(QtrMonitorPanel *self)
{
    g_return_val_if_fail(QTR_IS_MONITOR_PANEL(self), NULL);
    return self->run;
}
