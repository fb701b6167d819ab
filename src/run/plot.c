#include "run/plot-private.h"

QtrColour qtr_plot_colour(guint series)
{
    static const guint32 palette[] = {0x1f6cb0, 0xb35309, 0x8a3ea3, 0x1a7f5a, 0xb3261e, 0x57606a};

    return QTR_RGB(palette[series % G_N_ELEMENTS(palette)]);
}

void qtr_plot_take(QtrPlot *plot, double x, double y, double w, double h)
{
    QtrPlotBox box = {x, y, w, h};

    g_array_append_val(plot->taken, box);
}

static gboolean visible(const QtrPlotParams *params, const QtrPlotPoint *p)
{
    return isfinite(p->x) && isfinite(p->y) && (!params->log_x || p->x > 0);
}

static void collect(QtrPlot *plot)
{
    for (guint s = 0; s < plot->n_series; s++) {
        for (guint i = 0; i < plot->series[s].n_points; i++) {
            if (visible(plot->params, &plot->series[s].points[i]))
                g_array_append_val(plot->points, plot->series[s].points[i]);
        }
    }
    plot->front =
        qtr_plot_front((const QtrPlotPoint *)(gpointer)plot->points->data, plot->points->len);
}

static void find_ranges(QtrPlot *plot)
{
    const QtrPlotParams *p = plot->params;
    double x0 = INFINITY, x1 = -INFINITY, y0 = INFINITY, y1 = -INFINITY;
    gboolean lines = TRUE;

    for (guint s = 0; s < plot->n_series; s++)
        lines = lines && plot->series[s].line;
    for (guint i = 0; i < plot->points->len; i++) {
        const QtrPlotPoint *point = &g_array_index(plot->points, QtrPlotPoint, i);

        x0 = MIN(x0, point->x);
        x1 = MAX(x1, point->x);
        y0 = MIN(y0, point->y);
        y1 = MAX(y1, point->y);
    }
    if (isfinite(p->reference)) {
        y0 = MIN(y0, p->reference);
        y1 = MAX(y1, p->reference);
    }
    qtr_plot_axis_init(&plot->x,
                       p->log_x ? QTR_PLOT_LOG
                       : lines  ? QTR_PLOT_TIGHT
                                : QTR_PLOT_ROUND,
                       x0, x1, 7);
    qtr_plot_axis_init(&plot->y, QTR_PLOT_ROUND, y0, y1, 6);
    plot->x.start = QTR_PLOT_LEFT;
    plot->x.end = p->width - QTR_PLOT_RIGHT;
    plot->y.start = p->height - QTR_PLOT_BOTTOM;
    plot->y.end = QTR_PLOT_TOP;
}

static void paint_reference(QtrPlot *plot, cairo_t *cr)
{
    const double dashes[] = {6, 4};
    double y;

    if (!isfinite(plot->params->reference))
        return;
    y = qtr_plot_axis_place(&plot->y, plot->params->reference);
    qtr_draw_set_colour(cr, QTR_WIRE);
    cairo_set_line_width(cr, 1.3);
    cairo_set_dash(cr, dashes, 2, 0);
    cairo_move_to(cr, plot->x.start, y);
    cairo_line_to(cr, plot->x.end, y);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
    qtr_plot_take(plot, plot->x.start, y - 2, plot->x.end - plot->x.start, 4);
    if (plot->params->reference_label) {
        double w;

        qtr_draw_set_font(cr, 12, FALSE);
        qtr_draw_set_colour(cr, QTR_FAINT);
        w = qtr_draw_text_width(cr, plot->params->reference_label);
        qtr_draw_text(cr, plot->x.end - 6, y - 6, QTR_ALIGN_RIGHT, plot->params->reference_label);
        qtr_plot_take(plot, plot->x.end - 6 - w, y - 18, w, 16);
    }
}

/* What a point dominates is reached by going right, then up: the front is a staircase. */
static void paint_front(QtrPlot *plot, cairo_t *cr)
{
    double x = 0, y = 0;

    if (!plot->params->front || plot->front->len == 0)
        return;
    cairo_new_path(cr);
    for (guint i = 0; i < plot->front->len; i++) {
        const QtrPlotPoint *p =
            &g_array_index(plot->points, QtrPlotPoint, g_array_index(plot->front, guint, i));

        double next_x = qtr_plot_axis_place(&plot->x, p->x);
        double next_y = qtr_plot_axis_place(&plot->y, p->y);
        double from = i == 0 ? plot->y.start : y;

        if (i > 0)
            qtr_plot_take(plot, x, y - 1, next_x - x, 2);
        qtr_plot_take(plot, next_x - 1, next_y, 2, from - next_y);
        cairo_line_to(cr, next_x, from);
        cairo_line_to(cr, next_x, next_y);
        x = next_x;
        y = next_y;
    }
    qtr_plot_take(plot, x, y - 1, plot->x.end - x, 2);
    cairo_line_to(cr, plot->x.end, y);
    qtr_draw_set_colour(cr, QTR_ACCENT);
    cairo_set_line_width(cr, 1.8);
    cairo_stroke_preserve(cr);
    cairo_line_to(cr, plot->x.end, plot->y.start);
    cairo_close_path(cr);
    cairo_set_source_rgba(cr, QTR_ACCENT.r, QTR_ACCENT.g, QTR_ACCENT.b, 0.05);
    cairo_fill(cr);
}

static void paint_line(const QtrPlot *plot, cairo_t *cr, const QtrPlotSeries *series)
{
    cairo_new_path(cr);
    for (guint i = 0; i < series->n_points; i++) {
        const QtrPlotPoint *p = &series->points[i];

        if (visible(plot->params, p))
            cairo_line_to(cr, qtr_plot_axis_place(&plot->x, p->x),
                          qtr_plot_axis_place(&plot->y, p->y));
        else
            cairo_new_sub_path(cr);
    }
    cairo_set_line_width(cr, 1.8);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(cr);
}

static void paint_dots(QtrPlot *plot, cairo_t *cr, const QtrPlotSeries *series, QtrColour colour)
{
    for (guint i = 0; i < series->n_points; i++) {
        const QtrPlotPoint *p = &series->points[i];
        double x, y;

        if (!visible(plot->params, p))
            continue;
        x = qtr_plot_axis_place(&plot->x, p->x);
        y = qtr_plot_axis_place(&plot->y, p->y);
        cairo_new_sub_path(cr);
        cairo_arc(cr, x, y, QTR_PLOT_DOT, 0, 2 * G_PI);
        qtr_draw_set_colour(cr, colour);
        cairo_fill_preserve(cr);
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_set_line_width(cr, 1.2);
        cairo_stroke(cr);
        qtr_plot_take(plot, x - QTR_PLOT_DOT, y - QTR_PLOT_DOT, 2 * QTR_PLOT_DOT, 2 * QTR_PLOT_DOT);
    }
}

static void paint_series(QtrPlot *plot, cairo_t *cr)
{
    for (guint s = 0; s < plot->n_series; s++) {
        QtrColour colour = qtr_plot_colour(s);

        qtr_draw_set_colour(cr, colour);
        if (plot->series[s].line)
            paint_line(plot, cr, &plot->series[s]);
        else
            paint_dots(plot, cr, &plot->series[s], colour);
    }
}

void qtr_plot_paint(const QtrPlotParams *params, const QtrPlotSeries *series, guint n_series,
                    cairo_t *cr)
{
    QtrPlot plot = {.params = params, .series = series, .n_series = n_series};

    plot.points = g_array_new(FALSE, FALSE, sizeof(QtrPlotPoint));
    plot.taken = g_array_new(FALSE, FALSE, sizeof(QtrPlotBox));
    collect(&plot);
    qtr_draw_set_colour(cr, QTR_INK);
    qtr_draw_set_font(cr, 17, TRUE);
    if (params->title)
        qtr_draw_text(cr, 16, 29, QTR_ALIGN_LEFT, params->title);
    if (plot.points->len == 0) {
        qtr_draw_set_font(cr, 14, FALSE);
        qtr_draw_set_colour(cr, QTR_FAINT);
        qtr_draw_text(cr, params->width / 2, params->height / 2, QTR_ALIGN_CENTRE, "no results");
    } else {
        find_ranges(&plot);
        qtr_plot_paint_axes(&plot, cr);
        paint_front(&plot, cr);
        paint_reference(&plot, cr);
        paint_series(&plot, cr);
        qtr_plot_paint_labels(&plot, cr);
        qtr_plot_paint_legend(&plot, cr);
    }
    g_array_unref(plot.points);
    g_array_unref(plot.front);
    g_array_unref(plot.taken);
}

typedef struct {
    const QtrPlotParams *params;
    const QtrPlotSeries *series;
    guint n_series;
} PaintData;

static void paint(cairo_t *cr, gconstpointer data)
{
    const PaintData *d = data;

    qtr_plot_paint(d->params, d->series, d->n_series, cr);
}

gboolean qtr_plot_save(const QtrPlotParams *params, const QtrPlotSeries *series, guint n_series,
                       const char *path, GError **error)
{
    const PaintData data = {params, series, n_series};

    return qtr_draw_save(path, params->width, params->height, paint, &data, error);
}
