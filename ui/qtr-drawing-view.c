#include "qtr-drawing-view.h"

struct _QtrDrawingView {
    GtkWidget parent_instance;

    QtrDrawing *drawing;
    GskRenderNode *node; /* the sheet as last painted; NULL: to be painted anew */
    int node_width;
};

G_DEFINE_FINAL_TYPE(QtrDrawingView, qtr_drawing_view, GTK_TYPE_WIDGET)

#define SCALE_MAX 1.4
#define SCALE_MIN 0.45

static double scale_for(QtrDrawingView *self, int width)
{
    double w, h;

    qtr_drawing_size(self->drawing, &w, &h);
    return CLAMP(width / w, SCALE_MIN, SCALE_MAX);
}

static GtkSizeRequestMode qtr_drawing_view_get_request_mode(GtkWidget *widget)
{
    return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void qtr_drawing_view_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                     int *minimum, int *natural, int *minimum_baseline,
                                     int *natural_baseline)
{
    QtrDrawingView *self = QTR_DRAWING_VIEW(widget);
    double w, h;

    *minimum = *natural = 0;
    if (!self->drawing)
        return;
    qtr_drawing_size(self->drawing, &w, &h);
    if (orientation == GTK_ORIENTATION_HORIZONTAL) {
        *minimum = (int)ceil(w * SCALE_MIN);
        *natural = (int)ceil(w);
    } else {
        *minimum = *natural = (int)ceil(h * (for_size < 0 ? SCALE_MIN : scale_for(self, for_size)));
    }
}

static void paint_node(QtrDrawingView *self, int width)
{
    double scale = scale_for(self, width), w, h;
    float left, sheet;
    cairo_t *cr;

    qtr_drawing_size(self->drawing, &w, &h);
    sheet = (float)(w * scale);
    left = MAX(0.0f, ((float)width - sheet) / 2);
    self->node = gsk_cairo_node_new(&GRAPHENE_RECT_INIT(left, 0, sheet, (float)(h * scale)));
    self->node_width = width;
    cr = gsk_cairo_node_get_draw_context(self->node);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_translate(cr, left, 0);
    cairo_scale(cr, scale, scale);
    qtr_drawing_paint(self->drawing, cr);
    cairo_destroy(cr);
}

static void qtr_drawing_view_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    QtrDrawingView *self = QTR_DRAWING_VIEW(widget);
    int width = gtk_widget_get_width(widget);

    if (!self->drawing || width <= 0)
        return;
    if (self->node && self->node_width != width)
        g_clear_pointer(&self->node, gsk_render_node_unref);
    if (!self->node)
        paint_node(self, width);
    gtk_snapshot_append_node(snapshot, self->node);
}

static void qtr_drawing_view_finalize(GObject *object)
{
    QtrDrawingView *self = QTR_DRAWING_VIEW(object);

    g_clear_pointer(&self->node, gsk_render_node_unref);
    qtr_drawing_free(self->drawing);
    G_OBJECT_CLASS(qtr_drawing_view_parent_class)->finalize(object);
}

static void qtr_drawing_view_class_init(QtrDrawingViewClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = qtr_drawing_view_finalize;
    widget_class->snapshot = qtr_drawing_view_snapshot;
    widget_class->measure = qtr_drawing_view_measure;
    widget_class->get_request_mode = qtr_drawing_view_get_request_mode;
    gtk_widget_class_set_css_name(widget_class, "drawing");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void qtr_drawing_view_init(QtrDrawingView *self)
{
    gtk_widget_set_overflow(GTK_WIDGET(self), GTK_OVERFLOW_HIDDEN);
}

void qtr_drawing_view_take(QtrDrawingView *self, QtrDrawing *drawing)
{
    g_return_if_fail(QTR_IS_DRAWING_VIEW(self));
    qtr_drawing_free(self->drawing);
    self->drawing = drawing;
    g_clear_pointer(&self->node, gsk_render_node_unref);
    gtk_widget_queue_resize(GTK_WIDGET(self));
}

const QtrDrawing *qtr_drawing_view_get(QtrDrawingView *self)
{
    g_return_val_if_fail(QTR_IS_DRAWING_VIEW(self), NULL);
    return self->drawing;
}
