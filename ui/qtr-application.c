#include "qtr-application.h"

#include "qtr-build-config.h"
#include "qtr-devices.h"
#include "qtr-preferences.h"
#include "qtr-rendering.h"
#include "qtr-settings.h"
#include "qtr-window.h"

#include <glib/gi18n.h>
#include <locale.h>

struct _QtrApplication {
    AdwApplication parent_instance;

    GSettings *settings;
    GPtrArray *runs; /* QtrProcess, running */
};

G_DEFINE_FINAL_TYPE(QtrApplication, qtr_application, ADW_TYPE_APPLICATION)

typedef struct {
    const char *action;
    const char *keys[3];
} Shortcut;

static const Shortcut shortcuts[] = {
    {"app.quit", {"<Control>q"}},
    {"app.preferences", {"<Control>comma"}},
    {"window.close", {"<Control>w"}},
    {"win.show-help-overlay", {"<Control>question", "<Control>F1"}},
    {"win.toggle-sidebar", {"F9"}},
    {"win.menu", {"F10"}},
    {"win.next-panel", {"<Control>Page_Down"}},
    {"win.previous-panel", {"<Control>Page_Up"}},
    {"win.new", {"<Control>n"}},
    {"win.open", {"<Control>o"}},
    {"win.save", {"<Control>s"}},
    {"win.save-as", {"<Control><Shift>s"}},
    {"win.undo", {"<Control>z"}},
    {"win.redo", {"<Control><Shift>z", "<Control>y"}},
    {"win.run", {"<Control>Return"}},
};

static void on_preferences(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    QtrApplication *self = user_data;
    GtkWindow *parent = gtk_application_get_active_window(GTK_APPLICATION(self));
    GtkWidget *window = qtr_preferences_new(self->settings);

    gtk_window_set_transient_for(GTK_WINDOW(window), parent);
    gtk_window_present(GTK_WINDOW(window));
}

static void on_about(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    static const char *const developers[] = {"The QuanToaster developers", NULL};
    GtkWindow *parent = gtk_application_get_active_window(user_data);

    adw_show_about_window(
        parent, "application-name", "QuanToaster", "application-icon", QTR_APP_ID, "version",
        QTR_VERSION, "developer-name", "The QuanToaster developers", "developers", developers,
        "copyright", "© 2026 The QuanToaster developers", "license-type", GTK_LICENSE_MIT_X11,
        "comments",
        _("Searches for small super-resolution networks that keep their quality when they are "
          "quantized to a few bits, after the paper “QuantNAS for super resolution” "
          "(arXiv 2208.14839)."),
        /* Translators: your names, one a line */
        "translator-credits", _("translator-credits"), NULL);
}

static void on_quit(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    GtkWindow *window = gtk_application_get_active_window(user_data);

    if (window)
        gtk_window_close(window); /* which asks about runs and unsaved changes */
    else
        g_application_quit(user_data);
}

/* `(run folder)` of a notification. */
static void on_show_run(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    GtkWindow *window;

    g_application_activate(user_data);
    window = gtk_application_get_active_window(user_data);
    if (window)
        gtk_widget_activate_action_variant(GTK_WIDGET(window), "win.show-run", parameter);
}

static void qtr_application_startup(GApplication *application)
{
    static const GActionEntry entries[] = {
        {.name = "preferences", .activate = on_preferences},
        {.name = "about", .activate = on_about},
        {.name = "quit", .activate = on_quit},
        {.name = "show-run", .activate = on_show_run, .parameter_type = "s"},
    };

    G_APPLICATION_CLASS(qtr_application_parent_class)->startup(application);
    qtr_rendering_choose(gdk_display_get_default());
    /* Numbers in files and text fields keep their point whatever the user's language. */
    (void)setlocale(LC_NUMERIC, "C");
    gtk_window_set_default_icon_name(QTR_APP_ID);
    g_action_map_add_action_entries(G_ACTION_MAP(application), entries, G_N_ELEMENTS(entries),
                                    application);
    for (gsize i = 0; i < G_N_ELEMENTS(shortcuts); i++)
        gtk_application_set_accels_for_action(GTK_APPLICATION(application), shortcuts[i].action,
                                              shortcuts[i].keys);
}

static void qtr_application_activate(GApplication *application)
{
    QtrApplication *self = QTR_APPLICATION(application);
    GtkWindow *window = gtk_application_get_active_window(GTK_APPLICATION(self));

    if (!window)
        window = GTK_WINDOW(qtr_window_new(self));
    gtk_window_present(window);
}

static void qtr_application_open(GApplication *application, GFile **files, int n_files,
                                 const char *hint)
{
    GtkWindow *window;

    g_application_activate(application);
    window = gtk_application_get_active_window(GTK_APPLICATION(application));
    if (window && n_files > 0)
        qtr_window_open(QTR_WINDOW(window), files[0]);
}

static void qtr_application_dispose(GObject *object)
{
    QtrApplication *self = QTR_APPLICATION(object);

    g_clear_pointer(&self->runs, g_ptr_array_unref);
    g_clear_object(&self->settings);
    G_OBJECT_CLASS(qtr_application_parent_class)->dispose(object);
}

static void qtr_application_class_init(QtrApplicationClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = qtr_application_dispose;
    G_APPLICATION_CLASS(klass)->startup = qtr_application_startup;
    G_APPLICATION_CLASS(klass)->activate = qtr_application_activate;
    G_APPLICATION_CLASS(klass)->open = qtr_application_open;
}

static void qtr_application_init(QtrApplication *self)
{
    self->settings = qtr_settings_new();
    self->runs = g_ptr_array_new_with_free_func(g_object_unref);
}

QtrApplication *qtr_application_new(void)
{
    QtrApplication *self = g_object_new(QTR_TYPE_APPLICATION, "application-id", QTR_APP_ID, "flags",
                                        G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                                        "/io/github/quantoaster/QuanToaster", NULL);

    g_application_set_option_context_parameter_string(
        G_APPLICATION(self), _("[CONFIGURATION | IMAGE | FOLDER OF A RUN OR BATCH]"));
    g_application_set_option_context_description(
        G_APPLICATION(self),
        _("Without a display: quantoaster-gtk --headless COMMAND ..., see --headless --help"));
    return self;
}

GSettings *qtr_application_get_settings(QtrApplication *application)
{
    return application->settings;
}

static void tell(QtrApplication *self, QtrProcess *child)
{
    const char *failure = qtr_process_get_failure(child);
    const char *title = g_object_get_data(G_OBJECT(child), "qtr-title");
    const char *folder = g_object_get_data(G_OBJECT(child), "qtr-folder");
    GtkWindow *window = gtk_application_get_active_window(GTK_APPLICATION(self));
    g_autofree char *headline = failure ? g_strdup_printf(_("“%s” did not finish"), title)
                                        : g_strdup_printf(_("“%s” is done"), title);
    g_autoptr(GNotification) notification = NULL;

    /* Without a session bus there is nobody to notify. */
    if (window &&
        (gtk_window_is_active(window) || !g_application_get_dbus_connection(G_APPLICATION(self)))) {
        qtr_toast(GTK_WIDGET(window), "%s%s%s", headline, failure ? ": " : "",
                  failure ? failure : "");
        return;
    }
    if (!g_application_get_dbus_connection(G_APPLICATION(self)))
        return;
    notification = g_notification_new(headline);
    if (failure)
        g_notification_set_body(notification, failure);
    g_notification_set_default_action_and_target(notification, "app.show-run", "s", folder);
    g_application_send_notification(G_APPLICATION(self), folder, notification);
}

static void on_run_finished(QtrApplication *self, QtrProcess *child)
{
    tell(self, child);
    if (self->runs)
        (void)g_ptr_array_remove(self->runs, child);
}

void qtr_application_add_run(QtrApplication *application, QtrProcess *child, const char *folder,
                             const char *title)
{
    g_object_set_data_full(G_OBJECT(child), "qtr-folder", g_strdup(folder), g_free);
    g_object_set_data_full(G_OBJECT(child), "qtr-title", g_strdup(title), g_free);
    g_ptr_array_add(application->runs, g_object_ref(child));
    g_signal_connect_object(child, "finished", G_CALLBACK(on_run_finished), application,
                            G_CONNECT_SWAPPED);
}

gboolean qtr_application_runs_in(QtrApplication *application, const char *folder)
{
    for (guint i = 0; i < application->runs->len; i++)
        if (g_strcmp0(g_object_get_data(application->runs->pdata[i], "qtr-folder"), folder) == 0)
            return TRUE;
    return FALSE;
}

guint qtr_application_count_runs(QtrApplication *application)
{
    return application->runs->len;
}

void qtr_application_stop_runs(QtrApplication *application)
{
    for (guint i = 0; i < application->runs->len; i++)
        qtr_process_stop(application->runs->pdata[i]);
}
