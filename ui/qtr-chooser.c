#include "qtr-chooser.h"

#include "qtr-settings.h"

typedef struct {
    GtkWidget *widget; /* weak */
    QtrChooserDone done;
    gpointer user_data;
    GDestroyNotify free_data;
} Question;

static void question_free(gpointer data, GClosure *closure)
{
    Question *question = data;

    g_clear_weak_pointer(&question->widget);
    if (question->free_data)
        question->free_data(question->user_data);
    g_free(question);
}

static void on_response(GtkNativeDialog *dialog, int response, gpointer user_data)
{
    Question *question = user_data;
    g_autoptr(GListModel) files = gtk_file_chooser_get_files(GTK_FILE_CHOOSER(dialog));
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < g_list_model_get_n_items(files); i++) {
        g_autoptr(GFile) file = g_list_model_get_item(files, i);
        char *path = g_file_get_path(file);

        if (path)
            g_ptr_array_add(paths, path);
    }
    if (response == GTK_RESPONSE_ACCEPT && paths->len > 0 && question->widget) {
        g_ptr_array_add(paths, NULL);
        question->done(question->widget, (const char *const *)paths->pdata, question->user_data);
    }
    gtk_native_dialog_destroy(dialog);
    g_object_unref(dialog);
}

static void set_up(GtkFileChooser *chooser, const QtrChooserParams *params)
{
    if (params->name && params->action == GTK_FILE_CHOOSER_ACTION_SAVE)
        gtk_file_chooser_set_current_name(chooser, params->name);
    if (params->folder) {
        g_autoptr(GFile) folder = g_file_new_for_path(params->folder);

        gtk_file_chooser_set_current_folder(chooser, folder, NULL);
    }
    gtk_file_chooser_set_select_multiple(chooser, params->many);
    if (params->filter_title) {
        g_autoptr(GtkFileFilter) filter = gtk_file_filter_new();

        gtk_file_filter_set_name(filter, params->filter_title);
        for (const char *const *p = params->patterns; p && *p; p++)
            gtk_file_filter_add_pattern(filter, *p);
        gtk_file_chooser_add_filter(chooser, filter);
    }
}

void qtr_chooser_ask(GtkWidget *widget, const QtrChooserParams *params, QtrChooserDone done,
                     gpointer user_data, GDestroyNotify free_data)
{
    GtkRoot *root = gtk_widget_get_root(widget);
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new(
        params->title, GTK_IS_WINDOW(root) ? GTK_WINDOW(root) : NULL, params->action, NULL, NULL);
    Question *question = g_new0(Question, 1);

    g_set_weak_pointer(&question->widget, widget);
    question->done = done;
    question->user_data = user_data;
    question->free_data = free_data;
    set_up(GTK_FILE_CHOOSER(dialog), params);
    gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
    g_signal_connect_data(dialog, "response", G_CALLBACK(on_response), question, question_free, 0);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

void qtr_chooser_ask_run_folder(GtkWidget *widget, const char *title, QtrChooserDone done)
{
    g_autoptr(GSettings) settings = qtr_settings_new();
    g_autofree char *runs = qtr_settings_runs_folder(settings);

    qtr_chooser_ask(widget,
                    &(QtrChooserParams){.title = title,
                                        .action = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                        .folder = runs},
                    done, NULL, NULL);
}
