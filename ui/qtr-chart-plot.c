#include "qtr-chart-plot-private.h"

#include "qtr-chart-hover.h"
#include "qtr-look.h"

G_DEFINE_FINAL_TYPE(QtrChartPlot, qtr_chart_plot, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_ZOOMED, N_PROPS };
static GParamSpec *properties[N_PROPS];

#define ZOOM_MOST 1e4

static void update_layout(QtrChartPlot *self)
{
    GtkWidget *widget = GTK_WIDGET(self);

    self->look = (QtrChartLook){.dark = qtr_look_is_dark(widget),
                                .font = qtr_look_font_pixels(widget) * 0.88,
                                .width = gtk_widget_get_width(widget),
                                .height = gtk_widget_get_height(widget)};
    qtr_chart_layout(self->scene, &self->look, &self->layout);
}

void qtr_chart_plot_changed(QtrChartPlot *self)
{
    g_return_if_fail(QTR_IS_CHART_PLOT(self));
    g_clear_pointer(&self->node, gsk_render_node_unref);
    update_layout(self);
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

gboolean qtr_chart_plot_is_zoomed(QtrChartPlot *self)
{
    g_return_val_if_fail(QTR_IS_CHART_PLOT(self), FALSE);
    return !isnan(self->scene->x.low);
}

static void set_range(QtrChartPlot *self, double low, double high)
{
    gboolean was = qtr_chart_plot_is_zoomed(self);

    self->scene->x = (QtrChartRange){low, high};
    qtr_chart_plot_changed(self);
    if (was != qtr_chart_plot_is_zoomed(self))
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_ZOOMED]);
}

void qtr_chart_plot_reset(QtrChartPlot *self)
{
    g_return_if_fail(QTR_IS_CHART_PLOT(self));
    set_range(self, NAN, NAN);
}

/* The whole range of all curves. */
static QtrChartRange full_range(QtrChartPlot *self)
{
    QtrChartRange shown = self->scene->x;
    QtrChartLayout layout;

    self->scene->x = (QtrChartRange){NAN, NAN};
    qtr_chart_layout(self->scene, &self->look, &layout);
    self->scene->x = shown;
    return (QtrChartRange){layout.x.low, layout.x.high};
}

void qtr_chart_plot_show(QtrChartPlot *self, double low, double high)
{
    QtrChartRange full;

    g_return_if_fail(QTR_IS_CHART_PLOT(self));
    full = full_range(self);
    if (self->layout.empty || high - low < (full.high - full.low) / ZOOM_MOST)
        return;
    if (high - low >= full.high - full.low) {
        qtr_chart_plot_reset(self);
        return;
    }
    if (low < full.low) {
        high += full.low - low;
        low = full.low;
    }
    if (high > full.high) {
        low -= high - full.high;
        high = full.high;
    }
    set_range(self, low, high);
}

double qtr_chart_plot_clamp(QtrChartPlot *self, double pixel)
{
    return CLAMP(pixel, self->layout.left, self->layout.right);
}

static void paint_drag(QtrChartPlot *self, GtkSnapshot *snapshot)
{
    double a = qtr_chart_plot_clamp(self, self->drag_x);
    double b = qtr_chart_plot_clamp(self, self->drag_x + self->drag_dx);
    QtrColour c = qtr_chart_colour(0, self->look.dark);

    gtk_snapshot_append_color(snapshot, &(GdkRGBA){(float)c.r, (float)c.g, (float)c.b, 0.2f},
                              &GRAPHENE_RECT_INIT((float)MIN(a, b), (float)self->layout.top,
                                                  (float)fabs(a - b),
                                                  (float)(self->layout.bottom - self->layout.top)));
}

static void qtr_chart_plot_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    QtrChartPlot *self = QTR_CHART_PLOT(widget);
    int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);

    if (width < 40 || height < 40)
        return;
    if (!self->node || self->look.width != width || self->look.height != height) {
        graphene_rect_t bounds = GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height);
        cairo_t *cr;

        g_clear_pointer(&self->node, gsk_render_node_unref);
        update_layout(self);
        self->node = gsk_cairo_node_new(&bounds);
        cr = gsk_cairo_node_get_draw_context(self->node);
        qtr_chart_paint(self->scene, &self->look, &self->layout, cr);
        cairo_destroy(cr);
    }
    gtk_snapshot_append_node(snapshot, self->node);
    if (!isnan(self->drag_x))
        paint_drag(self, snapshot);
    else if (!isnan(self->cursor) && !self->layout.empty)
        qtr_chart_hover_paint(self->scene, &self->look, &self->layout, self->cursor, widget,
                              snapshot);
}

static void qtr_chart_plot_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                   int *minimum, int *natural, int *minimum_baseline,
                                   int *natural_baseline)
{
    /* Axes take six lines of text, and the curves need as much again. */
    double font = qtr_look_font_pixels(widget);

    *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : (int)(12 * font);
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 420 : (int)(15 * font);
}

/* Colours and font come from the style. */
static void qtr_chart_plot_css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
    GTK_WIDGET_CLASS(qtr_chart_plot_parent_class)->css_changed(widget, change);
    g_clear_pointer(&QTR_CHART_PLOT(widget)->node, gsk_render_node_unref);
    gtk_widget_queue_draw(widget);
}

static void qtr_chart_plot_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (id == PROP_ZOOMED)
        g_value_set_boolean(value, qtr_chart_plot_is_zoomed(QTR_CHART_PLOT(object)));
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void qtr_chart_plot_finalize(GObject *object)
{
    QtrChartPlot *self = QTR_CHART_PLOT(object);

    g_clear_pointer(&self->node, gsk_render_node_unref);
    qtr_chart_scene_free(self->scene);
    G_OBJECT_CLASS(qtr_chart_plot_parent_class)->finalize(object);
}

static void qtr_chart_plot_class_init(QtrChartPlotClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    object_class->finalize = qtr_chart_plot_finalize;
    object_class->get_property = qtr_chart_plot_get_property;
    widget_class->snapshot = qtr_chart_plot_snapshot;
    widget_class->measure = qtr_chart_plot_measure;
    widget_class->css_changed = qtr_chart_plot_css_changed;
    properties[PROP_ZOOMED] = g_param_spec_boolean("zoomed", NULL, NULL, FALSE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    gtk_widget_class_set_css_name(widget_class, "chart");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void qtr_chart_plot_init(QtrChartPlot *self)
{
    self->scene = qtr_chart_scene_new();
    self->cursor = self->drag_x = NAN;
    gtk_widget_set_focusable(GTK_WIDGET(self), TRUE);
    gtk_widget_set_overflow(GTK_WIDGET(self), GTK_OVERFLOW_HIDDEN);
    qtr_chart_plot_add_controllers(self);
    update_layout(self);
}

QtrChartScene *qtr_chart_plot_get_scene(QtrChartPlot *self)
{
    g_return_val_if_fail(QTR_IS_CHART_PLOT(self), NULL);
    return self->scene;
}
