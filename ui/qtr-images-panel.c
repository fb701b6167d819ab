#include "qtr-images-panel.h"

#include "qtr-chooser.h"
#include "qtr-difference.h"
#include "qtr-image-view.h"
#include "qtr-images-save.h"
#include "qtr-network-group.h"
#include "qtr-picture-row.h"
#include "qtr-quality-grid.h"
#include "qtr-settings.h"
#include "qtr-view-group.h"

#include <glib/gi18n.h>
#include <math.h>

struct _QtrImagesPanel {
    QtrPanel parent_instance;

    QtrComparison *comparison;
    QtrViewport *viewport;
    QtrDifference *difference;
    char *run; /* the one last opened, until it is shown */
    gboolean updating, is_fitted;
    gboolean chosen; /* the image was chosen by hand, and is not to be replaced unasked */

    /* template widgets */
    GtkStack *stack;
    QtrImageView *left_view, *right_view;
    GtkLabel *pixel_label, *zoom_label;
    AdwActionRow *lr_row, *hr_row;
    QtrViewGroup *view_group;
    QtrPictureRow *picture_row;
    QtrNetworkGroup *network_group;
    GtkWidget *quality_group, *save_button;
    GtkGrid *quality_grid;
};

G_DEFINE_FINAL_TYPE(QtrImagesPanel, qtr_images_panel, QTR_TYPE_PANEL)

static QtrPyramid *picture_of(QtrImagesPanel *self, QtrViewSide side)
{
    return qtr_comparison_get(self->comparison, qtr_view_group_get_slot(self->view_group, side));
}

static const char *title_of(QtrImagesPanel *self, QtrViewSide side)
{
    return qtr_slot_title(qtr_view_group_get_slot(self->view_group, side));
}

static gboolean fit_together(QtrPyramid *a, QtrPyramid *b)
{
    return a && b && qtr_pyramid_get_image(a)->width == qtr_pyramid_get_image(b)->width &&
           qtr_pyramid_get_image(a)->height == qtr_pyramid_get_image(b)->height;
}

static void show_views(QtrImagesPanel *self)
{
    QtrPyramid *a = picture_of(self, QTR_VIEW_LEFT), *b = picture_of(self, QTR_VIEW_RIGHT);
    const char *title_a = title_of(self, QTR_VIEW_LEFT);
    const char *title_b = title_of(self, QTR_VIEW_RIGHT);
    QtrShowMode mode = qtr_view_group_get_mode(self->view_group);
    gboolean loupe = qtr_view_group_has_loupe(self->view_group);
    gboolean pair = mode == QTR_SHOW_SIDE_BY_SIDE;

    gtk_widget_set_visible(GTK_WIDGET(self->right_view), pair);
    qtr_image_view_set_loupe(self->left_view, loupe);
    qtr_image_view_set_loupe(self->right_view, loupe);
    qtr_image_view_set_mode(self->left_view, mode == QTR_SHOW_SPLIT     ? QTR_VIEW_SPLIT
                                             : mode == QTR_SHOW_FLICKER ? QTR_VIEW_FLICKER
                                                                        : QTR_VIEW_ONE);
    if (mode == QTR_SHOW_DIFFERENCE && fit_together(a, b)) {
        g_autofree char *title = g_strdup_printf(_("%s − %s"), title_a, title_b);

        qtr_image_view_set_pictures(
            self->left_view,
            qtr_difference_get(self->difference, a, b, qtr_view_group_get_gain(self->view_group)),
            title, NULL, NULL);
        return;
    }
    if (!pair && b && a && !fit_together(a, b))
        b = NULL;
    qtr_image_view_set_pictures(self->left_view, a, title_a, pair ? NULL : b, title_b);
    qtr_image_view_set_pictures(self->right_view, b, title_b, NULL, NULL);
}

static void show_path(AdwActionRow *row, const char *path, const char *otherwise)
{
    g_autofree char *name = path ? g_path_get_basename(path) : g_strdup(otherwise);
    g_autofree char *markup = g_markup_escape_text(name, -1);

    adw_action_row_set_subtitle(row, markup);
    gtk_widget_set_tooltip_text(GTK_WIDGET(row), path);
}

static void show_all(QtrImagesPanel *self)
{
    static const char *const of_images[] = {"images.open-hr", "images.zoom-in", "images.zoom-out",
                                            "images.actual-size", "images.fit"};
    QtrPyramid *any = qtr_comparison_get(self->comparison, QTR_SLOT_BICUBIC);
    gboolean open = qtr_comparison_get_lr(self->comparison) != NULL;

    gtk_stack_set_visible_child_name(self->stack, open ? "views" : "empty");
    if (open)
        qtr_picture_row_show(self->picture_row, qtr_comparison_get_lr(self->comparison));
    show_path(self->lr_row, qtr_comparison_get_lr(self->comparison), _("none"));
    show_path(self->hr_row, qtr_comparison_get_hr(self->comparison), _("none"));
    gtk_widget_set_sensitive(self->save_button, any != NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(of_images); i++)
        gtk_widget_action_set_enabled(GTK_WIDGET(self), of_images[i], open);
    if (any && !self->is_fitted) {
        self->is_fitted = TRUE;
        qtr_viewport_set_selection(self->viewport, NULL);
        qtr_viewport_fit(self->viewport, qtr_pyramid_get_image(any)->width,
                         qtr_pyramid_get_image(any)->height);
    }
    show_views(self);
    gtk_widget_set_visible(self->quality_group,
                           qtr_quality_grid_fill(self->quality_grid, self->comparison,
                                                 qtr_viewport_get_selection(self->viewport)));
}

static void append_pixel(GString *text, QtrImagesPanel *self, QtrViewSide side, int x, int y)
{
    QtrPyramid *picture = picture_of(self, side);
    const QtrImage *image = picture ? qtr_pyramid_get_image(picture) : NULL;
    const guint8 *p;

    if (!image || x < 0 || y < 0 || x >= image->width || y >= image->height)
        return;
    p = (const guint8 *)image->data + (gsize)y * qtr_image_stride(image) + 3 * (gsize)x;
    g_string_append_printf(text, "   %s %d %d %d", title_of(self, side), p[0], p[1], p[2]);
}

static void on_viewport_changed(QtrImagesPanel *self)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *zoom =
        g_strdup_printf("%.0f %%", 100 * qtr_image_view_get_zoom(self->left_view) *
                                       gtk_widget_get_scale_factor(GTK_WIDGET(self)));
    double x, y;

    qtr_viewport_get_pointer(self->viewport, &x, &y);
    if (!isnan(x)) {
        g_string_append_printf(text, "%d, %d", (int)x, (int)y);
        append_pixel(text, self, QTR_VIEW_LEFT, (int)x, (int)y);
        append_pixel(text, self, QTR_VIEW_RIGHT, (int)x, (int)y);
    }
    gtk_label_set_label(self->pixel_label, text->str);
    gtk_label_set_label(self->zoom_label, zoom);
    qtr_comparison_set_area(self->comparison, qtr_viewport_get_selection(self->viewport));
}

static void on_view_changed(QtrImagesPanel *self)
{
    if (self->comparison && !self->updating)
        show_all(self);
}

static void on_failed(QtrImagesPanel *self, const char *message)
{
    qtr_toast(GTK_WIDGET(self), "%s", message);
}

static void open_image(QtrImagesPanel *self, const char *lr, const char *hr)
{
    self->is_fitted = FALSE;
    qtr_comparison_open(self->comparison, lr, hr);
}

void qtr_images_panel_open(QtrImagesPanel *self, const char *run_dir, const char *lr,
                           const char *hr)
{
    g_return_if_fail(QTR_IS_IMAGES_PANEL(self));
    if (run_dir && *run_dir) {
        qtr_comparison_set_network(self->comparison, 0, run_dir);
        qtr_picture_row_offer(self->picture_row, run_dir);
    }
    if (!lr || !*lr)
        return;
    self->chosen = TRUE;
    open_image(self, lr, hr && *hr ? hr : NULL);
}

static void on_picture_chosen(QtrImagesPanel *self, const char *lr, const char *hr)
{
    open_image(self, lr, hr);
}

static void on_offered(QtrImagesPanel *self, const char *run_dir)
{
    g_clear_pointer(&self->run, g_free);
    if (self->chosen) {
        qtr_picture_row_show(self->picture_row, qtr_comparison_get_lr(self->comparison));
        return;
    }
    qtr_comparison_set_network(self->comparison, 0, run_dir);
    qtr_picture_row_choose(self->picture_row);
}

static void qtr_images_panel_show_run(QtrPanel *panel, const char *dir)
{
    QtrImagesPanel *self = QTR_IMAGES_PANEL(panel);

    qtr_network_group_cover(self->network_group, dir);
    g_free(self->run);
    self->run = g_strdup(dir);
    if (gtk_widget_get_mapped(GTK_WIDGET(self)))
        qtr_picture_row_offer(self->picture_row, self->run);
}

static void on_lr(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    qtr_images_panel_open(QTR_IMAGES_PANEL(widget), NULL, paths[0], NULL);
}

static void on_hr(GtkWidget *widget, const char *const *paths, gpointer user_data)
{
    QtrImagesPanel *self = QTR_IMAGES_PANEL(widget);
    g_autofree char *lr = g_strdup(qtr_comparison_get_lr(self->comparison));

    qtr_images_panel_open(self, NULL, lr, paths[0]);
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

static void on_save_path(GtkWidget *widget, const char *const *paths, gpointer what)
{
    QtrImagesPanel *self = QTR_IMAGES_PANEL(widget);
    int index = g_str_equal(what, "result-b");
    const char *result = qtr_comparison_get_result(self->comparison, index);
    QtrArea area = qtr_viewport_get_selection(self->viewport);
    g_autoptr(GError) error = NULL;
    gboolean ok;

    if (g_str_has_prefix(what, "result"))
        ok = result && qtr_images_save_result(result, paths[0], &error);
    else
        ok = qtr_images_save_pair(picture_of(self, QTR_VIEW_LEFT), picture_of(self, QTR_VIEW_RIGHT),
                                  g_str_equal(what, "selection") ? area : (QtrArea){0}, paths[0],
                                  &error);
    if (ok)
        qtr_toast(widget, _("Saved to %s"), paths[0]);
    else
        qtr_toast(widget, "%s", error ? error->message : _("There is no result to save yet"));
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

static void cancel(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_comparison_cancel(QTR_IMAGES_PANEL(widget)->comparison);
}

static void zoom_in(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_image_view_zoom(QTR_IMAGES_PANEL(widget)->left_view, 1.5);
}

static void zoom_out(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_image_view_zoom(QTR_IMAGES_PANEL(widget)->left_view, 1 / 1.5);
}

static void actual_size(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_image_view_actual_size(QTR_IMAGES_PANEL(widget)->left_view);
}

static void fit(GtkWidget *widget, const char *action, GVariant *target)
{
    QtrImagesPanel *self = QTR_IMAGES_PANEL(widget);
    QtrPyramid *any = qtr_comparison_get(self->comparison, QTR_SLOT_BICUBIC);

    if (any)
        qtr_viewport_fit(self->viewport, qtr_pyramid_get_image(any)->width,
                         qtr_pyramid_get_image(any)->height);
}

static void qtr_images_panel_map(GtkWidget *widget)
{
    QtrImagesPanel *self = QTR_IMAGES_PANEL(widget);

    GTK_WIDGET_CLASS(qtr_images_panel_parent_class)->map(widget);
    if (self->run)
        qtr_picture_row_offer(self->picture_row, self->run);
}

static void qtr_images_panel_dispose(GObject *object)
{
    QtrImagesPanel *self = QTR_IMAGES_PANEL(object);

    if (self->comparison)
        g_signal_handlers_disconnect_by_data(self->comparison, self);
    if (self->viewport)
        g_signal_handlers_disconnect_by_data(self->viewport, self);
    if (self->difference)
        g_signal_handlers_disconnect_by_data(self->difference, self);
    self->updating = TRUE;
    if (adw_bin_get_child(ADW_BIN(self))) {
        qtr_network_group_set_comparison(self->network_group, NULL);
        adw_bin_set_child(ADW_BIN(self), NULL);
    }
    g_clear_object(&self->comparison);
    g_clear_object(&self->viewport);
    g_clear_object(&self->difference);
    g_clear_pointer(&self->run, g_free);
    G_OBJECT_CLASS(qtr_images_panel_parent_class)->dispose(object);
}

static void bind_template(GtkWidgetClass *klass)
{
    gtk_widget_class_set_template_from_resource(klass, QTR_RESOURCE_PATH "qtr-images-panel.ui");
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, stack);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, left_view);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, right_view);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, pixel_label);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, zoom_label);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, lr_row);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, hr_row);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, picture_row);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, network_group);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, view_group);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, quality_group);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, quality_grid);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, save_button);
    gtk_widget_class_bind_template_callback(klass, on_view_changed);
    gtk_widget_class_bind_template_callback(klass, on_picture_chosen);
    gtk_widget_class_bind_template_callback(klass, on_offered);
}

static void qtr_images_panel_class_init(QtrImagesPanelClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_images_panel_dispose;
    widget_class->map = qtr_images_panel_map;
    QTR_PANEL_CLASS(klass)->show_run = qtr_images_panel_show_run;
    g_type_ensure(QTR_TYPE_IMAGE_VIEW);
    g_type_ensure(QTR_TYPE_NETWORK_GROUP);
    g_type_ensure(QTR_TYPE_PICTURE_ROW);
    g_type_ensure(QTR_TYPE_VIEW_GROUP);
    bind_template(widget_class);
    gtk_widget_class_install_action(widget_class, "images.open", NULL, open_lr);
    gtk_widget_class_install_action(widget_class, "images.open-hr", NULL, open_hr);
    gtk_widget_class_install_action(widget_class, "images.save", "s", save);
    gtk_widget_class_install_action(widget_class, "images.cancel", NULL, cancel);
    gtk_widget_class_install_action(widget_class, "images.zoom-in", NULL, zoom_in);
    gtk_widget_class_install_action(widget_class, "images.zoom-out", NULL, zoom_out);
    gtk_widget_class_install_action(widget_class, "images.actual-size", NULL, actual_size);
    gtk_widget_class_install_action(widget_class, "images.fit", NULL, fit);
}

static void qtr_images_panel_init(QtrImagesPanel *self)
{
    self->updating = TRUE;
    self->viewport = qtr_viewport_new();
    self->difference = qtr_difference_new();
    gtk_widget_init_template(GTK_WIDGET(self));
    self->comparison = qtr_comparison_new();
    qtr_image_view_set_viewport(self->left_view, self->viewport);
    qtr_image_view_set_viewport(self->right_view, self->viewport);
    qtr_network_group_set_comparison(self->network_group, self->comparison);
    g_signal_connect_swapped(self->comparison, "changed", G_CALLBACK(show_all), self);
    g_signal_connect_swapped(self->comparison, "failed", G_CALLBACK(on_failed), self);
    g_signal_connect_swapped(self->difference, "changed", G_CALLBACK(show_views), self);
    g_signal_connect_swapped(self->viewport, "changed", G_CALLBACK(on_viewport_changed), self);
    self->updating = FALSE;
    show_all(self);
}

QtrComparison *qtr_images_panel_get_comparison(QtrImagesPanel *self)
{
    g_return_val_if_fail(QTR_IS_IMAGES_PANEL(self), NULL);
    return self->comparison;
}
