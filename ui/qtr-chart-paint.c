#include "qtr-chart-scene.h"

static const QtrChartLine *line_at(const QtrChartScene *scene, guint i)
{
    return g_ptr_array_index(scene->lines, i);
}

static const QtrSeriesPoint *point_at(const QtrChartLine *line, guint i)
{
    return &g_array_index(line->points, QtrSeriesPoint, i);
}

static void paint_grid(const QtrChartScene *scene, const QtrChartLook *look,
                       const QtrChartLayout *l, cairo_t *cr)
{
    g_autoptr(GArray) xs = qtr_plot_axis_ticks(&l->x);
    g_autoptr(GArray) ys = qtr_plot_axis_ticks(&l->y);
    QtrColour ink = qtr_chart_ink(look->dark);
    char text[64];

    qtr_draw_set_font(cr, look->font, FALSE);
    cairo_set_line_width(cr, 1);
    for (guint i = 0; i < ys->len; i++) {
        const QtrPlotTick *tick = &g_array_index(ys, QtrPlotTick, i);
        double y = round(qtr_plot_axis_place(&l->y, tick->value)) + 0.5;

        cairo_set_source_rgba(cr, ink.r, ink.g, ink.b, tick->labelled ? 0.25 : 0.12);
        cairo_move_to(cr, l->left, y);
        cairo_line_to(cr, l->right, y);
        cairo_stroke(cr);
        if (!tick->labelled)
            continue;
        qtr_draw_set_colour(cr, ink);
        qtr_draw_text(cr, l->left - look->font * 0.5, y + look->font * 0.35, QTR_ALIGN_RIGHT,
                      qtr_chart_tick_text(&l->y, tick->value, text, sizeof text));
    }
    qtr_draw_set_colour(cr, ink);
    for (guint i = 0; i < xs->len; i++) {
        const QtrPlotTick *tick = &g_array_index(xs, QtrPlotTick, i);

        qtr_draw_text(cr, qtr_plot_axis_place(&l->x, tick->value), l->bottom + look->font * 1.4,
                      QTR_ALIGN_CENTRE, qtr_plot_axis_text(&l->x, tick->value, text, sizeof text));
    }
    if (scene->x_label)
        qtr_draw_text(cr, l->right, l->bottom + look->font * 2.8, QTR_ALIGN_RIGHT, scene->x_label);
    if (scene->y_label)
        qtr_draw_text(cr, look->font * 0.3, look->font * 1.2, QTR_ALIGN_LEFT, scene->y_label);
}

static void set_dash(cairo_t *cr, QtrDash dash)
{
    static const double dashes[] = {7, 4}, dots[] = {1.5, 3};

    if (dash == QTR_DASH_SOLID)
        cairo_set_dash(cr, NULL, 0, 0);
    else if (dash == QTR_DASH_DASHED)
        cairo_set_dash(cr, dashes, 2, 0);
    else
        cairo_set_dash(cr, dots, 2, 0);
}

/* Points of one pixel column as first, least, largest and last: no more can be seen. */
typedef struct {
    int column;
    double first, least, largest, last, x;
    gboolean open;
} Column;

static void end_column(Column *c, cairo_t *cr)
{
    if (!c->open)
        return;
    cairo_line_to(cr, c->x, c->first);
    if (c->least != c->largest) {
        cairo_line_to(cr, c->x, c->least);
        cairo_line_to(cr, c->x, c->largest);
        cairo_line_to(cr, c->x, c->last);
    }
    c->open = FALSE;
}

static void trace(const QtrChartScene *scene, const QtrChartLine *line, const QtrChartLayout *l,
                  cairo_t *cr)
{
    Column c = {0};

    for (guint i = 0; i < line->points->len; i++) {
        const QtrSeriesPoint *p = point_at(line, i);
        double x, y;

        if (!qtr_chart_shows(scene, p))
            continue;
        x = CLAMP(qtr_plot_axis_place(&l->x, p->x), -1e6, 1e6);
        y = CLAMP(qtr_plot_axis_place(&l->y, p->y), -1e6, 1e6);
        if (c.open && c.column == (int)floor(x)) {
            c.least = MIN(c.least, y);
            c.largest = MAX(c.largest, y);
            c.last = y;
            continue;
        }
        end_column(&c, cr);
        c = (Column){(int)floor(x), y, y, y, y, x, TRUE};
    }
    end_column(&c, cr);
}

/* The range of merged samples, faintly. */
static void paint_range(const QtrChartScene *scene, const QtrChartLine *line,
                        const QtrChartLook *look, const QtrChartLayout *l, cairo_t *cr)
{
    QtrColour colour = qtr_chart_colour(line->colour, look->dark);
    guint n = line->points->len;

    if (n < 2 || point_at(line, 0)->count < 2)
        return;
    for (guint i = 0; i < n; i++)
        if (qtr_chart_shows(scene, point_at(line, i)))
            cairo_line_to(cr, qtr_plot_axis_place(&l->x, point_at(line, i)->x),
                          qtr_plot_axis_place(&l->y, point_at(line, i)->max));
    for (guint i = n; i-- > 0;)
        if (qtr_chart_shows(scene, point_at(line, i)))
            cairo_line_to(cr, qtr_plot_axis_place(&l->x, point_at(line, i)->x),
                          qtr_plot_axis_place(&l->y, point_at(line, i)->min));
    cairo_close_path(cr);
    cairo_set_source_rgba(cr, colour.r, colour.g, colour.b, 0.18);
    cairo_fill(cr);
}

#define DOTS_MAX 60

static void paint_line(const QtrChartScene *scene, const QtrChartLine *line,
                       const QtrChartLook *look, const QtrChartLayout *l, cairo_t *cr)
{
    paint_range(scene, line, look, l, cr);
    qtr_draw_set_colour(cr, qtr_chart_colour(line->colour, look->dark));
    set_dash(cr, line->dash);
    cairo_set_line_width(cr, line->dots ? 2 : 1.5);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    trace(scene, line, l, cr);
    cairo_stroke(cr);
    set_dash(cr, QTR_DASH_SOLID);
    /* One point alone would show nothing. */
    if (line->points->len != 1 && (!line->dots || line->points->len > DOTS_MAX))
        return;
    for (guint i = 0; i < line->points->len; i++) {
        const QtrSeriesPoint *p = point_at(line, i);

        if (!qtr_chart_shows(scene, p))
            continue;
        cairo_arc(cr, qtr_plot_axis_place(&l->x, p->x), qtr_plot_axis_place(&l->y, p->y), 3, 0,
                  2 * G_PI);
        cairo_fill(cr);
    }
}

void qtr_chart_paint(const QtrChartScene *scene, const QtrChartLook *look, const QtrChartLayout *l,
                     cairo_t *cr)
{
    paint_grid(scene, look, l, cr);
    cairo_save(cr);
    cairo_rectangle(cr, l->left - 4, l->top - 4, l->right - l->left + 8, l->bottom - l->top + 8);
    cairo_clip(cr);
    for (guint i = 0; i < scene->lines->len; i++)
        if (!line_at(scene, i)->hidden)
            paint_line(scene, line_at(scene, i), look, l, cr);
    cairo_restore(cr);
}
