#include "qtr-welcome.h"

#include "qtr-devices.h"
#include "qtr-settings.h"

#include <glib/gi18n.h>

struct _QtrWelcome {
    AdwBin parent_instance;

    QtrDevices *devices; /* NULL until the page is shown */

    /* template widgets */
    GtkWidget *device_box;
    GtkImage *device_icon;
    GtkLabel *device_label;
};

G_DEFINE_FINAL_TYPE(QtrWelcome, qtr_welcome, ADW_TYPE_BIN)

/* Without a device everything but running works: say so before somebody clicks. */
static void show_devices(QtrWelcome *self)
{
    const char *message = qtr_devices_get_message(self->devices);
    guint n = g_list_model_get_n_items(G_LIST_MODEL(self->devices));
    g_autofree char *text = NULL;
    const char *icon = "emblem-ok-symbolic";

    if (qtr_devices_is_loading(self->devices)) {
        text = g_strdup(_("Looking for OpenCL devices…"));
        icon = "content-loading-symbolic";
    } else if (message) {
        text = g_strdup(message);
        icon = "dialog-warning-symbolic";
    } else {
        g_autoptr(QtrDeviceItem) first = g_list_model_get_item(G_LIST_MODEL(self->devices), 1);

        text =
            first && n == 2
                ? g_strdup(qtr_device_item_get_name(first))
                : g_strdup_printf(ngettext("%u OpenCL device", "%u OpenCL devices", n - 1), n - 1);
    }
    gtk_label_set_label(self->device_label, text);
    gtk_image_set_from_icon_name(self->device_icon, icon);
    if (message)
        gtk_widget_add_css_class(self->device_box, "warning");
    else
        gtk_widget_remove_css_class(self->device_box, "warning");
}

static void qtr_welcome_map(GtkWidget *widget)
{
    QtrWelcome *self = QTR_WELCOME(widget);

    GTK_WIDGET_CLASS(qtr_welcome_parent_class)->map(widget);
    if (self->devices || !g_application_get_default())
        return;
    self->devices = qtr_devices_get();
    g_signal_connect_object(self->devices, "notify", G_CALLBACK(show_devices), self,
                            G_CONNECT_SWAPPED);
    show_devices(self);
}

static void qtr_welcome_dispose(GObject *object)
{
    g_clear_object(&QTR_WELCOME(object)->devices);
    G_OBJECT_CLASS(qtr_welcome_parent_class)->dispose(object);
}

static void qtr_welcome_class_init(QtrWelcomeClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_welcome_dispose;
    widget_class->map = qtr_welcome_map;
    gtk_widget_class_set_template_from_resource(widget_class, QTR_RESOURCE_PATH "qtr-welcome.ui");
    gtk_widget_class_bind_template_child(widget_class, QtrWelcome, device_box);
    gtk_widget_class_bind_template_child(widget_class, QtrWelcome, device_icon);
    gtk_widget_class_bind_template_child(widget_class, QtrWelcome, device_label);
}

static void qtr_welcome_init(QtrWelcome *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}
