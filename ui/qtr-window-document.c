#include "qtr-window-private.h"

#include <glib/gi18n.h>

static void show_editor(QtrWindow *self)
{
    const char *now = gtk_stack_get_visible_child_name(self->panels);
    gboolean welcome = g_str_equal(gtk_stack_get_visible_child_name(self->pages), "welcome");

    if (welcome || (g_strcmp0(now, "space") != 0 && g_strcmp0(now, "config") != 0))
        qtr_window_show_panel(self, "space");
}

static void load(QtrWindow *self, const char *path)
{
    g_autoptr(GError) error = NULL;

    if (!qtr_document_load(self->document, path, &error)) {
        qtr_toast(GTK_WIDGET(self), _("Not opened: %s"), error->message);
        return;
    }
    qtr_window_remember(self, path);
    show_editor(self);
}

static void load_new(QtrWindow *self, const char *preset)
{
    g_autoptr(QtrConfig) config = qtr_config_new();
    g_autofree char *text = qtr_config_to_yaml(config);

    qtr_document_set_text(self->document, text, NULL);
    show_editor(self);
}

static gboolean is_image(const char *path)
{
    static const char *const extensions[] = {".png", ".jpg", ".jpeg"};
    g_autofree char *lower = g_ascii_strdown(path, -1);

    for (gsize i = 0; i < G_N_ELEMENTS(extensions); i++)
        if (g_str_has_suffix(lower, extensions[i]))
            return TRUE;
    return FALSE;
}

void qtr_window_open(QtrWindow *window, GFile *file)
{
    g_autofree char *path = g_file_get_path(file);

    if (!path)
        qtr_toast(GTK_WIDGET(window), _("Only files on this computer can be opened"));
    else if (g_file_test(path, G_FILE_TEST_IS_DIR))
        qtr_window_open_folder(window, path);
    else if (is_image(path))
        gtk_widget_activate_action(GTK_WIDGET(window), "win.view-images", "(sss)", "", path, "");
    else
        qtr_window_when_saved(window, load, path);
}

static void on_open_chosen(QtrWindow *self, int response)
{
    g_autofree char *path = qtr_window_take_chosen(self, response);

    if (path)
        qtr_window_when_saved(self, load, path);
}

static void new_document(GtkWidget *widget, const char *action, GVariant *parameter)
{
    qtr_window_when_saved(QTR_WINDOW(widget), load_new, NULL);
}

static void open_document(GtkWidget *widget, const char *action, GVariant *parameter)
{
    QtrWindow *self = QTR_WINDOW(widget);

    g_clear_object(&self->chooser);
    self->chooser = qtr_window_make_chooser(self, GTK_FILE_CHOOSER_ACTION_OPEN);
    g_signal_connect_object(self->chooser, "response", G_CALLBACK(on_open_chosen), self,
                            G_CONNECT_SWAPPED);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(self->chooser));
}

static void open_path(GtkWidget *widget, const char *action, GVariant *parameter)
{
    g_autoptr(GFile) file = g_file_new_for_path(g_variant_get_string(parameter, NULL));

    qtr_window_open(QTR_WINDOW(widget), file);
}

static void save(GtkWidget *widget, const char *action, GVariant *parameter)
{
    qtr_window_save_then(QTR_WINDOW(widget), NULL, NULL);
}

static void save_as(GtkWidget *widget, const char *action, GVariant *parameter)
{
    qtr_window_save_as_then(QTR_WINDOW(widget), NULL, NULL);
}

static void undo(GtkWidget *widget, const char *action, GVariant *parameter)
{
    gtk_text_buffer_undo(GTK_TEXT_BUFFER(qtr_document_get_buffer(QTR_WINDOW(widget)->document)));
}

static void redo(GtkWidget *widget, const char *action, GVariant *parameter)
{
    gtk_text_buffer_redo(GTK_TEXT_BUFFER(qtr_document_get_buffer(QTR_WINDOW(widget)->document)));
}

static void run_saved(QtrWindow *self, const char *parameter)
{
    g_autofree char *path = g_strdup(qtr_document_get_path(self->document));
    const QtrConfig *config = qtr_document_get_config(self->document);

    qtr_window_start_run(self, path, config->env.run_name, NULL);
}

static void run(GtkWidget *widget, const char *action, GVariant *parameter)
{
    QtrWindow *self = QTR_WINDOW(widget);
    const QtrConfigProblem *problem = qtr_document_find_problem(self->document, NULL);

    if (problem) {
        qtr_window_show_panel(self, "config");
        qtr_toast(widget, "%s%s%s", problem->key, *problem->key ? ": " : "", problem->message);
    } else if (qtr_document_is_modified(self->document) || !qtr_document_get_path(self->document) ||
               qtr_document_is_outdated(self->document)) {
        qtr_window_save_then(self, run_saved, NULL);
    } else {
        run_saved(self, NULL);
    }
}

static void discard_and_close(QtrWindow *self, const char *parameter)
{
    gtk_text_buffer_set_modified(GTK_TEXT_BUFFER(qtr_document_get_buffer(self->document)), FALSE);
    gtk_window_close(GTK_WINDOW(self));
}

gboolean qtr_window_close_document(QtrWindow *self)
{
    if (!qtr_document_is_modified(self->document))
        return TRUE;
    qtr_window_when_saved(self, discard_and_close, NULL);
    return FALSE;
}

static gboolean on_drop(QtrWindow *self, const GValue *value)
{
    GSList *files = g_value_get_boxed(value);

    if (files)
        qtr_window_open(self, files->data);
    return files != NULL;
}

/* Files dropped anywhere on the window are opened, before the text under them takes their names. */
void qtr_window_accept_drops(QtrWindow *self)
{
    GtkDropTarget *target = gtk_drop_target_new(GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

    gtk_event_controller_set_propagation_phase(GTK_EVENT_CONTROLLER(target), GTK_PHASE_CAPTURE);
    g_signal_connect_object(target, "drop", G_CALLBACK(on_drop), self, G_CONNECT_SWAPPED);
    gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(target));
}

static void show_document(QtrWindow *self)
{
    GtkTextBuffer *buffer = GTK_TEXT_BUFFER(qtr_document_get_buffer(self->document));
    const char *panel = gtk_stack_get_visible_child_name(self->panels);
    gboolean panels = g_str_equal(gtk_stack_get_visible_child_name(self->pages), "panels");
    gboolean shown = panels && (g_strcmp0(panel, "space") == 0 || g_strcmp0(panel, "config") == 0);
    g_autofree char *name = qtr_document_get_name(self->document);
    g_autofree char *marked =
        qtr_document_is_modified(self->document) ? g_strconcat("• ", name, NULL) : g_strdup(name);

    adw_window_title_set_subtitle(self->window_title, shown ? marked : "");
    /* Where room is scarce the menu has it. */
    gtk_widget_set_visible(self->open_button, shown && !adw_flap_get_folded(self->flap));
    gtk_widget_set_visible(self->run_button, shown);
    gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.undo",
                                  gtk_text_buffer_get_can_undo(buffer));
    gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.redo",
                                  gtk_text_buffer_get_can_redo(buffer));
}

void qtr_window_update_document(QtrWindow *self)
{
    if (!gtk_widget_in_destruction(GTK_WIDGET(self)))
        show_document(self);
}

void qtr_window_install_document_actions(GtkWidgetClass *klass)
{
    gtk_widget_class_install_action(klass, "win.new", NULL, new_document);
    gtk_widget_class_install_action(klass, "win.open", NULL, open_document);
    gtk_widget_class_install_action(klass, "win.open-path", "s", open_path);
    gtk_widget_class_install_action(klass, "win.save", NULL, save);
    gtk_widget_class_install_action(klass, "win.save-as", NULL, save_as);
    gtk_widget_class_install_action(klass, "win.undo", NULL, undo);
    gtk_widget_class_install_action(klass, "win.redo", NULL, redo);
    gtk_widget_class_install_action(klass, "win.run", NULL, run);
}
