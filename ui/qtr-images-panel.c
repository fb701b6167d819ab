#include "qtr-images-panel.h"

#include "qtr-images-actions.h"
#include "qtr-network-group.h"
#include "qtr-picture-row.h"
#include "qtr-quality-grid.h"
#include "qtr-settings.h"
#include "qtr-view-group.h"

#include <glib/gi18n.h>

struct _QtrImagesPanel {
    QtrPanel parent_instance;

    QtrComparison *comparison;
    char *run; /* the one last opened, until it is shown */
    gboolean updating, is_fitted;
    gboolean chosen; /* the image was chosen by hand, and is not to be replaced unasked */

    /* template widgets */
    GtkStack *stack;
    QtrImagePair *pair;
    GtkLabel *pixel_label, *zoom_label;
    AdwActionRow *lr_row, *hr_row;
    QtrViewGroup *view_group;
    QtrPictureRow *picture_row;
    QtrNetworkGroup *network_group;
    GtkWidget *quality_group, *save_button;
    GtkGrid *quality_grid;
};

G_DEFINE_FINAL_TYPE(QtrImagesPanel, qtr_images_panel, QTR_TYPE_PANEL)

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
    QtrViewport *viewport = qtr_image_pair_get_viewport(self->pair);
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
        qtr_viewport_set_selection(viewport, NULL);
        qtr_viewport_fit(viewport, qtr_pyramid_get_image(any)->width,
                         qtr_pyramid_get_image(any)->height);
    }
    qtr_image_pair_show(self->pair, self->comparison, self->view_group);
    gtk_widget_set_visible(self->quality_group,
                           qtr_quality_grid_fill(self->quality_grid, self->comparison,
                                                 qtr_viewport_get_selection(viewport)));
}

static void on_viewport_changed(QtrImagesPanel *self, QtrViewport *viewport)
{
    g_autofree char *pixel = qtr_image_pair_describe_pixel(self->pair);
    g_autofree char *zoom = g_strdup_printf("%.0f %%", 100 * qtr_image_pair_get_zoom(self->pair));

    gtk_label_set_label(self->pixel_label, pixel);
    gtk_label_set_label(self->zoom_label, zoom);
    qtr_comparison_set_area(self->comparison, qtr_viewport_get_selection(viewport));
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

static void cancel(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_comparison_cancel(QTR_IMAGES_PANEL(widget)->comparison);
}

static void zoom_in(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_image_pair_zoom(QTR_IMAGES_PANEL(widget)->pair, 1.5);
}

static void zoom_out(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_image_pair_zoom(QTR_IMAGES_PANEL(widget)->pair, 1 / 1.5);
}

static void actual_size(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_image_pair_actual_size(QTR_IMAGES_PANEL(widget)->pair);
}

static void fit(GtkWidget *widget, const char *action, GVariant *target)
{
    qtr_image_pair_fit(QTR_IMAGES_PANEL(widget)->pair);
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
    self->updating = TRUE;
    if (adw_bin_get_child(ADW_BIN(self))) {
        qtr_network_group_set_comparison(self->network_group, NULL);
        qtr_image_pair_show(self->pair, NULL, NULL);
        g_signal_handlers_disconnect_by_data(qtr_image_pair_get_viewport(self->pair), self);
        adw_bin_set_child(ADW_BIN(self), NULL);
    }
    g_clear_object(&self->comparison);
    g_clear_pointer(&self->run, g_free);
    G_OBJECT_CLASS(qtr_images_panel_parent_class)->dispose(object);
}

static void bind_template(GtkWidgetClass *klass)
{
    gtk_widget_class_set_template_from_resource(klass, QTR_RESOURCE_PATH "qtr-images-panel.ui");
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, stack);
    gtk_widget_class_bind_template_child(klass, QtrImagesPanel, pair);
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
    g_type_ensure(QTR_TYPE_IMAGE_PAIR);
    g_type_ensure(QTR_TYPE_NETWORK_GROUP);
    g_type_ensure(QTR_TYPE_PICTURE_ROW);
    g_type_ensure(QTR_TYPE_VIEW_GROUP);
    bind_template(widget_class);
    qtr_images_actions_install(widget_class);
    gtk_widget_class_install_action(widget_class, "images.cancel", NULL, cancel);
    gtk_widget_class_install_action(widget_class, "images.zoom-in", NULL, zoom_in);
    gtk_widget_class_install_action(widget_class, "images.zoom-out", NULL, zoom_out);
    gtk_widget_class_install_action(widget_class, "images.actual-size", NULL, actual_size);
    gtk_widget_class_install_action(widget_class, "images.fit", NULL, fit);
}

static void qtr_images_panel_init(QtrImagesPanel *self)
{
    self->updating = TRUE;
    gtk_widget_init_template(GTK_WIDGET(self));
    self->comparison = qtr_comparison_new();
    qtr_network_group_set_comparison(self->network_group, self->comparison);
    g_signal_connect_swapped(self->comparison, "changed", G_CALLBACK(show_all), self);
    g_signal_connect_swapped(self->comparison, "failed", G_CALLBACK(on_failed), self);
    g_signal_connect_swapped(qtr_image_pair_get_viewport(self->pair), "changed",
                             G_CALLBACK(on_viewport_changed), self);
    self->updating = FALSE;
    show_all(self);
}

QtrComparison *qtr_images_panel_get_comparison(QtrImagesPanel *self)
{
    g_return_val_if_fail(QTR_IS_IMAGES_PANEL(self), NULL);
    return self->comparison;
}

QtrImagePair *qtr_images_panel_get_pair(QtrImagesPanel *self)
{
    g_return_val_if_fail(QTR_IS_IMAGES_PANEL(self), NULL);
    return self->pair;
}
