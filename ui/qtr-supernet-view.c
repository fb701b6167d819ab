#include "qtr-supernet-view.h"

#define SCALE_MIN 0.4 /* below, nothing can be read */
#define SCALE_MAX 1.5

struct _QtrSupernetView {
    GtkWidget parent_instance;

    QtrDrawing *drawing;
};

G_DEFINE_FINAL_TYPE(QtrSupernetView, qtr_supernet_view, GTK_TYPE_WIDGET)

static double scale_for(QtrSupernetView *self, int height)
{
    double w, h;

    qtr_drawing_size(self->drawing, &w, &h);
    return CLAMP(height / h, SCALE_MIN, SCALE_MAX);
}

static GtkSizeRequestMode qtr_supernet_view_get_request_mode(GtkWidget *widget)
{
    return GTK_SIZE_REQUEST_WIDTH_FOR_HEIGHT;
}

static void qtr_supernet_view_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                      int *minimum, int *natural, int *minimum_baseline,
                                      int *natural_baseline)
{
    QtrSupernetView *self = QTR_SUPERNET_VIEW(widget);
    double w, h;

    *minimum = *natural = 0;
    if (!self->drawing)
        return;
    qtr_drawing_size(self->drawing, &w, &h);
    if (orientation == GTK_ORIENTATION_VERTICAL) {
        *minimum = (int)ceil(h * SCALE_MIN);
        *natural = (int)ceil(h);
    } else {
        *minimum = (int)ceil(w * (for_size < 0 ? SCALE_MIN : scale_for(self, for_size)));
        *natural = *minimum;
    }
}

static void qtr_supernet_view_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    QtrSupernetView *self = QTR_SUPERNET_VIEW(widget);
    float width = (float)gtk_widget_get_width(widget),
          height = (float)gtk_widget_get_height(widget);
    double scale, w, h;
    cairo_t *cr;

    if (!self->drawing)
        return;
    scale = scale_for(self, (int)height);
    qtr_drawing_size(self->drawing, &w, &h);
    cr = gtk_snapshot_append_cairo(snapshot, &GRAPHENE_RECT_INIT(0, 0, width, height));
    cairo_translate(cr, MAX(0, (width - w * scale) / 2), MAX(0, (height - h * scale) / 2));
    cairo_scale(cr, scale, scale);
    qtr_drawing_paint(self->drawing, cr);
    cairo_destroy(cr);
}

static void qtr_supernet_view_finalize(GObject *object)
{
    qtr_drawing_free(QTR_SUPERNET_VIEW(object)->drawing);
    G_OBJECT_CLASS(qtr_supernet_view_parent_class)->finalize(object);
}

static void qtr_supernet_view_class_init(QtrSupernetViewClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = qtr_supernet_view_finalize;
    widget_class->get_request_mode = qtr_supernet_view_get_request_mode;
    widget_class->measure = qtr_supernet_view_measure;
    widget_class->snapshot = qtr_supernet_view_snapshot;
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void qtr_supernet_view_init(QtrSupernetView *self)
{
    gtk_widget_set_overflow(GTK_WIDGET(self), GTK_OVERFLOW_HIDDEN);
}

void qtr_supernet_view_take(QtrSupernetView *view, QtrDrawing *drawing)
{
    qtr_drawing_free(view->drawing);
    view->drawing = drawing;
    gtk_widget_queue_resize(GTK_WIDGET(view));
}

const QtrDrawing *qtr_supernet_view_get(QtrSupernetView *view)
{
    return view->drawing;
}
