#include "qtr-image-view-private.h"
#include "qtr-look.h"

#include <math.h>

#define GRIP 10.0
#define PAN_STEP 64.0

static double divider(QtrImageView *self)
{
    return self->split * gtk_widget_get_width(GTK_WIDGET(self));
}

static gboolean on_divider(QtrImageView *self, double x)
{
    return self->mode == QTR_VIEW_SPLIT && fabs(x - divider(self)) <= GRIP;
}

static void zoom_about(QtrImageView *self, double factor, double x, double y)
{
    double width = gtk_widget_get_width(GTK_WIDGET(self));
    double height = gtk_widget_get_height(GTK_WIDGET(self));
    QtrViewPlace p;
    double zoom, px, py;

    if (!qtr_image_view_place(self, &p))
        return;
    px = (x - p.left) / p.zoom;
    py = (y - p.top) / p.zoom;
    zoom = CLAMP(p.zoom * factor, QTR_ZOOM_MIN, QTR_ZOOM_MAX);
    qtr_viewport_set(self->viewport, px + (width / 2 - x) / zoom, py + (height / 2 - y) / zoom,
                     zoom);
}

void qtr_image_view_zoom(QtrImageView *self, double factor)
{
    zoom_about(self, factor, gtk_widget_get_width(GTK_WIDGET(self)) / 2.0,
               gtk_widget_get_height(GTK_WIDGET(self)) / 2.0);
}

static void set_zoom(QtrImageView *self, double zoom)
{
    QtrViewPlace p;

    if (qtr_image_view_place(self, &p))
        qtr_image_view_zoom(self, zoom / p.zoom);
}

void qtr_image_view_actual_size(QtrImageView *self)
{
    set_zoom(self, 1.0 / gtk_widget_get_scale_factor(GTK_WIDGET(self)));
}

static void pan(QtrImageView *self, double dx, double dy)
{
    QtrViewPlace p;
    double x, y;

    if (!qtr_image_view_place(self, &p))
        return;
    qtr_viewport_get_centre(self->viewport, &x, &y);
    qtr_viewport_set(self->viewport, CLAMP(x + dx / p.zoom, 0.0, (double)p.width),
                     CLAMP(y + dy / p.zoom, 0.0, (double)p.height), p.zoom);
}

static void on_motion(GtkEventControllerMotion *controller, double x, double y, QtrImageView *self)
{
    QtrViewPlace p;

    if (!qtr_image_view_place(self, &p))
        return;
    x -= p.left;
    y -= p.top;
    if (x < 0 || y < 0 || x >= p.width * p.zoom || y >= p.height * p.zoom)
        qtr_viewport_set_pointer(self->viewport, NAN, NAN);
    else
        qtr_viewport_set_pointer(self->viewport, x / p.zoom, y / p.zoom);
    gtk_widget_set_cursor_from_name(GTK_WIDGET(self),
                                    on_divider(self, x + p.left) ? "col-resize" : NULL);
}

static void on_leave(GtkEventControllerMotion *controller, QtrImageView *self)
{
    if (self->viewport)
        qtr_viewport_set_pointer(self->viewport, NAN, NAN);
}

static gboolean on_scroll(GtkEventControllerScroll *controller, double dx, double dy,
                          QtrImageView *self)
{
    QtrViewPlace p;
    double px, py;

    if (!qtr_image_view_place(self, &p))
        return GDK_EVENT_PROPAGATE;
    qtr_viewport_get_pointer(self->viewport, &px, &py);
    if (isnan(px))
        qtr_image_view_zoom(self, pow(QTR_ZOOM_STEP, -dy));
    else
        zoom_about(self, pow(QTR_ZOOM_STEP, -dy), p.left + px * p.zoom, p.top + py * p.zoom);
    return GDK_EVENT_STOP;
}

static void on_drag_begin(GtkGestureDrag *gesture, double x, double y, QtrImageView *self)
{
    GdkModifierType state =
        gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(gesture));
    QtrViewPlace p;

    gtk_widget_grab_focus(GTK_WIDGET(self));
    self->drag = DRAG_NONE;
    if (!qtr_image_view_place(self, &p))
        return;
    if (on_divider(self, x)) {
        self->drag = DRAG_SPLIT;
        self->from_x = divider(self);
    } else if (state & GDK_SHIFT_MASK) {
        self->drag = DRAG_SELECT;
        self->from_x = (x - p.left) / p.zoom;
        self->from_y = (y - p.top) / p.zoom;
    } else {
        self->drag = DRAG_PAN;
        qtr_viewport_get_centre(self->viewport, &self->from_x, &self->from_y);
    }
}

/* Whole pixels that lie in the picture. */
static void select_to(QtrImageView *self, const QtrViewPlace *p, double x, double y)
{
    int x0 = (int)CLAMP(floor(MIN(self->from_x, x)), 0, p->width);
    int y0 = (int)CLAMP(floor(MIN(self->from_y, y)), 0, p->height);
    int x1 = (int)CLAMP(ceil(MAX(self->from_x, x)), 0, p->width);
    int y1 = (int)CLAMP(ceil(MAX(self->from_y, y)), 0, p->height);
    QtrArea area = {x0, y0, x1 - x0, y1 - y0};

    qtr_viewport_set_selection(self->viewport, area.width > 0 && area.height > 0 ? &area : NULL);
}

static void on_drag_update(GtkGestureDrag *gesture, double dx, double dy, QtrImageView *self)
{
    int width = gtk_widget_get_width(GTK_WIDGET(self));
    QtrViewPlace p;

    if (self->drag == DRAG_NONE || !qtr_image_view_place(self, &p))
        return;
    if (self->drag == DRAG_SPLIT)
        qtr_image_view_set_split(self, (self->from_x + dx) / width);
    else if (self->drag == DRAG_SELECT)
        select_to(self, &p, self->from_x + dx / p.zoom, self->from_y + dy / p.zoom);
    else
        qtr_viewport_set(self->viewport, CLAMP(self->from_x - dx / p.zoom, 0.0, (double)p.width),
                         CLAMP(self->from_y - dy / p.zoom, 0.0, (double)p.height), p.zoom);
}

static gboolean on_arrow(QtrImageView *self, guint key, GdkModifierType state)
{
    double dx = key == GDK_KEY_Left ? -1 : key == GDK_KEY_Right ? 1 : 0;
    double dy = key == GDK_KEY_Up ? -1 : key == GDK_KEY_Down ? 1 : 0;

    if (dx == 0 && dy == 0)
        return GDK_EVENT_PROPAGATE;
    if (state & GDK_CONTROL_MASK && self->mode == QTR_VIEW_SPLIT)
        qtr_image_view_set_split(self, self->split + dx * 0.02);
    else
        pan(self, dx * PAN_STEP, dy * PAN_STEP);
    return GDK_EVENT_STOP;
}

static gboolean on_key(GtkEventControllerKey *controller, guint key, guint code,
                       GdkModifierType state, QtrImageView *self)
{
    QtrViewPlace p;

    if (!qtr_image_view_place(self, &p))
        return GDK_EVENT_PROPAGATE;
    switch (key) {
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
        qtr_image_view_zoom(self, QTR_ZOOM_STEP);
        return GDK_EVENT_STOP;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
        qtr_image_view_zoom(self, 1 / QTR_ZOOM_STEP);
        return GDK_EVENT_STOP;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
        qtr_viewport_fit(self->viewport, p.width, p.height);
        return GDK_EVENT_STOP;
    case GDK_KEY_1:
    case GDK_KEY_KP_1:
        qtr_image_view_actual_size(self);
        return GDK_EVENT_STOP;
    case GDK_KEY_Escape:
        qtr_viewport_set_selection(self->viewport, NULL);
        return GDK_EVENT_STOP;
    default:
        return on_arrow(self, key, state);
    }
}

void qtr_image_view_add_controllers(QtrImageView *self)
{
    GtkWidget *widget = GTK_WIDGET(self);
    GtkEventController *motion = gtk_event_controller_motion_new();
    GtkEventController *scroll =
        gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
    GtkEventController *key = gtk_event_controller_key_new();
    GtkGesture *drag = gtk_gesture_drag_new();

    g_signal_connect(motion, "motion", G_CALLBACK(on_motion), self);
    g_signal_connect(motion, "leave", G_CALLBACK(on_leave), self);
    g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), self);
    g_signal_connect(key, "key-pressed", G_CALLBACK(on_key), self);
    g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), self);
    g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), self);
    gtk_widget_add_controller(widget, motion);
    gtk_widget_add_controller(widget, scroll);
    gtk_widget_add_controller(widget, key);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));
}
