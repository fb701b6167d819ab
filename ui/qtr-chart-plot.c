#include "qtr-chart-plot.h"

#include "qtr-chart-hover.h"
#include "qtr-look.h"

struct _QtrChartPlot {
    GtkWidget parent_instance;

    QtrChartScene *scene;
    QtrChartLook look;      /* of `node` */
    QtrChartLayout layout;  /* of `node` */
    GskRenderNode *node;    /* the curves as last painted; NULL: to be painted anew */
    double cursor;          /* x value under the pointer; NAN: none */
    double drag_x, drag_dx; /* pixels; drag_x NAN: no range is being dragged */
    QtrChartRange pan_from; /* the range when a pan began */
    gboolean panning;
};

G_DEFINE_FINAL_TYPE(QtrChartPlot, qtr_chart_plot, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_ZOOMED, N_PROPS };
static GParamSpec *properties[N_PROPS];

#define ZOOM_STEP 1.25
#define DRAG_MIN 6.0

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

#define ZOOM_MOST 1e4

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

static void zoom(QtrChartPlot *self, double factor, double about)
{
    double low = self->layout.x.low, high = self->layout.x.high;

    qtr_chart_plot_show(self, about - (about - low) * factor, about + (high - about) * factor);
}

static double clamp_to_plane(QtrChartPlot *self, double pixel)
{
    return CLAMP(pixel, self->layout.left, self->layout.right);
}

static void paint_drag(QtrChartPlot *self, GtkSnapshot *snapshot)
{
    double a = clamp_to_plane(self, self->drag_x);
    double b = clamp_to_plane(self, self->drag_x + self->drag_dx);
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
    *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 140;
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 420 : 220;
}

static void set_cursor(QtrChartPlot *self, double value)
{
    self->cursor = value;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void on_motion(GtkEventControllerMotion *controller, double x, double y, QtrChartPlot *self)
{
    gboolean inside = x >= self->layout.left - 4 && x <= self->layout.right + 4;

    set_cursor(self, inside ? qtr_chart_value_at(&self->layout.x, clamp_to_plane(self, x)) : NAN);
}

static void on_leave(GtkEventControllerMotion *controller, QtrChartPlot *self)
{
    set_cursor(self, NAN);
}

/* Only where there is something to zoom: else the page scrolls on. */
static gboolean on_scroll(GtkEventControllerScroll *controller, double dx, double dy,
                          QtrChartPlot *self)
{
    double span = self->layout.x.high - self->layout.x.low;

    if (isnan(self->cursor) || (dy > 0 && !qtr_chart_plot_is_zoomed(self) && dx == 0))
        return GDK_EVENT_PROPAGATE;
    if (dx != 0)
        qtr_chart_plot_show(self, self->layout.x.low + dx * span / 10,
                            self->layout.x.high + dx * span / 10);
    if (dy != 0)
        zoom(self, pow(ZOOM_STEP, dy), self->cursor);
    return GDK_EVENT_STOP;
}

static void on_drag_begin(GtkGestureDrag *gesture, double x, double y, QtrChartPlot *self)
{
    GdkModifierType state =
        gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(gesture));

    gtk_widget_grab_focus(GTK_WIDGET(self));
    self->panning = (state & GDK_SHIFT_MASK) != 0;
    self->pan_from = (QtrChartRange){self->layout.x.low, self->layout.x.high};
    self->drag_x = self->panning ? NAN : x;
    self->drag_dx = 0;
}

static void on_drag_update(GtkGestureDrag *gesture, double dx, double dy, QtrChartPlot *self)
{
    self->drag_dx = dx;
    if (self->panning) {
        double span = self->pan_from.high - self->pan_from.low;
        double by = dx / (self->layout.right - self->layout.left) * span;

        if (qtr_chart_plot_is_zoomed(self))
            qtr_chart_plot_show(self, self->pan_from.low - by, self->pan_from.high - by);
    }
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void on_drag_end(GtkGestureDrag *gesture, double dx, double dy, QtrChartPlot *self)
{
    double begin = self->drag_x;

    self->drag_x = NAN;
    gtk_widget_queue_draw(GTK_WIDGET(self));
    if (isnan(begin) || fabs(dx) < DRAG_MIN)
        return;
    qtr_chart_plot_show(
        self, qtr_chart_value_at(&self->layout.x, clamp_to_plane(self, MIN(begin, begin + dx))),
        qtr_chart_value_at(&self->layout.x, clamp_to_plane(self, MAX(begin, begin + dx))));
}

static void on_pressed(GtkGestureClick *gesture, int n_press, double x, double y,
                       QtrChartPlot *self)
{
    if (n_press == 2)
        qtr_chart_plot_reset(self);
}

static gboolean on_key(GtkEventControllerKey *controller, guint key, guint code,
                       GdkModifierType state, QtrChartPlot *self)
{
    double span = self->layout.x.high - self->layout.x.low;
    double at = isnan(self->cursor) ? (self->layout.x.high + self->layout.x.low) / 2 : self->cursor;

    switch (key) {
    case GDK_KEY_Left:
    case GDK_KEY_Right:
        at += (key == GDK_KEY_Left ? -1 : 1) * span / 50;
        set_cursor(self, CLAMP(at, self->layout.x.low, self->layout.x.high));
        return GDK_EVENT_STOP;
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
        zoom(self, 1 / ZOOM_STEP, at);
        return GDK_EVENT_STOP;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
        zoom(self, ZOOM_STEP, at);
        return GDK_EVENT_STOP;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
        qtr_chart_plot_reset(self);
        return GDK_EVENT_STOP;
    default:
        return GDK_EVENT_PROPAGATE;
    }
}

static void add_controllers(QtrChartPlot *self)
{
    GtkEventController *motion = gtk_event_controller_motion_new();
    GtkEventController *scroll =
        gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
    GtkEventController *key = gtk_event_controller_key_new();
    GtkGesture *drag = gtk_gesture_drag_new(), *click = gtk_gesture_click_new();

    g_signal_connect(motion, "motion", G_CALLBACK(on_motion), self);
    g_signal_connect(motion, "leave", G_CALLBACK(on_leave), self);
    g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), self);
    g_signal_connect(key, "key-pressed", G_CALLBACK(on_key), self);
    g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), self);
    g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), self);
    g_signal_connect(drag, "drag-end", G_CALLBACK(on_drag_end), self);
    g_signal_connect(click, "pressed", G_CALLBACK(on_pressed), self);
    gtk_gesture_group(click, drag);
    gtk_widget_add_controller(GTK_WIDGET(self), motion);
    gtk_widget_add_controller(GTK_WIDGET(self), scroll);
    gtk_widget_add_controller(GTK_WIDGET(self), key);
    gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(drag));
    gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(click));
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
    add_controllers(self);
    update_layout(self);
}

QtrChartScene *qtr_chart_plot_get_scene(QtrChartPlot *self)
{
    g_return_val_if_fail(QTR_IS_CHART_PLOT(self), NULL);
    return self->scene;
}
