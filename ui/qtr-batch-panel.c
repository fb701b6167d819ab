#include "qtr-batch-panel.h"

#include "base/file.h"
#include "qtr-batch-control.h"
#include "qtr-batch-setup.h"
#include "qtr-chooser.h"
#include "qtr-run-control.h"
#include "qtr-run-status.h"
#include "qtr-settings.h"
#include "qtr-trial-log.h"
#include "qtr-trial-table.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _QtrBatchPanel {
    QtrPanel parent_instance;

    QtrDocument *document; /* borrowed */
    QtrBatchModel *model;
    gboolean updating, was_running;

    /* template widgets */
    GtkStack *stack;
    QtrBatchSetup *setup;
    GtkWidget *resume_button, *retry_button, *stop_button, *cancel_button;
    GtkToggleButton *pause_button;
    GtkLabel *name_label, *state_label;
    GtkProgressBar *progress;
    QtrTrialTable *table;
    QtrTrialLog *log;
};

G_DEFINE_FINAL_TYPE(QtrBatchPanel, qtr_batch_panel, QTR_TYPE_PANEL)

static char *state_text(QtrBatchPanel *self)
{
    static const QtrStand order[] = {QTR_STAND_RUNNING, QTR_STAND_DONE, QTR_STAND_FAILED,
                                     QTR_STAND_STOPPED, QTR_STAND_QUEUED};
    GString *text = g_string_new(NULL);

    if (qtr_batch_model_get_failure(self->model))
        return g_strdup(qtr_batch_model_get_failure(self->model));
    if (qtr_batch_model_is_running(self->model) && qtr_batch_model_is_paused(self->model))
        g_string_append(text, _("Paused"));
    for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
        guint n = qtr_batch_model_count(self->model, order[i]);

        if (n > 0)
            g_string_append_printf(text, "%s%u %s", text->len ? "  \xc2\xb7  " : "", n,
                                   qtr_stand_title(order[i]));
    }
    if (text->len == 0)
        g_string_append(text, qtr_batch_model_is_running(self->model) ? _("Starting…")
                                                                      : _("No trials yet"));
    return g_string_free(text, FALSE);
}

static double fraction_of(QtrBatchPanel *self)
{
    guint n = g_list_model_get_n_items(G_LIST_MODEL(self->model));
    double sum = 0;

    for (guint i = 0; i < n; i++) {
        g_autoptr(QtrTrialItem) item = g_list_model_get_item(G_LIST_MODEL(self->model), i);

        sum += qtr_trial_item_get_stand(item) == QTR_STAND_FAILED
                   ? 1
                   : qtr_trial_item_get_fraction(item);
    }
    return n ? sum / n : 0;
}

static void show_buttons(QtrBatchPanel *self)
{
    gboolean running = qtr_batch_model_is_running(self->model);
    gboolean here = qtr_batch_model_get_pid(self->model) > 0;
    gboolean readable = !qtr_batch_model_get_failure(self->model);
    guint left = qtr_batch_model_count(self->model, QTR_STAND_QUEUED) +
                 qtr_batch_model_count(self->model, QTR_STAND_STOPPED);

    gtk_widget_set_visible(self->resume_button, readable && !running && left > 0);
    gtk_widget_set_visible(self->retry_button,
                           readable && !running &&
                               qtr_batch_model_count(self->model, QTR_STAND_FAILED) > 0);
    gtk_widget_set_visible(GTK_WIDGET(self->pause_button), running);
    gtk_widget_set_visible(self->stop_button, here);
    gtk_widget_set_visible(self->cancel_button, here);
    self->updating = TRUE;
    gtk_toggle_button_set_active(self->pause_button, qtr_batch_model_is_paused(self->model));
    self->updating = FALSE;
}

static void on_selected(QtrBatchPanel *self)
{
    if (self->model)
        qtr_trial_log_set(self->log, self->model, qtr_trial_table_get_selected(self->table));
}

/* A batch that this application has started is told of with its process. */
static void notify_end(QtrBatchPanel *self)
{
    GApplication *application = g_application_get_default();
    gboolean running = qtr_batch_model_is_running(self->model);

    if (self->was_running && !running && application && !gtk_widget_get_mapped(GTK_WIDGET(self))) {
        g_autoptr(GNotification) notification = g_notification_new(_("The batch has ended"));
        g_autofree char *text = state_text(self);

        g_notification_set_body(notification, text);
        g_application_send_notification(application, qtr_batch_model_get_dir(self->model),
                                        notification);
    }
    self->was_running = running;
}

static void on_changed(QtrBatchPanel *self)
{
    g_autofree char *name = g_path_get_basename(qtr_batch_model_get_dir(self->model));
    g_autofree char *state = state_text(self);

    gtk_label_set_label(self->name_label, name);
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->name_label), qtr_batch_model_get_dir(self->model));
    gtk_label_set_label(self->state_label, state);
    gtk_progress_bar_set_fraction(self->progress, fraction_of(self));
    show_buttons(self);
    on_selected(self);
    notify_end(self);
}

static void drop_model(QtrBatchPanel *self)
{
    if (self->model)
        g_signal_handlers_disconnect_by_data(self->model, self);
    g_clear_object(&self->model);
}

void qtr_batch_panel_open(QtrBatchPanel *self, const char *dir)
{
    g_return_if_fail(QTR_IS_BATCH_PANEL(self));
    drop_model(self);
    self->model = qtr_batch_model_new(dir);
    self->was_running = FALSE;
    g_signal_connect_swapped(self->model, "changed", G_CALLBACK(on_changed), self);
    qtr_trial_table_set_model(self->table, self->model);
    on_changed(self);
    gtk_stack_set_visible_child_name(self->stack, "batch");
}

QtrBatchModel *qtr_batch_panel_get_model(QtrBatchPanel *self)
{
    return self->model;
}

static void on_activated(QtrBatchPanel *self, QtrTrialItem *item)
{
    const QtrRunSnapshot *s = qtr_trial_item_get_snapshot(item);

    if (s)
        gtk_widget_activate_action(GTK_WIDGET(self), "win.show-run", "s", s->dir);
}

/* The text being edited, where the batch can read it; NULL with a message. */
static char *write_config(QtrBatchPanel *self, const char *runs_folder, GError **error)
{
    g_autofree char *leaf = g_strdup_printf(".%s.yaml", qtr_batch_setup_get_name(self->setup));
    g_autofree char *path = g_build_filename(runs_folder, leaf, NULL);
    g_autofree char *text = qtr_document_get_standalone(self->document);

    return qtr_file_write(path, text, strlen(text), error) ? g_steal_pointer(&path) : NULL;
}

static void start(GtkWidget *widget, const char *action, GVariant *target)
{
    QtrBatchPanel *self = QTR_BATCH_PANEL(widget);
    g_autoptr(GSettings) settings = qtr_settings_new();
    g_autofree char *runs = qtr_settings_runs_folder(settings);
    const char *name = qtr_batch_setup_get_name(self->setup);
    g_autofree char *dir = g_build_filename(runs, name, NULL);
    g_autofree char *reason = NULL;
    g_autofree char *config = NULL;
    g_autoptr(GPtrArray) args = NULL;
    g_autoptr(GError) error = NULL;

    if (!self->document)
        return;
    args = qtr_batch_setup_arguments(self->setup, "", runs, &reason);
    if (!args) {
        qtr_toast(widget, "%s", reason);
        return;
    }
    if (g_file_test(dir, G_FILE_TEST_EXISTS)) {
        qtr_toast(widget, _("There is a batch named %s already: choose another name, or open it"),
                  name);
        return;
    }
    if (!(config = write_config(self, runs, &error))) {
        qtr_toast(widget, "%s", error->message);
        return;
    }
    g_ptr_array_unref(args);
    args = qtr_batch_setup_arguments(self->setup, config, runs, &reason);
    if (qtr_run_control_start(widget, (const char *const *)args->pdata, dir, name))
        qtr_batch_panel_open(self, dir);
}

static void on_folder(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    if (qtr_batch_control_is_batch(paths[0]))
        qtr_batch_panel_open(QTR_BATCH_PANEL(widget), paths[0]);
    else
        qtr_toast(widget, _("%s is not the folder of a batch: there is no batch.json in it"),
                  paths[0]);
}

static void open_batch(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_chooser_ask_run_folder(widget, _("Open Batch"), on_folder);
}

static void new_batch(GtkWidget *widget, const char *action, GVariant *target)
{
    gtk_stack_set_visible_child_name(QTR_BATCH_PANEL(widget)->stack, "setup");
}

static void resume(GtkWidget *widget, const char *action, GVariant *target)
{
    QtrBatchPanel *self = QTR_BATCH_PANEL(widget);

    if (self->model)
        (void)qtr_batch_control_resume(widget, self->model, g_str_equal(action, "batch.retry"));
}

static void on_pause_toggled(QtrBatchPanel *self)
{
    if (!self->updating && self->model)
        qtr_batch_control_pause(GTK_WIDGET(self), self->model,
                                gtk_toggle_button_get_active(self->pause_button));
}

static void stop(GtkWidget *widget, const char *action, GVariant *target)
{
    if (QTR_BATCH_PANEL(widget)->model)
        qtr_batch_control_stop(widget, QTR_BATCH_PANEL(widget)->model);
}

static void on_cancel_response(QtrBatchPanel *self, const char *response)
{
    if (g_str_equal(response, "end") && self->model)
        qtr_batch_control_kill(GTK_WIDGET(self), self->model);
}

static void cancel(GtkWidget *widget, const char *action, GVariant *target)
{
    GtkRoot *root = gtk_widget_get_root(widget);
    GtkWidget *dialog = adw_message_dialog_new(
        GTK_IS_WINDOW(root) ? GTK_WINDOW(root) : NULL, _("End All Runs at Once?"),
        _("What came after their last checkpoints is lost. Stop instead saves it first."));

    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "keep", _("_Keep Running"), "end",
                                     _("_End at Once"), NULL);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "end",
                                               ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "keep");
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_cancel_response), widget,
                            G_CONNECT_SWAPPED);
    gtk_window_present(GTK_WINDOW(dialog));
}

static void qtr_batch_panel_set_document(QtrPanel *panel, QtrDocument *document)
{
    QtrBatchPanel *self = QTR_BATCH_PANEL(panel);

    self->document = document;
    qtr_batch_setup_set_document(self->setup, document);
}

static void qtr_batch_panel_dispose(GObject *object)
{
    QtrBatchPanel *self = QTR_BATCH_PANEL(object);

    drop_model(self);
    if (adw_bin_get_child(ADW_BIN(self)))
        adw_bin_set_child(ADW_BIN(self), NULL);
    G_OBJECT_CLASS(qtr_batch_panel_parent_class)->dispose(object);
}

static void bind_template(GtkWidgetClass *klass)
{
    gtk_widget_class_set_template_from_resource(klass, QTR_RESOURCE_PATH "qtr-batch-panel.ui");
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, stack);
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, setup);
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, resume_button);
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, retry_button);
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, stop_button);
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, cancel_button);
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, pause_button);
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, name_label);
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, state_label);
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, progress);
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, table);
    gtk_widget_class_bind_template_child(klass, QtrBatchPanel, log);
    gtk_widget_class_bind_template_callback(klass, on_selected);
    gtk_widget_class_bind_template_callback(klass, on_activated);
    gtk_widget_class_bind_template_callback(klass, on_pause_toggled);
}

static void qtr_batch_panel_class_init(QtrBatchPanelClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_batch_panel_dispose;
    QTR_PANEL_CLASS(klass)->set_document = qtr_batch_panel_set_document;
    g_type_ensure(QTR_TYPE_BATCH_SETUP);
    g_type_ensure(QTR_TYPE_TRIAL_TABLE);
    g_type_ensure(QTR_TYPE_TRIAL_LOG);
    bind_template(widget_class);
    gtk_widget_class_install_action(widget_class, "batch.start", NULL, start);
    gtk_widget_class_install_action(widget_class, "batch.open", NULL, open_batch);
    gtk_widget_class_install_action(widget_class, "batch.new", NULL, new_batch);
    gtk_widget_class_install_action(widget_class, "batch.resume", NULL, resume);
    gtk_widget_class_install_action(widget_class, "batch.retry", NULL, resume);
    gtk_widget_class_install_action(widget_class, "batch.stop", NULL, stop);
    gtk_widget_class_install_action(widget_class, "batch.cancel", NULL, cancel);
}

static void qtr_batch_panel_init(QtrBatchPanel *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}
