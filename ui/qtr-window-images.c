#include "qtr-images-panel.h"
#include "qtr-window-private.h"

/* win.view-images (run folder, LR image, HR image; each may be empty). */
static void view_images(GtkWidget *widget, const char *action, GVariant *parameter)
{
    QtrWindow *self = QTR_WINDOW(widget);
    QtrPanel *images = qtr_window_get_panel(self, "images");
    const char *dir, *lr, *hr;

    if (!images)
        return;
    g_variant_get(parameter, "(&s&s&s)", &dir, &lr, &hr);
    qtr_window_show_panel(self, "images");
    qtr_images_panel_open(QTR_IMAGES_PANEL(images), dir, lr, hr);
}

void qtr_window_install_image_actions(GtkWidgetClass *klass)
{
    gtk_widget_class_install_action(klass, "win.view-images", "(sss)", view_images);
}
