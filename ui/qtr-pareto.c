#include "qtr-pareto-private.h"
#include "run/plot.h"

#include <glib/gi18n.h>
#include <math.h>

G_DEFINE_FINAL_TYPE(QtrPareto, qtr_pareto, GTK_TYPE_WIDGET)

static guint chosen_signal;

#define REACH 14.0 /* pixels between pointer and dot */

static void qtr_pareto_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                               int *minimum, int *natural, int *minimum_baseline,
                               int *natural_baseline)
{
    *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : 180;
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 480 : 320;
}

const QtrParetoPoint *qtr_pareto_point(QtrPareto *self, guint i)
{
    return &g_array_index(self->points, QtrParetoPoint, i);
}

gboolean qtr_pareto_can_show(const QtrParetoPoint *p)
{
    return isfinite(p->cost) && isfinite(p->quality) && p->cost > 0;
}

gboolean qtr_pareto_is_on_front(QtrPareto *self, guint index)
{
    for (guint i = 0; i < self->front->len; i++)
        if (g_array_index(self->front, guint, i) == index)
            return TRUE;
    return FALSE;
}

static int find_point(QtrPareto *self, double x, double y)
{
    double best = REACH;
    int found = -1;
    QtrParetoPlace p;

    if (!qtr_pareto_find_place(self, &p))
        return -1;
    for (guint i = 0; i < self->points->len; i++) {
        const QtrParetoPoint *point = qtr_pareto_point(self, i);
        double d;

        if (!qtr_pareto_can_show(point))
            continue;
        d = hypot(qtr_plot_axis_place(&p.x, point->cost) - x,
                  qtr_plot_axis_place(&p.y, point->quality) - y);
        if (d < best) {
            best = d;
            found = (int)i;
        }
    }
    return found;
}

static void set_hovered(QtrPareto *self, int index)
{
    if (index == self->hovered)
        return;
    self->hovered = index;
    gtk_widget_set_cursor_from_name(GTK_WIDGET(self), index < 0 ? NULL : "pointer");
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void on_motion(GtkEventControllerMotion *controller, double x, double y, QtrPareto *self)
{
    set_hovered(self, find_point(self, x, y));
}

static void on_leave(GtkEventControllerMotion *controller, QtrPareto *self)
{
    set_hovered(self, -1);
}

static void choose(QtrPareto *self, int index)
{
    if (index < 0)
        return;
    qtr_pareto_select(self, index);
    g_signal_emit(self, chosen_signal, 0, (guint)index);
}

static void on_pressed(GtkGestureClick *gesture, int n_press, double x, double y, QtrPareto *self)
{
    gtk_widget_grab_focus(GTK_WIDGET(self));
    choose(self, find_point(self, x, y));
}

/* The dot next to the chosen one in order of cost. */
static int neighbour(QtrPareto *self, int direction)
{
    double here = self->selected >= 0 ? qtr_pareto_point(self, (guint)self->selected)->cost
                  : direction > 0     ? 0
                                      : INFINITY;
    int found = -1;

    for (guint i = 0; i < self->points->len; i++) {
        const QtrParetoPoint *p = qtr_pareto_point(self, i);
        double ahead = (p->cost - here) * direction;

        if (qtr_pareto_can_show(p) && (int)i != self->selected && ahead > 0 &&
            (found < 0 || ahead < (qtr_pareto_point(self, (guint)found)->cost - here) * direction))
            found = (int)i;
    }
    return found;
}

static gboolean on_key(GtkEventControllerKey *controller, guint key, guint code,
                       GdkModifierType state, QtrPareto *self)
{
    int found;

    if (key != GDK_KEY_Left && key != GDK_KEY_Right)
        return GDK_EVENT_PROPAGATE;
    found = neighbour(self, key == GDK_KEY_Left ? -1 : 1);
    choose(self, found);
    set_hovered(self, self->selected);
    return GDK_EVENT_STOP;
}

static void clear_point(gpointer data)
{
    g_free(((QtrParetoPoint *)data)->label);
}

static void find_front(QtrPareto *self)
{
    g_autofree QtrPlotPoint *plain = g_new0(QtrPlotPoint, self->points->len + 1);

    for (guint i = 0; i < self->points->len; i++)
        plain[i] = qtr_pareto_can_show(qtr_pareto_point(self, i))
                       ? (QtrPlotPoint){qtr_pareto_point(self, i)->cost,
                                        qtr_pareto_point(self, i)->quality, NULL}
                       : (QtrPlotPoint){NAN, NAN, NULL};
    g_clear_pointer(&self->front, g_array_unref);
    self->front = qtr_plot_front(plain, self->points->len);
}

void qtr_pareto_take_points(QtrPareto *self, GArray *points, const char *x_label,
                            const char *y_label, double reference)
{
    g_return_if_fail(QTR_IS_PARETO(self));
    g_array_set_clear_func(points, clear_point);
    g_clear_pointer(&self->points, g_array_unref);
    self->points = points;
    self->selected = self->hovered = -1;
    self->reference = reference;
    g_free(self->x_label);
    g_free(self->y_label);
    self->x_label = g_strdup(x_label);
    self->y_label = g_strdup(y_label);
    find_front(self);
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

void qtr_pareto_select(QtrPareto *self, int index)
{
    g_return_if_fail(QTR_IS_PARETO(self) && index < (int)self->points->len);
    self->selected = index;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

guint qtr_pareto_front_size(QtrPareto *self)
{
    return self->front->len;
}

guint qtr_pareto_count(QtrPareto *self)
{
    guint n = 0;

    for (guint i = 0; i < self->points->len; i++)
        n += qtr_pareto_can_show(qtr_pareto_point(self, i)) != FALSE;
    return n;
}

static void qtr_pareto_finalize(GObject *object)
{
    QtrPareto *self = QTR_PARETO(object);

    g_array_unref(self->points);
    g_array_unref(self->front);
    g_free(self->x_label);
    g_free(self->y_label);
    G_OBJECT_CLASS(qtr_pareto_parent_class)->finalize(object);
}

static void qtr_pareto_class_init(QtrParetoClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = qtr_pareto_finalize;
    widget_class->snapshot = qtr_pareto_snapshot;
    widget_class->measure = qtr_pareto_measure;
    chosen_signal = g_signal_new("chosen", QTR_TYPE_PARETO, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_UINT);
    gtk_widget_class_set_css_name(widget_class, "pareto");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void qtr_pareto_init(QtrPareto *self)
{
    GtkEventController *motion = gtk_event_controller_motion_new();
    GtkEventController *key = gtk_event_controller_key_new();
    GtkGesture *click = gtk_gesture_click_new();

    self->points = g_array_new(FALSE, TRUE, sizeof(QtrParetoPoint));
    self->front = g_array_new(FALSE, FALSE, sizeof(guint));
    self->selected = self->hovered = -1;
    self->reference = NAN;
    gtk_widget_set_focusable(GTK_WIDGET(self), TRUE);
    g_signal_connect(motion, "motion", G_CALLBACK(on_motion), self);
    g_signal_connect(motion, "leave", G_CALLBACK(on_leave), self);
    g_signal_connect(key, "key-pressed", G_CALLBACK(on_key), self);
    g_signal_connect(click, "pressed", G_CALLBACK(on_pressed), self);
    gtk_widget_add_controller(GTK_WIDGET(self), motion);
    gtk_widget_add_controller(GTK_WIDGET(self), key);
    gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(click));
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   _("Quality against cost"), -1);
}
