#include "qtr-chart-plot-private.h"
#include "qtr-look.h"

#define DRAG_MIN 6.0

static void zoom(QtrChartPlot *self, double factor, double about)
{
    double low = self->layout.x.low, high = self->layout.x.high;

    qtr_chart_plot_show(self, about - (about - low) * factor, about + (high - about) * factor);
}

static void set_cursor(QtrChartPlot *self, double value)
{
    self->cursor = value;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void on_motion(GtkEventControllerMotion *controller, double x, double y, QtrChartPlot *self)
{
    gboolean inside = x >= self->layout.left - 4 && x <= self->layout.right + 4;

    set_cursor(self,
               inside ? qtr_chart_value_at(&self->layout.x, qtr_chart_plot_clamp(self, x)) : NAN);
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
        zoom(self, pow(QTR_ZOOM_STEP, dy), self->cursor);
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
        self,
        qtr_chart_value_at(&self->layout.x, qtr_chart_plot_clamp(self, MIN(begin, begin + dx))),
        qtr_chart_value_at(&self->layout.x, qtr_chart_plot_clamp(self, MAX(begin, begin + dx))));
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
        zoom(self, 1 / QTR_ZOOM_STEP, at);
        return GDK_EVENT_STOP;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
        zoom(self, QTR_ZOOM_STEP, at);
        return GDK_EVENT_STOP;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
        qtr_chart_plot_reset(self);
        return GDK_EVENT_STOP;
    default:
        return GDK_EVENT_PROPAGATE;
    }
}

void qtr_chart_plot_add_controllers(QtrChartPlot *self)
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
