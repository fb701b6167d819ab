#include "qtr-cost-bars.h"

#include "run/draw-surface.h"

#define BAR_WIDTH 96
#define BAR_HEIGHT 6
#define BAR_GAP 2

struct _QtrCostBars {
    GtkWidget parent_instance;

    double shares[QTR_BITS_MAX];
    int bits[QTR_BITS_MAX];
    int n;
};

G_DEFINE_FINAL_TYPE(QtrCostBars, qtr_cost_bars, GTK_TYPE_WIDGET)

static void qtr_cost_bars_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                  int *minimum, int *natural, int *minimum_baseline,
                                  int *natural_baseline)
{
    QtrCostBars *self = QTR_COST_BARS(widget);

    if (orientation == GTK_ORIENTATION_HORIZONTAL) {
        *minimum = BAR_WIDTH / 2;
        *natural = BAR_WIDTH;
    } else {
        *minimum = *natural = self->n * (BAR_HEIGHT + BAR_GAP);
    }
}

static void append_bar(GtkSnapshot *snapshot, float y, float width, const GdkRGBA *colour)
{
    GskRoundedRect outline;

    gsk_rounded_rect_init_from_rect(&outline, &GRAPHENE_RECT_INIT(0, y, width, BAR_HEIGHT),
                                    MIN(BAR_HEIGHT / 2.0f, width / 2));
    gtk_snapshot_push_rounded_clip(snapshot, &outline);
    gtk_snapshot_append_color(snapshot, colour, &outline.bounds);
    gtk_snapshot_pop(snapshot);
}

static void qtr_cost_bars_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    QtrCostBars *self = QTR_COST_BARS(widget);
    float width = (float)gtk_widget_get_width(widget);
    float y = ((float)gtk_widget_get_height(widget) -
               (float)(self->n * (BAR_HEIGHT + BAR_GAP) - BAR_GAP)) /
              2;
    GdkRGBA ground;

    gtk_style_context_get_color(gtk_widget_get_style_context(widget), &ground);
    ground.alpha *= 0.12f;
    for (int i = 0; i < self->n; i++, y += BAR_HEIGHT + BAR_GAP) {
        QtrColour c = qtr_colour_of_bits(self->bits[i]);
        GdkRGBA colour = {(float)c.r, (float)c.g, (float)c.b, 1};

        append_bar(snapshot, y, width, &ground);
        if (self->shares[i] > 0)
            append_bar(snapshot, y, MAX(2.0f, width * (float)MIN(1, self->shares[i])), &colour);
    }
}

static void qtr_cost_bars_class_init(QtrCostBarsClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    widget_class->measure = qtr_cost_bars_measure;
    widget_class->snapshot = qtr_cost_bars_snapshot;
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void qtr_cost_bars_init(QtrCostBars *self)
{
    gtk_widget_set_valign(GTK_WIDGET(self), GTK_ALIGN_CENTER);
}

GtkWidget *qtr_cost_bars_new(void)
{
    return g_object_new(QTR_TYPE_COST_BARS, NULL);
}

void qtr_cost_bars_set(QtrCostBars *bars, const double *shares, const int *bits, int n)
{
    bars->n = CLAMP(n, 0, QTR_BITS_MAX);
    for (int i = 0; i < bars->n; i++) {
        bars->shares[i] = shares[i];
        bars->bits[i] = bits[i];
    }
    gtk_widget_queue_resize(GTK_WIDGET(bars));
}
