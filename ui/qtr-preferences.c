#include "qtr-preferences.h"

#include "qtr-devices.h"
#include "qtr-settings.h"

#include <glib/gi18n.h>

struct _QtrPreferences {
    AdwPreferencesWindow parent_instance;

    GSettings *settings;
    QtrDevices *devices;
    GtkFileChooserNative *chooser;
    gboolean listening; /* what is selected is the user's choice, not the list's coming and going */

    /* template widgets */
    AdwComboRow *device_row;
    AdwActionRow *folder_row;
    GtkSpinButton *threads_spin;
    GtkSwitch *give_way_switch;
};

G_DEFINE_FINAL_TYPE(QtrPreferences, qtr_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static void show_folder(QtrPreferences *self)
{
    g_autofree char *folder = qtr_settings_runs_folder(self->settings);
    g_autofree char *escaped = g_markup_escape_text(folder, -1);

    adw_action_row_set_subtitle(self->folder_row, escaped);
}

/* What the chosen device's self-test said, or why there is none. */
static void show_device(QtrPreferences *self)
{
    QtrDeviceItem *item = adw_combo_row_get_selected_item(self->device_row);
    const char *message = qtr_devices_get_message(self->devices);
    const char *failure = item ? qtr_device_item_get_failure(item) : NULL;
    g_autofree char *text = NULL;

    if (qtr_devices_is_loading(self->devices))
        text = g_strdup(_("Testing devices…"));
    else if (message)
        text = g_markup_escape_text(message, -1);
    else if (failure)
        text = g_markup_printf_escaped(_("Self-test failed: %s"), failure);
    else if (item && *qtr_device_item_get_key(item))
        text = g_strdup(_("Self-test passed"));
    else
        text = g_strdup(_("A discrete GPU, else any GPU, else the processor"));
    adw_action_row_set_subtitle(ADW_ACTION_ROW(self->device_row), text);
}

/* The list is filled bit by bit: select the stored device once it is there. */
static void select_stored_device(QtrPreferences *self)
{
    g_autofree char *key = g_settings_get_string(self->settings, "device");
    guint position = qtr_devices_find(self->devices, key);

    if (position != G_MAXUINT)
        adw_combo_row_set_selected(self->device_row, position);
    self->listening = !qtr_devices_is_loading(self->devices);
    show_device(self);
}

static void on_device_selected(QtrPreferences *self)
{
    QtrDeviceItem *item = adw_combo_row_get_selected_item(self->device_row);

    if (item && self->listening)
        g_settings_set_string(self->settings, "device", qtr_device_item_get_key(item));
    show_device(self);
}

static void on_folder_chosen(QtrPreferences *self, int response)
{
    g_autoptr(GFile) file = NULL;

    if (response == GTK_RESPONSE_ACCEPT)
        file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(self->chooser));
    if (file) {
        g_autofree char *path = g_file_get_path(file);

        if (path)
            g_settings_set_string(self->settings, "runs-folder", path);
        show_folder(self);
    }
    g_clear_object(&self->chooser);
}

static void on_choose_folder(QtrPreferences *self)
{
    g_autofree char *folder = qtr_settings_runs_folder(self->settings);
    g_autoptr(GFile) file = g_file_new_for_path(folder);

    g_clear_object(&self->chooser);
    self->chooser =
        gtk_file_chooser_native_new(_("Folder of Runs"), GTK_WINDOW(self),
                                    GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _("_Select"), NULL);
    gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(self->chooser), TRUE);
    gtk_file_chooser_set_file(GTK_FILE_CHOOSER(self->chooser), file, NULL);
    g_signal_connect_swapped(self->chooser, "response", G_CALLBACK(on_folder_chosen), self);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(self->chooser));
}

static void on_refresh(QtrPreferences *self)
{
    self->listening = FALSE;
    qtr_devices_refresh(self->devices);
}

static void qtr_preferences_dispose(GObject *object)
{
    QtrPreferences *self = QTR_PREFERENCES(object);

    g_clear_object(&self->chooser);
    g_clear_object(&self->devices);
    g_clear_object(&self->settings);
    G_OBJECT_CLASS(qtr_preferences_parent_class)->dispose(object);
}

static void qtr_preferences_class_init(QtrPreferencesClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_preferences_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                QTR_RESOURCE_PATH "qtr-preferences.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrPreferences, device_row);
    gtk_widget_class_bind_template_child(widget_class, QtrPreferences, folder_row);
    gtk_widget_class_bind_template_child(widget_class, QtrPreferences, threads_spin);
    gtk_widget_class_bind_template_child(widget_class, QtrPreferences, give_way_switch);
    gtk_widget_class_bind_template_callback(widget_class, on_device_selected);
    gtk_widget_class_bind_template_callback(widget_class, on_choose_folder);
    gtk_widget_class_bind_template_callback(widget_class, on_refresh);
}

static void qtr_preferences_init(QtrPreferences *self)
{
    self->devices = qtr_devices_get();
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *qtr_preferences_new(GSettings *settings)
{
    QtrPreferences *self = g_object_new(QTR_TYPE_PREFERENCES, NULL);

    self->settings = g_object_ref(settings);
    adw_combo_row_set_model(self->device_row, G_LIST_MODEL(self->devices));
    g_signal_connect_object(self->devices, "notify::loading", G_CALLBACK(select_stored_device),
                            self, G_CONNECT_SWAPPED);
    g_settings_bind(settings, "threads", self->threads_spin, "value", G_SETTINGS_BIND_DEFAULT);
    g_settings_bind(settings, "runs-give-way", self->give_way_switch, "active",
                    G_SETTINGS_BIND_DEFAULT);
    select_stored_device(self);
    show_folder(self);
    return GTK_WIDGET(self);
}
