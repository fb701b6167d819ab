#include "qtr-image-pair.h"

#include "qtr-difference.h"
#include "qtr-image-view.h"

#include <glib/gi18n.h>
#include <math.h>

#define GAP 2

struct _QtrImagePair {
    GtkBox parent_instance;

    QtrViewport *viewport;
    QtrDifference *difference;
    QtrImageView *left, *right;

    /* borrowed references */
    QtrComparison *comparison;
    QtrViewGroup *group;
};

G_DEFINE_FINAL_TYPE(QtrImagePair, qtr_image_pair, GTK_TYPE_BOX)

QtrPyramid *qtr_image_pair_get_picture(QtrImagePair *self, QtrViewSide side)
{
    g_return_val_if_fail(QTR_IS_IMAGE_PAIR(self), NULL);
    return self->comparison
               ? qtr_comparison_get(self->comparison, qtr_view_group_get_slot(self->group, side))
               : NULL;
}

static const char *title_of(QtrImagePair *self, QtrViewSide side)
{
    return qtr_slot_title(qtr_view_group_get_slot(self->group, side));
}

static gboolean fit_together(QtrPyramid *a, QtrPyramid *b)
{
    return a && b && qtr_pyramid_get_image(a)->width == qtr_pyramid_get_image(b)->width &&
           qtr_pyramid_get_image(a)->height == qtr_pyramid_get_image(b)->height;
}

static void show_difference(QtrImagePair *self, QtrPyramid *a, QtrPyramid *b)
{
    g_autofree char *title = g_strdup_printf(_("%s − %s"), title_of(self, QTR_VIEW_LEFT),
                                             title_of(self, QTR_VIEW_RIGHT));

    qtr_image_view_set_pictures(
        self->left,
        qtr_difference_get(self->difference, a, b, qtr_view_group_get_gain(self->group)), title,
        NULL, NULL);
}

static void show_pictures(QtrImagePair *self)
{
    QtrPyramid *a = qtr_image_pair_get_picture(self, QTR_VIEW_LEFT);
    QtrPyramid *b = qtr_image_pair_get_picture(self, QTR_VIEW_RIGHT);
    const char *title_a = title_of(self, QTR_VIEW_LEFT), *title_b = title_of(self, QTR_VIEW_RIGHT);
    QtrShowMode mode = qtr_view_group_get_mode(self->group);
    gboolean loupe = qtr_view_group_has_loupe(self->group);
    gboolean pair = mode == QTR_SHOW_SIDE_BY_SIDE;

    gtk_widget_set_visible(GTK_WIDGET(self->right), pair);
    qtr_image_view_set_loupe(self->left, loupe);
    qtr_image_view_set_loupe(self->right, loupe);
    qtr_image_view_set_mode(self->left, mode == QTR_SHOW_SPLIT     ? QTR_VIEW_SPLIT
                                        : mode == QTR_SHOW_FLICKER ? QTR_VIEW_FLICKER
                                                                   : QTR_VIEW_ONE);
    if (mode == QTR_SHOW_DIFFERENCE && fit_together(a, b)) {
        show_difference(self, a, b);
        return;
    }
    if (!pair && b && a && !fit_together(a, b))
        b = NULL;
    qtr_image_view_set_pictures(self->left, a, title_a, pair ? NULL : b, title_b);
    qtr_image_view_set_pictures(self->right, b, title_b, NULL, NULL);
}

static void on_difference_changed(QtrImagePair *self)
{
    if (self->comparison)
        show_pictures(self);
}

void qtr_image_pair_show(QtrImagePair *self, QtrComparison *comparison, QtrViewGroup *group)
{
    g_return_if_fail(QTR_IS_IMAGE_PAIR(self));
    self->comparison = comparison;
    self->group = group;
    if (comparison)
        show_pictures(self);
}

QtrViewport *qtr_image_pair_get_viewport(QtrImagePair *self)
{
    g_return_val_if_fail(QTR_IS_IMAGE_PAIR(self), NULL);
    return self->viewport;
}

static void append_pixel(GString *text, QtrImagePair *self, QtrViewSide side, int x, int y)
{
    QtrPyramid *picture = qtr_image_pair_get_picture(self, side);
    const QtrImage *image = picture ? qtr_pyramid_get_image(picture) : NULL;
    const guint8 *p;

    if (!image || x < 0 || y < 0 || x >= image->width || y >= image->height)
        return;
    p = (const guint8 *)image->data + (gsize)y * qtr_image_stride(image) + 3 * (gsize)x;
    g_string_append_printf(text, "   %s %d %d %d", title_of(self, side), p[0], p[1], p[2]);
}

char *qtr_image_pair_describe_pixel(QtrImagePair *self)
{
    GString *text = g_string_new(NULL);
    double x, y;

    g_return_val_if_fail(QTR_IS_IMAGE_PAIR(self), NULL);
    qtr_viewport_get_pointer(self->viewport, &x, &y);
    if (!isnan(x)) {
        g_string_append_printf(text, "%d, %d", (int)x, (int)y);
        append_pixel(text, self, QTR_VIEW_LEFT, (int)x, (int)y);
        append_pixel(text, self, QTR_VIEW_RIGHT, (int)x, (int)y);
    }
    return g_string_free(text, FALSE);
}

void qtr_image_pair_zoom(QtrImagePair *self, double factor)
{
    g_return_if_fail(QTR_IS_IMAGE_PAIR(self));
    qtr_image_view_zoom(self->left, factor);
}

void qtr_image_pair_actual_size(QtrImagePair *self)
{
    g_return_if_fail(QTR_IS_IMAGE_PAIR(self));
    qtr_image_view_actual_size(self->left);
}

void qtr_image_pair_fit(QtrImagePair *self)
{
    QtrPyramid *any;

    g_return_if_fail(QTR_IS_IMAGE_PAIR(self));
    any = self->comparison ? qtr_comparison_get(self->comparison, QTR_SLOT_BICUBIC) : NULL;
    if (any)
        qtr_viewport_fit(self->viewport, qtr_pyramid_get_image(any)->width,
                         qtr_pyramid_get_image(any)->height);
}

double qtr_image_pair_get_zoom(QtrImagePair *self)
{
    g_return_val_if_fail(QTR_IS_IMAGE_PAIR(self), NAN);
    return qtr_image_view_get_zoom(self->left) * gtk_widget_get_scale_factor(GTK_WIDGET(self));
}

static void qtr_image_pair_dispose(GObject *object)
{
    QtrImagePair *self = QTR_IMAGE_PAIR(object);

    self->comparison = NULL;
    if (self->difference)
        g_signal_handlers_disconnect_by_data(self->difference, self);
    g_clear_object(&self->difference);
    g_clear_object(&self->viewport);
    G_OBJECT_CLASS(qtr_image_pair_parent_class)->dispose(object);
}

static void qtr_image_pair_class_init(QtrImagePairClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = qtr_image_pair_dispose;
}

static QtrImageView *add_view(QtrImagePair *self)
{
    QtrImageView *view = g_object_new(QTR_TYPE_IMAGE_VIEW, NULL);

    qtr_image_view_set_viewport(view, self->viewport);
    gtk_box_append(GTK_BOX(self), GTK_WIDGET(view));
    return view;
}

static void qtr_image_pair_init(QtrImagePair *self)
{
    self->viewport = qtr_viewport_new();
    self->difference = qtr_difference_new();
    gtk_box_set_spacing(GTK_BOX(self), GAP);
    gtk_box_set_homogeneous(GTK_BOX(self), TRUE);
    gtk_widget_add_css_class(GTK_WIDGET(self), "view");
    self->left = add_view(self);
    self->right = add_view(self);
    g_signal_connect_swapped(self->difference, "changed", G_CALLBACK(on_difference_changed), self);
}
