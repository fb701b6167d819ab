#include "qtr-drawing-view.h"

struct _QtrDrawingView {
    GtkWidget parent_instance;

    QtrDrawing *drawing;
    GskRenderNode *node; /* the sheet as last painted; NULL: to be painted anew */
    int node_width;
};

G_DEFINE_FINAL_TYPE(QtrDrawingView, qtr_drawing_view, GTK_TYPE_WIDGET)

#define SCALE 0.8 /* its text is as large as that of the window */

static void qtr_drawing_view_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                     int *minimum, int *natural, int *minimum_baseline,
                                     int *natural_baseline)
{
    QtrDrawingView *self = QTR_DRAWING_VIEW(widget);
    double w = 0, h = 0;

    if (self->drawing)
        qtr_drawing_size(self->drawing, &w, &h);
    *minimum = *natural = (int)ceil((orientation == GTK_ORIENTATION_HORIZONTAL ? w : h) * SCALE);
}

static void paint_node(QtrDrawingView *self, int width)
{
    double w, h;
    float left, sheet;
    cairo_t *cr;

    qtr_drawing_size(self->drawing, &w, &h);
    sheet = (float)(w * SCALE);
    left = MAX(0.0f, ((float)width - sheet) / 2);
    self->node = gsk_cairo_node_new(&GRAPHENE_RECT_INIT(left, 0, sheet, (float)(h * SCALE)));
    self->node_width = width;
    cr = gsk_cairo_node_get_draw_context(self->node);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_translate(cr, left, 0);
    cairo_scale(cr, SCALE, SCALE);
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
