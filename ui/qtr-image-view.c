#include "qtr-image-view-private.h"

#define FLICKER_MS 600

G_DEFINE_FINAL_TYPE(QtrImageView, qtr_image_view, GTK_TYPE_WIDGET)

gboolean qtr_image_view_place(QtrImageView *self, QtrViewPlace *p)
{
    QtrPyramid *picture = self->pictures[0] ? self->pictures[0] : self->pictures[1];
    int width = gtk_widget_get_width(GTK_WIDGET(self));
    int height = gtk_widget_get_height(GTK_WIDGET(self));
    double x, y;

    if (!picture || !self->viewport || width <= 0 || height <= 0)
        return FALSE;
    p->width = qtr_pyramid_get_image(picture)->width;
    p->height = qtr_pyramid_get_image(picture)->height;
    p->zoom = qtr_viewport_get_zoom(self->viewport, width, height, p->width, p->height);
    qtr_viewport_get_centre(self->viewport, &x, &y);
    p->left = width / 2.0 - x * p->zoom;
    p->top = height / 2.0 - y * p->zoom;
    return TRUE;
}

static void redraw(QtrImageView *self)
{
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

static gboolean on_flicker(gpointer user_data)
{
    QtrImageView *self = user_data;

    self->shown = !self->shown;
    redraw(self);
    return G_SOURCE_CONTINUE;
}

/* Only while it is seen. */
static void update_flicker(QtrImageView *self)
{
    gboolean wanted = self->mode == QTR_VIEW_FLICKER && self->pictures[0] && self->pictures[1] &&
                      gtk_widget_get_mapped(GTK_WIDGET(self));

    if (wanted && !self->flicker)
        self->flicker = g_timeout_add(FLICKER_MS, on_flicker, self);
    if (!wanted) {
        g_clear_handle_id(&self->flicker, g_source_remove);
        self->shown = 0;
    }
}

void qtr_image_view_set_viewport(QtrImageView *self, QtrViewport *viewport)
{
    g_return_if_fail(QTR_IS_IMAGE_VIEW(self));
    if (self->viewport)
        g_signal_handlers_disconnect_by_data(self->viewport, self);
    g_set_object(&self->viewport, viewport);
    if (viewport)
        g_signal_connect_swapped(viewport, "changed", G_CALLBACK(redraw), self);
    redraw(self);
}

static void set_picture(QtrImageView *self, int i, QtrPyramid *picture, const char *title)
{
    g_free(self->titles[i]);
    self->titles[i] = g_strdup(title);
    if (picture == self->pictures[i])
        return;
    if (self->pictures[i])
        g_signal_handlers_disconnect_by_data(self->pictures[i], self);
    qtr_canvas_clear(self->canvases[i]);
    g_set_object(&self->pictures[i], picture);
    if (picture)
        g_signal_connect_swapped(picture, "changed", G_CALLBACK(redraw), self);
}

void qtr_image_view_set_pictures(QtrImageView *self, QtrPyramid *a, const char *title_a,
                                 QtrPyramid *b, const char *title_b)
{
    g_return_if_fail(QTR_IS_IMAGE_VIEW(self));
    set_picture(self, 0, NULL, NULL);
    set_picture(self, 1, NULL, NULL);
    set_picture(self, 0, a, title_a);
    set_picture(self, 1, b, title_b);
    update_flicker(self);
    redraw(self);
}

void qtr_image_view_set_mode(QtrImageView *self, QtrViewMode mode)
{
    g_return_if_fail(QTR_IS_IMAGE_VIEW(self));
    self->mode = mode;
    update_flicker(self);
    redraw(self);
}

void qtr_image_view_set_loupe(QtrImageView *self, gboolean on)
{
    self->loupe = on;
    redraw(self);
}

void qtr_image_view_set_split(QtrImageView *self, double share)
{
    self->split = CLAMP(share, 0.0, 1.0);
    redraw(self);
}

double qtr_image_view_get_zoom(QtrImageView *self)
{
    QtrViewPlace p;

    return qtr_image_view_place(self, &p) ? p.zoom : 1;
}

static void qtr_image_view_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    qtr_image_view_paint(QTR_IMAGE_VIEW(widget), snapshot);
}

static void qtr_image_view_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                   int *minimum, int *natural, int *minimum_baseline,
                                   int *natural_baseline)
{
    *minimum = 120;
    *natural = 480;
}

static gboolean tell_size(gpointer user_data)
{
    QtrImageView *self = user_data;

    self->sized = 0;
    if (self->viewport)
        qtr_viewport_touch(self->viewport);
    return G_SOURCE_REMOVE;
}

/* What fits depends on the size; nothing may change while sizes are given out. */
static void qtr_image_view_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    QtrImageView *self = QTR_IMAGE_VIEW(widget);

    GTK_WIDGET_CLASS(qtr_image_view_parent_class)->size_allocate(widget, width, height, baseline);
    if (!self->sized)
        self->sized = g_idle_add(tell_size, self);
}

static void qtr_image_view_map(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(qtr_image_view_parent_class)->map(widget);
    update_flicker(QTR_IMAGE_VIEW(widget));
}

static void qtr_image_view_unmap(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(qtr_image_view_parent_class)->unmap(widget);
    update_flicker(QTR_IMAGE_VIEW(widget));
}

static void qtr_image_view_dispose(GObject *object)
{
    QtrImageView *self = QTR_IMAGE_VIEW(object);

    g_clear_handle_id(&self->flicker, g_source_remove);
    g_clear_handle_id(&self->sized, g_source_remove);
    qtr_image_view_set_viewport(self, NULL);
    set_picture(self, 0, NULL, NULL);
    set_picture(self, 1, NULL, NULL);
    G_OBJECT_CLASS(qtr_image_view_parent_class)->dispose(object);
}

static void qtr_image_view_finalize(GObject *object)
{
    for (int i = 0; i < 2; i++)
        qtr_canvas_free(QTR_IMAGE_VIEW(object)->canvases[i]);
    G_OBJECT_CLASS(qtr_image_view_parent_class)->finalize(object);
}

static void qtr_image_view_class_init(QtrImageViewClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = qtr_image_view_dispose;
    G_OBJECT_CLASS(klass)->finalize = qtr_image_view_finalize;
    widget_class->snapshot = qtr_image_view_snapshot;
    widget_class->measure = qtr_image_view_measure;
    widget_class->size_allocate = qtr_image_view_size_allocate;
    widget_class->map = qtr_image_view_map;
    widget_class->unmap = qtr_image_view_unmap;
    gtk_widget_class_set_css_name(widget_class, "imageview");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void qtr_image_view_init(QtrImageView *self)
{
    self->split = 0.5;
    for (int i = 0; i < 2; i++)
        self->canvases[i] = qtr_canvas_new();
    gtk_widget_set_focusable(GTK_WIDGET(self), TRUE);
    gtk_widget_set_overflow(GTK_WIDGET(self), GTK_OVERFLOW_HIDDEN);
    gtk_widget_set_hexpand(GTK_WIDGET(self), TRUE);
    gtk_widget_set_vexpand(GTK_WIDGET(self), TRUE);
    qtr_image_view_add_controllers(self);
}
