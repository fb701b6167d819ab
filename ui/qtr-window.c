#include "qtr-window-private.h"

#include "qtr-batch-panel.h"
#include "qtr-config-panel.h"
#include "qtr-images-panel.h"
#include "qtr-monitor-panel.h"
#include "qtr-results-panel.h"
#include "qtr-settings.h"
#include "qtr-space-panel.h"
#include "qtr-welcome.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE(QtrWindow, qtr_window, ADW_TYPE_APPLICATION_WINDOW)

/* The panels in the sidebar's order. */
static const struct {
    const char *name;
    GType (*get_type)(void);
} panel_table[] = {
    {"space", qtr_space_panel_get_type},
    {"config", qtr_config_panel_get_type},
    {"batch", qtr_batch_panel_get_type},
    {"monitor", qtr_monitor_panel_get_type},
    {"results", qtr_results_panel_get_type},
    {"images", qtr_images_panel_get_type},
    {NULL, NULL},
};

QtrPanel *qtr_window_get_panel(QtrWindow *window, const char *name)
{
    GtkWidget *child = gtk_stack_get_child_by_name(window->panels, name);

    return child ? QTR_PANEL(child) : NULL;
}

static void on_panel_changed(QtrWindow *self)
{
    GtkWidget *panel = gtk_stack_get_visible_child(self->panels);
    const char *name = gtk_stack_get_visible_child_name(self->panels);
    GtkListBoxRow *row;

    if (!panel || gtk_widget_in_destruction(GTK_WIDGET(self)))
        return;
    for (int i = 0; (row = gtk_list_box_get_row_at_index(self->sidebar, i)); i++)
        if (g_strcmp0(gtk_widget_get_name(GTK_WIDGET(row)), name) == 0)
            gtk_list_box_select_row(self->sidebar, row);
    adw_window_title_set_title(self->window_title, qtr_panel_get_title(QTR_PANEL(panel)));
    qtr_window_update_document(self);
}

static void on_sidebar_row_activated(QtrWindow *self, GtkListBoxRow *row)
{
    gtk_stack_set_visible_child_name(self->panels, gtk_widget_get_name(GTK_WIDGET(row)));
    if (adw_flap_get_folded(self->flap))
        adw_flap_set_reveal_flap(self->flap, FALSE);
}

void qtr_window_show_panel(QtrWindow *self, const char *name)
{
    if (!gtk_stack_get_child_by_name(self->panels, name))
        return;
    gtk_stack_set_visible_child_name(self->panels, name);
    gtk_stack_set_visible_child_name(self->pages, "panels");
    g_settings_set_boolean(self->settings, "first-start", FALSE);
}

static void on_page_changed(QtrWindow *self)
{
    const char *name = gtk_stack_get_visible_child_name(self->pages);
    gboolean panels = g_strcmp0(name, "panels") == 0;

    if (gtk_widget_in_destruction(GTK_WIDGET(self)))
        return;
    gtk_widget_set_visible(self->sidebar_button, panels);
    if (panels)
        on_panel_changed(self);
    else
        adw_window_title_set_title(self->window_title, "QuanToaster");
    qtr_window_update_document(self);
}

static void add_panel(QtrWindow *self, const char *name, GType type, int number)
{
    QtrPanel *panel = g_object_new(type, NULL);
    GtkWidget *row = gtk_list_box_row_new();
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    GtkWidget *label = gtk_label_new(qtr_panel_get_title(panel));
    g_autofree char *tip = g_strdup_printf(_("%s (Alt+%d)"), qtr_panel_get_title(panel), number);

    gtk_box_append(GTK_BOX(box), gtk_image_new_from_icon_name(qtr_panel_get_icon_name(panel)));
    gtk_box_append(GTK_BOX(box), label);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), box);
    gtk_widget_set_name(row, name);
    gtk_widget_set_tooltip_text(row, tip);
    gtk_list_box_append(self->sidebar, row);
    gtk_stack_add_named(self->panels, GTK_WIDGET(panel), name);
    qtr_panel_set_document(panel, self->document);
}

static void toast(GtkWidget *widget, const char *action, GVariant *parameter)
{
    QtrWindow *self = QTR_WINDOW(widget);
    /* Markup in a file's name must not be read as such. */
    g_autofree char *text = g_markup_escape_text(g_variant_get_string(parameter, NULL), -1);

    adw_toast_overlay_add_toast(self->toasts, adw_toast_new(text));
}

static void show_panel(GtkWidget *widget, const char *action, GVariant *parameter)
{
    qtr_window_show_panel(QTR_WINDOW(widget), g_variant_get_string(parameter, NULL));
}

static void show_welcome(GtkWidget *widget, const char *action, GVariant *parameter)
{
    gtk_stack_set_visible_child_name(QTR_WINDOW(widget)->pages, "welcome");
}

static void toggle_sidebar(GtkWidget *widget, const char *action, GVariant *parameter)
{
    AdwFlap *flap = QTR_WINDOW(widget)->flap;

    adw_flap_set_reveal_flap(flap, !adw_flap_get_reveal_flap(flap));
}

static void open_menu(GtkWidget *widget, const char *action, GVariant *parameter)
{
    gtk_menu_button_popup(QTR_WINDOW(widget)->menu_button);
}

static void move_panel(QtrWindow *self, int by)
{
    GtkListBoxRow *row = gtk_list_box_get_selected_row(self->sidebar);
    int index = row ? gtk_list_box_row_get_index(row) + by : 0;

    row = index >= 0 ? gtk_list_box_get_row_at_index(self->sidebar, index) : NULL;
    if (row)
        qtr_window_show_panel(self, gtk_widget_get_name(GTK_WIDGET(row)));
}

static void next_panel(GtkWidget *widget, const char *action, GVariant *parameter)
{
    move_panel(QTR_WINDOW(widget), 1);
}

static void previous_panel(GtkWidget *widget, const char *action, GVariant *parameter)
{
    move_panel(QTR_WINDOW(widget), -1);
}

static gboolean qtr_window_close_request(GtkWindow *window)
{
    QtrWindow *self = QTR_WINDOW(window);
    gboolean maximized = gtk_window_is_maximized(window);

    if (!qtr_window_close_document(self) || !qtr_window_close_with_runs(self))
        return TRUE;
    g_settings_set_boolean(self->settings, "maximized", maximized);
    if (!maximized) {
        int width, height;

        gtk_window_get_default_size(window, &width, &height);
        g_settings_set_int(self->settings, "window-width", width);
        g_settings_set_int(self->settings, "window-height", height);
    }
    if (gtk_stack_get_visible_child_name(self->panels))
        g_settings_set_string(self->settings, "panel",
                              gtk_stack_get_visible_child_name(self->panels));
    return GTK_WINDOW_CLASS(qtr_window_parent_class)->close_request(window);
}

static void qtr_window_dispose(GObject *object)
{
    QtrWindow *self = QTR_WINDOW(object);

    g_clear_object(&self->chooser);
    g_clear_handle_id(&self->folding, g_source_remove);
    G_OBJECT_CLASS(qtr_window_parent_class)->dispose(object);
}

/* The panels borrow the document until they are gone. */
static void qtr_window_finalize(GObject *object)
{
    QtrWindow *self = QTR_WINDOW(object);

    g_clear_object(&self->document);
    g_clear_object(&self->settings);
    G_OBJECT_CLASS(qtr_window_parent_class)->finalize(object);
}

static void install_actions(GtkWidgetClass *klass)
{
    gtk_widget_class_install_action(klass, "win.toast", "s", toast);
    gtk_widget_class_install_action(klass, "win.show-panel", "s", show_panel);
    gtk_widget_class_install_action(klass, "win.show-welcome", NULL, show_welcome);
    gtk_widget_class_install_action(klass, "win.toggle-sidebar", NULL, toggle_sidebar);
    gtk_widget_class_install_action(klass, "win.menu", NULL, open_menu);
    gtk_widget_class_install_action(klass, "win.next-panel", NULL, next_panel);
    gtk_widget_class_install_action(klass, "win.previous-panel", NULL, previous_panel);
    for (guint i = 0; i + 1 < G_N_ELEMENTS(panel_table); i++)
        gtk_widget_class_add_binding_action(klass, GDK_KEY_1 + i, GDK_ALT_MASK, "win.show-panel",
                                            "s", panel_table[i].name);
}

static void qtr_window_class_init(QtrWindowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_window_dispose;
    G_OBJECT_CLASS(klass)->finalize = qtr_window_finalize;
    GTK_WINDOW_CLASS(klass)->close_request = qtr_window_close_request;
    g_type_ensure(QTR_TYPE_WELCOME);
    gtk_widget_class_set_template_from_resource(widget_class, QTR_RESOURCE_PATH "qtr-window.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrWindow, toasts);
    gtk_widget_class_bind_template_child(widget_class, QtrWindow, window_title);
    gtk_widget_class_bind_template_child(widget_class, QtrWindow, sidebar_button);
    gtk_widget_class_bind_template_child(widget_class, QtrWindow, recent_menu);
    gtk_widget_class_bind_template_child(widget_class, QtrWindow, open_button);
    gtk_widget_class_bind_template_child(widget_class, QtrWindow, run_button);
    gtk_widget_class_bind_template_child(widget_class, QtrWindow, menu_button);
    gtk_widget_class_bind_template_child(widget_class, QtrWindow, pages);
    gtk_widget_class_bind_template_child(widget_class, QtrWindow, flap);
    gtk_widget_class_bind_template_child(widget_class, QtrWindow, sidebar);
    gtk_widget_class_bind_template_child(widget_class, QtrWindow, panels);
    gtk_widget_class_bind_template_callback(widget_class, on_sidebar_row_activated);
    gtk_widget_class_bind_template_callback(widget_class, on_panel_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_page_changed);
    install_actions(widget_class);
    qtr_window_install_run_actions(widget_class);
    qtr_window_install_image_actions(widget_class);
    qtr_window_install_document_actions(widget_class);
}

static void connect_document(QtrWindow *self)
{
    GtkSourceBuffer *buffer = qtr_document_get_buffer(self->document);

    g_signal_connect_object(self->document, "changed", G_CALLBACK(qtr_window_update_document), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(buffer, "notify::can-undo", G_CALLBACK(qtr_window_update_document),
                            self, G_CONNECT_SWAPPED);
    g_signal_connect_object(buffer, "notify::can-redo", G_CALLBACK(qtr_window_update_document),
                            self, G_CONNECT_SWAPPED);
    g_signal_connect_object(gtk_recent_manager_get_default(), "changed",
                            G_CALLBACK(qtr_window_update_recent), self, G_CONNECT_SWAPPED);
    qtr_window_update_recent(self);
}

static gboolean on_idle(gpointer user_data)
{
    QtrWindow *self = user_data;

    self->folding = 0;
    qtr_window_update_document(self);
    return G_SOURCE_REMOVE;
}

/* It folds while it is given its size, when nothing may be shown or hidden. */
static void on_folded(QtrWindow *self)
{
    if (!self->folding && !gtk_widget_in_destruction(GTK_WIDGET(self)))
        self->folding = g_idle_add_full(G_PRIORITY_HIGH_IDLE, on_idle, self, NULL);
}

static void qtr_window_init(QtrWindow *self)
{
    self->document = qtr_document_new();
    gtk_widget_init_template(GTK_WIDGET(self));
    connect_document(self);
    g_signal_connect_object(self->flap, "notify::folded", G_CALLBACK(on_folded), self,
                            G_CONNECT_SWAPPED);
    qtr_window_accept_drops(self);
    for (guint i = 0; panel_table[i].name; i++)
        add_panel(self, panel_table[i].name, panel_table[i].get_type(), (int)i + 1);
}

static void restore(QtrWindow *self)
{
    g_autofree char *panel = g_settings_get_string(self->settings, "panel");
    gboolean first = g_settings_get_boolean(self->settings, "first-start");

    gtk_window_set_default_size(GTK_WINDOW(self),
                                g_settings_get_int(self->settings, "window-width"),
                                g_settings_get_int(self->settings, "window-height"));
    if (g_settings_get_boolean(self->settings, "maximized"))
        gtk_window_maximize(GTK_WINDOW(self));
    if (qtr_window_get_panel(self, panel))
        gtk_stack_set_visible_child_name(self->panels, panel);
    if (first || !panel_table[0].name)
        gtk_stack_set_visible_child_name(self->pages, "welcome");
    on_page_changed(self);
}

QtrWindow *qtr_window_new(QtrApplication *application)
{
    QtrWindow *self = g_object_new(QTR_TYPE_WINDOW, "application", application, NULL);

    self->settings = g_object_ref(qtr_application_get_settings(application));
    restore(self);
    return self;
}
