#include "base/file.h"
#include "qtr-batch-control.h"
#include "qtr-batch-panel.h"
#include "qtr-results-panel.h"
#include "qtr-run-control.h"
#include "qtr-settings.h"
#include "qtr-window-private.h"
#include "qtr-yaml-edit.h"

#include <glib/gi18n.h>

/* Whether the file has a value of its own for the key. */
static gboolean says(const char *text, const char *key)
{
    g_autofree char *value = text ? qtr_yaml_edit_get(text, key) : NULL;

    return value && *value;
}

/* `run -c CONFIG --run-dir DIR`, with what the preferences add where the file says nothing. */
static GPtrArray *run_arguments(QtrWindow *self, const char *config, const char *folder)
{
    GPtrArray *args = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *device = g_settings_get_string(self->settings, "device");
    int threads = g_settings_get_int(self->settings, "threads");
    gsize size;
    g_autofree char *text = qtr_file_read(config, QTR_FILE_TEXT_MAX, &size, NULL);

    for (const char *const *a =
             (const char *const[]){"run", "-q", "-c", config, "--run-dir", folder, NULL};
         *a; a++)
        g_ptr_array_add(args, g_strdup(*a));
    if (*device && !says(text, "env.gpu")) {
        g_ptr_array_add(args, g_strdup("-g"));
        g_ptr_array_add(args, g_steal_pointer(&device));
    }
    if (threads > 0 && !says(text, "env.workers")) {
        g_ptr_array_add(args, g_strdup("--set"));
        g_ptr_array_add(args, g_strdup_printf("env.workers=%d", threads));
    }
    g_ptr_array_add(args, NULL);
    return args;
}

void qtr_window_start_run(QtrWindow *self, const char *config, const char *name, const char *cwd)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *stamp = g_date_time_format(now, "%Y-%m-%d-%H%M%S");
    g_autofree char *parent = qtr_settings_runs_folder(self->settings);
    g_autofree char *base = g_strdup_printf("RUN_%s-%s", name, stamp);
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = qtr_file_make_unique_dir(parent, base, &error);
    g_autoptr(GPtrArray) args = folder ? run_arguments(self, config, folder) : NULL;
    g_autoptr(QtrProcess) child = NULL;

    if (args)
        child = qtr_process_new(QTR_PROCESS_RUN, (const char *const *)args->pdata, cwd, &error);
    if (!child) {
        qtr_toast(GTK_WIDGET(self), _("The run could not be started: %s"), error->message);
        return;
    }
    qtr_application_add_run(QTR_APPLICATION(gtk_window_get_application(GTK_WINDOW(self))), child,
                            folder, name);
    gtk_widget_activate_action(GTK_WIDGET(self), "win.show-run", "s", folder);
}

static void start_demo(GtkWidget *widget, const char *action, GVariant *parameter)
{
    g_autofree char *root = NULL;
    g_autofree char *config = qtr_settings_shipped("configs/demo.yaml", &root);

    if (config)
        qtr_window_start_run(QTR_WINDOW(widget), config, "demo", root);
    else
        qtr_toast(widget, _("The demo is not installed: configs/demo.yaml was not found"));
}

/* In the Monitor panel; Results lists its folder, and Images has its network and pictures ready. */
static void show_run(GtkWidget *widget, const char *action, GVariant *parameter)
{
    static const char *const panels[] = {"monitor", "results", "images"};
    g_autofree char *dir = g_canonicalize_filename(g_variant_get_string(parameter, NULL), NULL);
    QtrWindow *self = QTR_WINDOW(widget);

    qtr_window_show_panel(self, "monitor");
    for (gsize i = 0; i < G_N_ELEMENTS(panels); i++) {
        QtrPanel *panel = qtr_window_get_panel(self, panels[i]);

        if (panel)
            qtr_panel_show_run(panel, dir);
    }
}

void qtr_window_open_folder(QtrWindow *self, const char *path)
{
    QtrPanel *batch = qtr_window_get_panel(self, "batch");
    QtrPanel *results = qtr_window_get_panel(self, "results");
    g_autofree char *reason = NULL;

    if (batch && qtr_batch_control_is_batch(path)) {
        qtr_window_show_panel(self, "batch");
        qtr_batch_panel_open(QTR_BATCH_PANEL(batch), path);
        if (results)
            qtr_results_panel_set_folder(QTR_RESULTS_PANEL(results), path);
    } else if ((reason = qtr_run_control_check_folder(path))) {
        qtr_toast(GTK_WIDGET(self), "%s", reason);
    } else {
        gtk_widget_activate_action(GTK_WIDGET(self), "win.show-run", "s", path);
    }
}

void qtr_window_install_run_actions(GtkWidgetClass *klass)
{
    gtk_widget_class_install_action(klass, "win.demo", NULL, start_demo);
    gtk_widget_class_install_action(klass, "win.show-run", "s", show_run);
}

static void on_close_response(QtrWindow *self, const char *response, GtkWindow *dialog)
{
    QtrApplication *application = QTR_APPLICATION(gtk_window_get_application(GTK_WINDOW(self)));

    if (g_str_equal(response, "cancel"))
        return;
    if (g_str_equal(response, "stop"))
        qtr_application_stop_runs(application);
    gtk_window_set_transient_for(dialog, NULL); /* which outlives us */
    gtk_window_destroy(GTK_WINDOW(self));
}

gboolean qtr_window_close_with_runs(QtrWindow *self)
{
    QtrApplication *application = QTR_APPLICATION(gtk_window_get_application(GTK_WINDOW(self)));
    guint n = application ? qtr_application_count_runs(application) : 0;
    GtkWidget *dialog;

    if (n == 0)
        return TRUE;
    dialog = adw_message_dialog_new(
        GTK_WINDOW(self), ngettext("A run still goes", "Several runs still go", n),
        _("It can go on without the window; opening its folder shows it again. Stopped, it "
          "finishes its step and saves, to be resumed later."));
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", _("_Cancel"), "stop",
                                     _("_Stop and Save"), "keep", _("_Keep Running"), NULL);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "keep",
                                               ADW_RESPONSE_SUGGESTED);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "keep");
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_close_response), self,
                            G_CONNECT_SWAPPED);
    gtk_window_present(GTK_WINDOW(dialog));
    return FALSE;
}
