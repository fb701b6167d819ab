#include "run/plot-private.h"

static void paint_x_axis(const QtrPlot *plot, cairo_t *cr)
{
    g_autoptr(GArray) ticks = qtr_plot_axis_ticks(&plot->x);
    char text[64];

    for (guint i = 0; i < ticks->len; i++) {
        const QtrPlotTick *tick = &g_array_index(ticks, QtrPlotTick, i);
        double x = qtr_plot_axis_place(&plot->x, tick->value);

        cairo_set_line_width(cr, 1);
        qtr_draw_set_colour(cr, tick->labelled ? QTR_GRID : qtr_colour_tint(QTR_GRID, 0.5));
        cairo_move_to(cr, x, plot->y.start);
        cairo_line_to(cr, x, plot->y.end);
        cairo_stroke(cr);
        if (!tick->labelled)
            continue;
        qtr_draw_set_colour(cr, QTR_FAINT);
        qtr_draw_text(cr, x, plot->y.start + 19, QTR_ALIGN_CENTRE,
                      qtr_plot_axis_text(&plot->x, tick->value, text, sizeof text));
    }
}

static void paint_y_axis(const QtrPlot *plot, cairo_t *cr)
{
    g_autoptr(GArray) ticks = qtr_plot_axis_ticks(&plot->y);
    char text[64];

    for (guint i = 0; i < ticks->len; i++) {
        const QtrPlotTick *tick = &g_array_index(ticks, QtrPlotTick, i);
        double y = qtr_plot_axis_place(&plot->y, tick->value);

        cairo_set_line_width(cr, 1);
        qtr_draw_set_colour(cr, QTR_GRID);
        cairo_move_to(cr, plot->x.start, y);
        cairo_line_to(cr, plot->x.end, y);
        cairo_stroke(cr);
        qtr_draw_set_colour(cr, QTR_FAINT);
        qtr_draw_text(cr, plot->x.start - 9, y + 4, QTR_ALIGN_RIGHT,
                      qtr_plot_axis_text(&plot->y, tick->value, text, sizeof text));
    }
}

void qtr_plot_paint_axes(const QtrPlot *plot, cairo_t *cr)
{
    const QtrPlotParams *p = plot->params;

    qtr_draw_set_font(cr, 12, FALSE);
    paint_x_axis(plot, cr);
    paint_y_axis(plot, cr);
    qtr_draw_set_colour(cr, QTR_WIRE);
    cairo_set_line_width(cr, 1.2);
    cairo_move_to(cr, plot->x.start, plot->y.end);
    cairo_line_to(cr, plot->x.start, plot->y.start);
    cairo_line_to(cr, plot->x.end, plot->y.start);
    cairo_stroke(cr);
    qtr_draw_set_font(cr, 13, FALSE);
    qtr_draw_set_colour(cr, QTR_INK);
    if (p->x_label)
        qtr_draw_text(cr, (plot->x.start + plot->x.end) / 2, p->height - 17, QTR_ALIGN_CENTRE,
                      p->x_label);
    if (p->y_label) {
        cairo_save(cr);
        cairo_translate(cr, 22, (plot->y.start + plot->y.end) / 2);
        cairo_rotate(cr, -G_PI_2);
        qtr_draw_text(cr, 0, 0, QTR_ALIGN_CENTRE, p->y_label);
        cairo_restore(cr);
    }
}

static double legend_item(const QtrPlot *plot, cairo_t *cr, double x, gboolean line,
                          QtrColour colour, const char *label)
{
    double w;

    qtr_draw_set_font(cr, 12, FALSE);
    w = qtr_draw_text_width(cr, label);
    x -= w;
    qtr_draw_set_colour(cr, QTR_INK);
    qtr_draw_text(cr, x, QTR_PLOT_TOP - 15, QTR_ALIGN_LEFT, label);
    qtr_draw_set_colour(cr, colour);
    if (line) {
        cairo_set_line_width(cr, 2);
        cairo_move_to(cr, x - 24, QTR_PLOT_TOP - 19);
        cairo_line_to(cr, x - 6, QTR_PLOT_TOP - 19);
        cairo_stroke(cr);
    } else {
        cairo_new_sub_path(cr);
        cairo_arc(cr, x - 12, QTR_PLOT_TOP - 19, QTR_PLOT_DOT, 0, 2 * G_PI);
        cairo_fill(cr);
    }
    return x - 40;
}

void qtr_plot_paint_legend(const QtrPlot *plot, cairo_t *cr)
{
    double x = plot->params->width - QTR_PLOT_RIGHT;

    if (plot->params->front)
        x = legend_item(plot, cr, x, TRUE, QTR_ACCENT, "Pareto front");
    for (guint s = plot->n_series; s > 0; s--) {
        const QtrPlotSeries *series = &plot->series[s - 1];

        if (series->label)
            x = legend_item(plot, cr, x, series->line, qtr_plot_colour(s - 1), series->label);
    }
}
