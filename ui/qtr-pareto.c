#include "qtr-pareto.h"

#include "qtr-chart-scene.h"
#include "qtr-look.h"
#include "run/plot.h"
#include "run/table.h"

#include <glib/gi18n.h>

struct _QtrPareto {
    GtkWidget parent_instance;

    GArray *points; /* QtrParetoPoint */
    GArray *front;  /* guint, by rising cost */
    char *x_label, *y_label;
    double reference;
    int selected, hovered;
};

G_DEFINE_FINAL_TYPE(QtrPareto, qtr_pareto, GTK_TYPE_WIDGET)

static guint chosen_signal;

#define REACH 14.0 /* pixels between pointer and dot */

static const QtrParetoPoint *point_at(QtrPareto *self, guint i)
{
    return &g_array_index(self->points, QtrParetoPoint, i);
}

static gboolean can_show(const QtrParetoPoint *p)
{
    return isfinite(p->cost) && isfinite(p->quality) && p->cost > 0;
}

typedef struct {
    QtrPlotAxis x, y;
    double font, left, right, top, bottom;
} Place;

static void extend(double *low, double *high, double value)
{
    *low = isnan(*low) ? value : MIN(*low, value);
    *high = isnan(*high) ? value : MAX(*high, value);
}

/* FALSE if there is nothing to show. */
static gboolean find_place(QtrPareto *self, Place *place)
{
    double x0 = NAN, x1 = NAN, y0 = self->reference, y1 = self->reference;

    for (guint i = 0; i < self->points->len; i++)
        if (can_show(point_at(self, i))) {
            extend(&x0, &x1, point_at(self, i)->cost);
            extend(&y0, &y1, point_at(self, i)->quality);
        }
    place->font = qtr_look_font_pixels(GTK_WIDGET(self)) * 0.88;
    place->left = place->font * 4;
    place->right = gtk_widget_get_width(GTK_WIDGET(self)) - place->font;
    place->top = place->font * 2.4;
    place->bottom = gtk_widget_get_height(GTK_WIDGET(self)) - place->font * 3.3;
    if (isnan(x0))
        return FALSE;
    qtr_plot_axis_init(&place->x, QTR_PLOT_LOG, x0, x1, 6);
    qtr_plot_axis_init(&place->y, QTR_PLOT_ROUND, y0, y1, 5);
    place->x.start = place->left;
    place->x.end = place->right;
    place->y.start = place->bottom;
    place->y.end = place->top;
    return TRUE;
}

static void paint_axes(QtrPareto *self, const Place *p, cairo_t *cr)
{
    g_autoptr(GArray) xs = qtr_plot_axis_ticks(&p->x);
    g_autoptr(GArray) ys = qtr_plot_axis_ticks(&p->y);
    QtrColour ink = qtr_chart_ink(qtr_look_is_dark(GTK_WIDGET(self)));
    char text[64];

    qtr_draw_set_font(cr, p->font, FALSE);
    cairo_set_line_width(cr, 1);
    for (guint i = 0; i < ys->len; i++) {
        double value = g_array_index(ys, QtrPlotTick, i).value;
        double y = round(qtr_plot_axis_place(&p->y, value)) + 0.5;

        cairo_set_source_rgba(cr, ink.r, ink.g, ink.b, 0.25);
        cairo_move_to(cr, p->left, y);
        cairo_line_to(cr, p->right, y);
        cairo_stroke(cr);
        qtr_draw_set_colour(cr, ink);
        qtr_draw_text(cr, p->left - p->font * 0.5, y + p->font * 0.35, QTR_ALIGN_RIGHT,
                      qtr_plot_axis_text(&p->y, value, text, sizeof text));
    }
    for (guint i = 0; i < xs->len; i++) {
        const QtrPlotTick *tick = &g_array_index(xs, QtrPlotTick, i);
        double x = round(qtr_plot_axis_place(&p->x, tick->value)) + 0.5;

        cairo_set_source_rgba(cr, ink.r, ink.g, ink.b, tick->labelled ? 0.25 : 0.1);
        cairo_move_to(cr, x, p->top);
        cairo_line_to(cr, x, p->bottom);
        cairo_stroke(cr);
        qtr_draw_set_colour(cr, ink);
        if (tick->labelled)
            qtr_draw_text(cr, x, p->bottom + p->font * 1.4, QTR_ALIGN_CENTRE,
                          qtr_plot_axis_text(&p->x, tick->value, text, sizeof text));
    }
    qtr_draw_text(cr, p->right, p->bottom + p->font * 2.8, QTR_ALIGN_RIGHT, self->x_label);
    qtr_draw_text(cr, p->font * 0.3, p->font * 1.2, QTR_ALIGN_LEFT, self->y_label);
}

static void paint_front(QtrPareto *self, const Place *p, gboolean dark, cairo_t *cr)
{
    double last = NAN;

    for (guint i = 0; i < self->front->len; i++) {
        const QtrParetoPoint *point = point_at(self, g_array_index(self->front, guint, i));
        double x = qtr_plot_axis_place(&p->x, point->cost);
        double y = qtr_plot_axis_place(&p->y, point->quality);

        if (isnan(last))
            cairo_move_to(cr, x, p->bottom);
        else
            cairo_line_to(cr, x, last);
        cairo_line_to(cr, x, y);
        last = y;
    }
    if (!isnan(last))
        cairo_line_to(cr, p->right, last);
    qtr_draw_set_colour(cr, qtr_chart_colour(2, dark));
    cairo_set_line_width(cr, 2);
    cairo_stroke(cr);
}

static void paint_reference(QtrPareto *self, const Place *p, gboolean dark, cairo_t *cr)
{
    static const double dashes[] = {4, 4};
    double y = round(qtr_plot_axis_place(&p->y, self->reference)) + 0.5;

    if (isnan(self->reference))
        return;
    qtr_draw_set_colour(cr, qtr_chart_colour(7, dark));
    cairo_set_line_width(cr, 1.5);
    cairo_set_dash(cr, dashes, 2, 0);
    cairo_move_to(cr, p->left, y);
    cairo_line_to(cr, p->right, y);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
}

/* In the middle of its line, on top of the front, which often runs along it. */
static void paint_reference_label(QtrPareto *self, const Place *p, gboolean dark, cairo_t *cr)
{
    double y = round(qtr_plot_axis_place(&p->y, self->reference)) + 0.5;
    double width = qtr_draw_text_width(cr, _("bicubic")) + p->font;

    if (isnan(self->reference))
        return;
    qtr_draw_rounded(cr, p->right - width, y - p->font * 0.8, width, p->font * 1.6, 4);
    cairo_set_source_rgb(cr, dark ? 0.21 : 1, dark ? 0.21 : 1, dark ? 0.21 : 1);
    cairo_fill(cr);
    qtr_draw_set_colour(cr, qtr_chart_colour(7, dark));
    qtr_draw_text(cr, p->right - p->font * 0.5, y + p->font * 0.35, QTR_ALIGN_RIGHT, _("bicubic"));
}

static gboolean is_on_front(QtrPareto *self, guint index)
{
    for (guint i = 0; i < self->front->len; i++)
        if (g_array_index(self->front, guint, i) == index)
            return TRUE;
    return FALSE;
}

static void paint_dots(QtrPareto *self, const Place *p, gboolean dark, cairo_t *cr)
{
    for (guint i = 0; i < self->points->len; i++) {
        const QtrParetoPoint *point = point_at(self, i);
        double x = qtr_plot_axis_place(&p->x, point->cost);
        double y = qtr_plot_axis_place(&p->y, point->quality);

        if (!can_show(point))
            continue;
        qtr_draw_set_colour(cr, qtr_chart_colour(is_on_front(self, i) ? 2 : 0, dark));
        cairo_arc(cr, x, y, (int)i == self->hovered ? 7 : 5, 0, 2 * G_PI);
        cairo_fill(cr);
        if ((int)i != self->selected)
            continue;
        cairo_set_line_width(cr, 2.5);
        qtr_draw_set_colour(cr, qtr_chart_colour(1, dark));
        cairo_arc(cr, x, y, 10, 0, 2 * G_PI);
        cairo_stroke(cr);
    }
}

static void paint_label(QtrPareto *self, const Place *p, gboolean dark, cairo_t *cr)
{
    const QtrParetoPoint *point = point_at(self, (guint)self->hovered);
    double x = qtr_plot_axis_place(&p->x, point->cost);
    double y = qtr_plot_axis_place(&p->y, point->quality);
    char cost[32];
    g_autofree char *text = g_strdup_printf("%s  %.2f dB  %s", point->label, point->quality,
                                            qtr_draw_si(point->cost, cost, sizeof cost));
    double width;

    qtr_draw_set_font(cr, p->font, FALSE);
    width = qtr_draw_text_width(cr, text) + p->font;
    x = CLAMP(x - width / 2, 2, MAX(2.0, p->right - width));
    y = y - p->font * 3 < 0 ? y + p->font * 1.2 : y - p->font * 2.6;
    qtr_draw_rounded(cr, x, y, width, p->font * 1.8, 6);
    cairo_set_source_rgba(cr, dark ? 0.16 : 1, dark ? 0.16 : 1, dark ? 0.18 : 1, 0.95);
    cairo_fill_preserve(cr);
    qtr_draw_set_colour(cr, qtr_chart_ink(dark));
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
    cairo_set_source_rgb(cr, dark, dark, dark);
    qtr_draw_text(cr, x + p->font * 0.5, y + p->font * 1.25, QTR_ALIGN_LEFT, text);
}

static void qtr_pareto_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    QtrPareto *self = QTR_PARETO(widget);
    gboolean dark = qtr_look_is_dark(widget);
    Place place;
    cairo_t *cr;

    if (gtk_widget_get_width(widget) < 80 || gtk_widget_get_height(widget) < 80 ||
        !find_place(self, &place))
        return;
    cr = gtk_snapshot_append_cairo(snapshot,
                                   &GRAPHENE_RECT_INIT(0, 0, (float)gtk_widget_get_width(widget),
                                                       (float)gtk_widget_get_height(widget)));
    paint_axes(self, &place, cr);
    paint_reference(self, &place, dark, cr);
    paint_front(self, &place, dark, cr);
    paint_reference_label(self, &place, dark, cr);
    paint_dots(self, &place, dark, cr);
    if (self->hovered >= 0)
        paint_label(self, &place, dark, cr);
    cairo_destroy(cr);
}

static void qtr_pareto_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                               int *minimum, int *natural, int *minimum_baseline,
                               int *natural_baseline)
{
    *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : 180;
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 480 : 320;
}

static int find_point(QtrPareto *self, double x, double y)
{
    double best = REACH;
    int found = -1;
    Place p;

    if (!find_place(self, &p))
        return -1;
    for (guint i = 0; i < self->points->len; i++) {
        const QtrParetoPoint *point = point_at(self, i);
        double d;

        if (!can_show(point))
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
    double here = self->selected >= 0 ? point_at(self, (guint)self->selected)->cost
                  : direction > 0     ? 0
                                      : INFINITY;
    int found = -1;

    for (guint i = 0; i < self->points->len; i++) {
        const QtrParetoPoint *p = point_at(self, i);
        double ahead = (p->cost - here) * direction;

        if (can_show(p) && (int)i != self->selected && ahead > 0 &&
            (found < 0 || ahead < (point_at(self, (guint)found)->cost - here) * direction))
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
        plain[i] = can_show(point_at(self, i))
                       ? (QtrPlotPoint){point_at(self, i)->cost, point_at(self, i)->quality, NULL}
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
        n += can_show(point_at(self, i)) != FALSE;
    return n;
}

static gboolean save_csv(QtrPareto *self, const char *path, GError **error)
{
    const char *const columns[] = {"run", "BitOps", "PSNR", "on the front", NULL};
    g_autoptr(QtrTable) table = qtr_table_new(columns);

    for (guint i = 0; i < self->points->len; i++) {
        guint row;

        if (!can_show(point_at(self, i)))
            continue;
        row = qtr_table_add_row(table);
        qtr_table_set(table, row, columns[0], point_at(self, i)->label);
        qtr_table_set_number(table, row, columns[1], point_at(self, i)->cost);
        qtr_table_set_number(table, row, columns[2], point_at(self, i)->quality);
        qtr_table_set(table, row, columns[3], is_on_front(self, i) ? "yes" : "no");
    }
    return qtr_table_save(table, path, error);
}

gboolean qtr_pareto_save(QtrPareto *self, const char *path, GError **error)
{
    g_autofree QtrPlotPoint *plain = NULL;
    QtrPlotParams params = QTR_PLOT_PARAMS_INIT;
    QtrPlotSeries series = {.n_points = self->points->len};

    g_return_val_if_fail(QTR_IS_PARETO(self), FALSE);
    if (g_str_has_suffix(path, ".csv"))
        return save_csv(self, path, error);
    plain = g_new0(QtrPlotPoint, self->points->len + 1);
    for (guint i = 0; i < self->points->len; i++)
        plain[i] = (QtrPlotPoint){point_at(self, i)->cost, point_at(self, i)->quality,
                                  point_at(self, i)->label};
    series.points = plain;
    params.title = _("Quality against Cost");
    params.x_label = self->x_label;
    params.y_label = self->y_label;
    params.log_x = params.front = TRUE;
    params.reference = self->reference;
    params.reference_label = _("bicubic");
    return qtr_plot_save(&params, &series, 1, path, error);
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
