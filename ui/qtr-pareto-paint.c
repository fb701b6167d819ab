#include "qtr-chart-scene.h"
#include "qtr-look.h"
#include "qtr-pareto-private.h"

#include <glib/gi18n.h>
#include <math.h>

static void extend(double *low, double *high, double value)
{
    *low = isnan(*low) ? value : MIN(*low, value);
    *high = isnan(*high) ? value : MAX(*high, value);
}

gboolean qtr_pareto_find_place(QtrPareto *self, QtrParetoPlace *place)
{
    double x0 = NAN, x1 = NAN, y0 = self->reference, y1 = self->reference;

    for (guint i = 0; i < self->points->len; i++)
        if (qtr_pareto_can_show(qtr_pareto_point(self, i))) {
            extend(&x0, &x1, qtr_pareto_point(self, i)->cost);
            extend(&y0, &y1, qtr_pareto_point(self, i)->quality);
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

static void paint_axes(QtrPareto *self, const QtrParetoPlace *p, cairo_t *cr)
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

static void paint_front(QtrPareto *self, const QtrParetoPlace *p, gboolean dark, cairo_t *cr)
{
    double last = NAN;

    for (guint i = 0; i < self->front->len; i++) {
        const QtrParetoPoint *point = qtr_pareto_point(self, g_array_index(self->front, guint, i));
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

static void paint_reference(QtrPareto *self, const QtrParetoPlace *p, gboolean dark, cairo_t *cr)
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

/* Dots, and parts of the front, within a box. */
static guint count_inside(QtrPareto *self, const QtrParetoPlace *p, const graphene_rect_t *box)
{
    guint count = 0;

    for (guint i = 0; i < self->points->len; i++) {
        const QtrParetoPoint *point = qtr_pareto_point(self, i);
        graphene_point_t dot = {(float)qtr_plot_axis_place(&p->x, point->cost),
                                (float)qtr_plot_axis_place(&p->y, point->quality)};

        count += qtr_pareto_can_show(point) && graphene_rect_contains_point(box, &dot);
    }
    for (guint i = 0; i < self->front->len; i++) {
        const QtrParetoPoint *point = qtr_pareto_point(self, g_array_index(self->front, guint, i));
        float x = (float)qtr_plot_axis_place(&p->x, point->cost);
        float y = (float)qtr_plot_axis_place(&p->y, point->quality);
        float end = (float)p->right;

        if (i + 1 < self->front->len)
            end = (float)qtr_plot_axis_place(
                &p->x, qtr_pareto_point(self, g_array_index(self->front, guint, i + 1))->cost);
        count += graphene_rect_intersection(box, &GRAPHENE_RECT_INIT(x, y, end - x, 1), NULL);
    }
    return count;
}

/* In the middle of its line, at the end where it hides less. */
static void paint_reference_label(QtrPareto *self, const QtrParetoPlace *p, gboolean dark,
                                  cairo_t *cr)
{
    double y = round(qtr_plot_axis_place(&p->y, self->reference)) + 0.5;
    double width = qtr_draw_text_width(cr, _("bicubic")) + p->font, left = p->right - width;
    graphene_rect_t box[] = {
        GRAPHENE_RECT_INIT((float)left, (float)(y - p->font), (float)width, (float)p->font * 2),
        GRAPHENE_RECT_INIT((float)p->left, (float)(y - p->font), (float)width, (float)p->font * 2)};

    if (isnan(self->reference))
        return;
    if (count_inside(self, p, &box[0]) > count_inside(self, p, &box[1]))
        left = p->left;
    qtr_draw_rounded(cr, left, y - p->font * 0.8, width, p->font * 1.6, 4);
    cairo_set_source_rgb(cr, dark ? 0.21 : 1, dark ? 0.21 : 1, dark ? 0.21 : 1);
    cairo_fill(cr);
    qtr_draw_set_colour(cr, qtr_chart_colour(7, dark));
    qtr_draw_text(cr, left + p->font * 0.5, y + p->font * 0.35, QTR_ALIGN_LEFT, _("bicubic"));
}

static void paint_dots(QtrPareto *self, const QtrParetoPlace *p, gboolean dark, cairo_t *cr)
{
    for (guint i = 0; i < self->points->len; i++) {
        const QtrParetoPoint *point = qtr_pareto_point(self, i);
        double x = qtr_plot_axis_place(&p->x, point->cost);
        double y = qtr_plot_axis_place(&p->y, point->quality);

        if (!qtr_pareto_can_show(point))
            continue;
        qtr_draw_set_colour(cr, qtr_chart_colour(qtr_pareto_is_on_front(self, i) ? 2 : 0, dark));
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

static void paint_label(QtrPareto *self, const QtrParetoPlace *p, gboolean dark, cairo_t *cr)
{
    const QtrParetoPoint *point = qtr_pareto_point(self, (guint)self->hovered);
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

void qtr_pareto_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    QtrPareto *self = QTR_PARETO(widget);
    gboolean dark = qtr_look_is_dark(widget);
    QtrParetoPlace place;
    cairo_t *cr;

    if (gtk_widget_get_width(widget) < 80 || gtk_widget_get_height(widget) < 80 ||
        !qtr_pareto_find_place(self, &place))
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
