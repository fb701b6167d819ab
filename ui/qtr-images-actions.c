#include "qtr-images-actions.h"

#include "qtr-chooser.h"
#include "qtr-images-panel.h"
#include "qtr-images-save.h"

#include <glib/gi18n.h>

static void on_lr(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    qtr_images_panel_open(QTR_IMAGES_PANEL(widget), NULL, paths[0], NULL);
}

static void on_hr(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    QtrImagesPanel *panel = QTR_IMAGES_PANEL(widget);
    g_autofree char *lr = g_strdup(qtr_comparison_get_lr(qtr_images_panel_get_comparison(panel)));

    qtr_images_panel_open(panel, NULL, lr, paths[0]);
}

static void ask_image(GtkWidget *widget, const char *title, QtrChooserDone done)
{
    static const char *const patterns[] = {"*.png", "*.jpg", "*.jpeg", "*.PNG", "*.JPG", NULL};

    qtr_chooser_ask(widget,
                    &(QtrChooserParams){.title = title,
                                        .action = GTK_FILE_CHOOSER_ACTION_OPEN,
                                        .filter_title = _("PNG and JPEG images"),
                                        .patterns = patterns},
                    done, NULL, NULL);
}

static void open_lr(GtkWidget *widget, const char *action, GVariant *target)
{
    ask_image(widget, _("Open Image"), on_lr);
}

static void open_hr(GtkWidget *widget, const char *action, GVariant *target)
{
    ask_image(widget, _("Open Original"), on_hr);
}

static gboolean save_pair(QtrImagePair *pair, QtrArea area, const char *path, GError **error)
{
    return qtr_images_save_pair(qtr_image_pair_get_picture(pair, QTR_VIEW_LEFT),
                                qtr_image_pair_get_picture(pair, QTR_VIEW_RIGHT), area, path,
                                error);
}

static void on_save_path(GtkWidget *widget, const char *const *paths, gpointer what)
{
    QtrImagesPanel *panel = QTR_IMAGES_PANEL(widget);
    QtrImagePair *pair = qtr_images_panel_get_pair(panel);
    const char *result = qtr_comparison_get_result(qtr_images_panel_get_comparison(panel),
                                                   g_str_equal(what, "result-b"));
    QtrArea area = {0};
    g_autoptr(GError) error = NULL;
    gboolean ok;

    if (g_str_equal(what, "selection"))
        area = qtr_viewport_get_selection(qtr_image_pair_get_viewport(pair));
    if (g_str_has_prefix(what, "result"))
        ok = result && qtr_images_save_result(result, paths[0], &error);
    else
        ok = save_pair(pair, area, paths[0], &error);
    if (ok || error)
        qtr_toast_saved(widget, paths[0], error);
    else
        qtr_toast(widget, _("There is no result to save yet"));
}

static void save(GtkWidget *widget, const char *action, GVariant *target)
{
    const char *what = g_variant_get_string(target, NULL);
    g_autofree char *name = g_strdup_printf("%s.png", what);

    qtr_chooser_ask(widget,
                    &(QtrChooserParams){.title = _("Save Image"),
                                        .action = GTK_FILE_CHOOSER_ACTION_SAVE,
                                        .name = name},
                    on_save_path, g_strdup(what), g_free);
}

void qtr_images_actions_install(GtkWidgetClass *klass)
{
    gtk_widget_class_install_action(klass, "images.open", NULL, open_lr);
    gtk_widget_class_install_action(klass, "images.open-hr", NULL, open_hr);
    gtk_widget_class_install_action(klass, "images.save", "s", save);
}
