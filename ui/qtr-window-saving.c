#include "qtr-window-private.h"

#include <glib/gi18n.h>

/* What waits for the answer to "save changes?" */
typedef struct {
    QtrWindow *window;
    QtrContinuation go_on;
    char *parameter;
} Pending;

static void pending_free(gpointer data, GClosure *closure)
{
    Pending *pending = data;

    g_object_unref(pending->window);
    g_free(pending->parameter);
    g_free(pending);
}

static gboolean save_to(QtrWindow *self, const char *path)
{
    g_autoptr(GError) error = NULL;

    if (!qtr_document_save(self->document, path, &error)) {
        qtr_toast(GTK_WIDGET(self), _("Not saved: %s"), error->message);
        return FALSE;
    }
    qtr_window_remember(self, path);
    return TRUE;
}

GtkFileChooserNative *qtr_window_make_chooser(QtrWindow *self, GtkFileChooserAction action)
{
    gboolean save = action == GTK_FILE_CHOOSER_ACTION_SAVE;
    GtkFileChooserNative *chooser =
        gtk_file_chooser_native_new(save ? _("Save Configuration") : _("Open Configuration"),
                                    GTK_WINDOW(self), action, save ? _("_Save") : _("_Open"), NULL);
    g_autoptr(GtkFileFilter) yaml = gtk_file_filter_new();
    g_autoptr(GtkFileFilter) all = gtk_file_filter_new();
    const char *folder = qtr_document_get_folder(self->document);

    gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(chooser), TRUE);
    gtk_file_filter_set_name(yaml, _("Configurations (YAML)"));
    gtk_file_filter_add_suffix(yaml, "yaml");
    gtk_file_filter_add_suffix(yaml, "yml");
    gtk_file_filter_set_name(all, _("All Files"));
    gtk_file_filter_add_pattern(all, "*");
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(chooser), yaml);
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(chooser), all);
    if (folder) {
        g_autoptr(GFile) file = g_file_new_for_path(folder);

        (void)gtk_file_chooser_set_current_folder(GTK_FILE_CHOOSER(chooser), file, NULL);
    }
    return chooser;
}

char *qtr_window_take_chosen(QtrWindow *self, int response)
{
    g_autoptr(GtkFileChooserNative) chooser = g_steal_pointer(&self->chooser);
    g_autoptr(GFile) file = NULL;

    if (response == GTK_RESPONSE_ACCEPT)
        file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser));
    return file ? g_file_get_path(file) : NULL;
}

static void on_save_chosen(Pending *pending, int response)
{
    QtrWindow *self = pending->window;
    g_autofree char *path = qtr_window_take_chosen(self, response);

    if (path && save_to(self, path) && pending->go_on)
        pending->go_on(self, pending->parameter);
}

void qtr_window_save_as_then(QtrWindow *self, QtrContinuation go_on, const char *parameter)
{
    Pending *pending = g_new0(Pending, 1);
    g_autofree char *name = qtr_document_get_name(self->document);

    pending->window = g_object_ref(self);
    pending->go_on = go_on;
    pending->parameter = g_strdup(parameter);
    g_clear_object(&self->chooser);
    self->chooser = qtr_window_make_chooser(self, GTK_FILE_CHOOSER_ACTION_SAVE);
    gtk_file_chooser_set_current_name(
        GTK_FILE_CHOOSER(self->chooser),
        qtr_document_get_path(self->document) ? name : _("configuration.yaml"));
    g_signal_connect_data(self->chooser, "response", G_CALLBACK(on_save_chosen), pending,
                          pending_free, G_CONNECT_SWAPPED);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(self->chooser));
}

void qtr_window_save_then(QtrWindow *self, QtrContinuation go_on, const char *parameter)
{
    const char *path = qtr_document_get_path(self->document);
    g_autofree char *copy = g_strdup(path);

    if (!path)
        qtr_window_save_as_then(self, go_on, parameter);
    else if (qtr_document_is_outdated(self->document))
        qtr_toast(GTK_WIDGET(self), _("The file was changed by another program; use Save As"));
    else if (save_to(self, copy) && go_on)
        go_on(self, parameter);
}

static void on_unsaved_response(Pending *pending, const char *response)
{
    QtrWindow *self = pending->window;

    if (g_str_equal(response, "save"))
        qtr_window_save_then(self, pending->go_on, pending->parameter);
    else if (g_str_equal(response, "discard"))
        pending->go_on(self, pending->parameter);
}

void qtr_window_when_saved(QtrWindow *self, QtrContinuation go_on, const char *parameter)
{
    g_autofree char *name = qtr_document_get_name(self->document);
    Pending *pending;
    GtkWidget *dialog;

    if (!qtr_document_is_modified(self->document)) {
        go_on(self, parameter);
        return;
    }
    pending = g_new0(Pending, 1);
    pending->window = g_object_ref(self);
    pending->go_on = go_on;
    pending->parameter = g_strdup(parameter);
    dialog = adw_message_dialog_new(GTK_WINDOW(self), _("Save Changes?"), NULL);
    adw_message_dialog_format_body(ADW_MESSAGE_DIALOG(dialog),
                                   _("“%s” has changes that are not saved."), name);
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", _("_Cancel"), "discard",
                                     _("_Discard"), "save", _("_Save"), NULL);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "discard",
                                               ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "save",
                                               ADW_RESPONSE_SUGGESTED);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "save");
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    g_signal_connect_data(dialog, "response", G_CALLBACK(on_unsaved_response), pending,
                          pending_free, G_CONNECT_SWAPPED);
    gtk_window_present(GTK_WINDOW(dialog));
}
