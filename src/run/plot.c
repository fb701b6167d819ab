#include "run/plot.h"

#include "run/draw-surface.h"
#include "run/plot-axis.h"

#include <string.h>

#define LEFT 78.0
#define RIGHT 28.0
#define TOP 58.0 /* title and legend */
#define BOTTOM 62.0
#define DOT 4.5
#define LABEL_SIZE 11.0

static const guint32 palette[] = {0x1f6cb0, 0xb35309, 0x8a3ea3, 0x1a7f5a, 0xb3261e, 0x57606a};

typedef struct {
    double x, y, w, h;
} Box;

typedef struct {
    const QtrPlotParams *params;
    const QtrPlotSeries *series;
    guint n_series;
    QtrPlotAxis x, y;
    GArray *points; /* QtrPlotPoint: all that can be shown */
    GArray *front;  /* guint, into points */
    GArray *taken;  /* Box: no label may cover these */
} Plot;

static gboolean visible(const QtrPlotParams *params, const QtrPlotPoint *p)
{
    return isfinite(p->x) && isfinite(p->y) && (!params->log_x || p->x > 0);
}

static int compare_points(gconstpointer a, gconstpointer b, gpointer user_data)
{
    const QtrPlotPoint *points = user_data;
    const QtrPlotPoint *p = &points[*(const guint *)a], *q = &points[*(const guint *)b];

    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y > q->y ? -1 : 1;
    return 0;
}

GArray *qtr_plot_front(const QtrPlotPoint *points, guint n_points)
{
    g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(guint));
    GArray *front = g_array_new(FALSE, FALSE, sizeof(guint));
    const QtrPlotPoint *best = NULL;

    for (guint i = 0; i < n_points; i++) {
        if (isfinite(points[i].x) && isfinite(points[i].y))
            g_array_append_val(order, i);
    }
    g_array_sort_with_data(order, compare_points, (gpointer)points);
    for (guint i = 0; i < order->len; i++) {
        guint index = g_array_index(order, guint, i);
        const QtrPlotPoint *p = &points[index];

        if (!best || p->y > best->y || (p->y == best->y && p->x == best->x)) {
            g_array_append_val(front, index);
            best = p;
        }
    }
    return front;
}

static void collect(Plot *plot)
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

static void find_ranges(Plot *plot)
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
    plot->x.start = LEFT;
    plot->x.end = p->width - RIGHT;
    plot->y.start = p->height - BOTTOM;
    plot->y.end = TOP;
}

static void paint_x_axis(const Plot *plot, cairo_t *cr)
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

static void paint_y_axis(const Plot *plot, cairo_t *cr)
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

static void paint_axes(const Plot *plot, cairo_t *cr)
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

static void take(Plot *plot, double x, double y, double w, double h)
{
    Box box = {x, y, w, h};

    g_array_append_val(plot->taken, box);
}

static void paint_reference(Plot *plot, cairo_t *cr)
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
    take(plot, plot->x.start, y - 2, plot->x.end - plot->x.start, 4);
    if (plot->params->reference_label) {
        double w;

        qtr_draw_set_font(cr, 12, FALSE);
        qtr_draw_set_colour(cr, QTR_FAINT);
        w = qtr_draw_text_width(cr, plot->params->reference_label);
        qtr_draw_text(cr, plot->x.end - 6, y - 6, QTR_ALIGN_RIGHT, plot->params->reference_label);
        take(plot, plot->x.end - 6 - w, y - 18, w, 16);
    }
}

/* What a point dominates is reached by going right, then up: the front is a staircase. */
static void paint_front(Plot *plot, cairo_t *cr)
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
            take(plot, x, y - 1, next_x - x, 2);
        take(plot, next_x - 1, next_y, 2, from - next_y);
        cairo_line_to(cr, next_x, from);
        cairo_line_to(cr, next_x, next_y);
        x = next_x;
        y = next_y;
    }
    take(plot, x, y - 1, plot->x.end - x, 2);
    cairo_line_to(cr, plot->x.end, y);
    qtr_draw_set_colour(cr, QTR_ACCENT);
    cairo_set_line_width(cr, 1.8);
    cairo_stroke_preserve(cr);
    cairo_line_to(cr, plot->x.end, plot->y.start);
    cairo_close_path(cr);
    cairo_set_source_rgba(cr, QTR_ACCENT.r, QTR_ACCENT.g, QTR_ACCENT.b, 0.05);
    cairo_fill(cr);
}

static void paint_line(const Plot *plot, cairo_t *cr, const QtrPlotSeries *series)
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

static void paint_dots(Plot *plot, cairo_t *cr, const QtrPlotSeries *series, QtrColour colour)
{
    for (guint i = 0; i < series->n_points; i++) {
        const QtrPlotPoint *p = &series->points[i];
        double x, y;

        if (!visible(plot->params, p))
            continue;
        x = qtr_plot_axis_place(&plot->x, p->x);
        y = qtr_plot_axis_place(&plot->y, p->y);
        cairo_new_sub_path(cr);
        cairo_arc(cr, x, y, DOT, 0, 2 * G_PI);
        qtr_draw_set_colour(cr, colour);
        cairo_fill_preserve(cr);
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_set_line_width(cr, 1.2);
        cairo_stroke(cr);
        take(plot, x - DOT, y - DOT, 2 * DOT, 2 * DOT);
    }
}

static void paint_series(Plot *plot, cairo_t *cr)
{
    for (guint s = 0; s < plot->n_series; s++) {
        QtrColour colour = QTR_RGB(palette[s % G_N_ELEMENTS(palette)]);

        qtr_draw_set_colour(cr, colour);
        if (plot->series[s].line)
            paint_line(plot, cr, &plot->series[s]);
        else
            paint_dots(plot, cr, &plot->series[s], colour);
    }
}

static gboolean is_free(const Plot *plot, const Box *b)
{
    if (b->x < plot->x.start + 2 || b->x + b->w > plot->x.end || b->y < plot->y.end ||
        b->y + b->h > plot->y.start - 2)
        return FALSE;
    for (guint i = 0; i < plot->taken->len; i++) {
        const Box *t = &g_array_index(plot->taken, Box, i);

        if (b->x < t->x + t->w && t->x < b->x + b->w && b->y < t->y + t->h && t->y < b->y + b->h)
            return FALSE;
    }
    return TRUE;
}

/* A label where there is room beside its point; a crowded one is left out rather than unreadable.
 */
static void paint_label(Plot *plot, cairo_t *cr, const QtrPlotPoint *p)
{
    double x = qtr_plot_axis_place(&plot->x, p->x), y = qtr_plot_axis_place(&plot->y, p->y);
    double w = qtr_draw_text_width(cr, p->label), h = LABEL_SIZE + 2, gap = DOT + 4;
    const Box places[] = {
        {x - w - gap, y - h - 3, w, h}, {x + gap, y + 3, w, h},     {x + gap, y - h / 2, w, h},
        {x - w - gap, y - h / 2, w, h}, {x + gap, y - h - 3, w, h}, {x - w - gap, y + 3, w, h},
        {x - w / 2, y - h - gap, w, h}, {x - w / 2, y + gap, w, h},
    };

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        if (is_free(plot, &places[i])) {
            qtr_draw_text(cr, places[i].x, places[i].y + LABEL_SIZE - 1, QTR_ALIGN_LEFT, p->label);
            take(plot, places[i].x, places[i].y, w, h);
            return;
        }
    }
}

static gboolean on_front(const Plot *plot, guint index)
{
    for (guint i = 0; i < plot->front->len; i++) {
        if (g_array_index(plot->front, guint, i) == index)
            return TRUE;
    }
    return FALSE;
}

/* Those of the front first: they must have room. */
static void paint_labels(Plot *plot, cairo_t *cr)
{
    qtr_draw_set_font(cr, LABEL_SIZE, FALSE);
    for (int pass = 0; pass < 2; pass++) {
        qtr_draw_set_colour(cr, pass == 0 ? QTR_INK : QTR_FAINT);
        for (guint i = 0; i < plot->points->len; i++) {
            const QtrPlotPoint *p = &g_array_index(plot->points, QtrPlotPoint, i);

            if (p->label && (plot->params->front && on_front(plot, i)) == (pass == 0))
                paint_label(plot, cr, p);
        }
    }
}

static double legend_item(const Plot *plot, cairo_t *cr, double x, gboolean line, QtrColour colour,
                          const char *label)
{
    double w;

    qtr_draw_set_font(cr, 12, FALSE);
    w = qtr_draw_text_width(cr, label);
    x -= w;
    qtr_draw_set_colour(cr, QTR_INK);
    qtr_draw_text(cr, x, TOP - 15, QTR_ALIGN_LEFT, label);
    qtr_draw_set_colour(cr, colour);
    if (line) {
        cairo_set_line_width(cr, 2);
        cairo_move_to(cr, x - 24, TOP - 19);
        cairo_line_to(cr, x - 6, TOP - 19);
        cairo_stroke(cr);
    } else {
        cairo_new_sub_path(cr);
        cairo_arc(cr, x - 12, TOP - 19, DOT, 0, 2 * G_PI);
        cairo_fill(cr);
    }
    return x - 40;
}

static void paint_legend(const Plot *plot, cairo_t *cr)
{
    double x = plot->params->width - RIGHT;

    if (plot->params->front)
        x = legend_item(plot, cr, x, TRUE, QTR_ACCENT, "Pareto front");
    for (guint s = plot->n_series; s > 0; s--) {
        const QtrPlotSeries *series = &plot->series[s - 1];

        if (series->label)
            x = legend_item(plot, cr, x, series->line,
                            QTR_RGB(palette[(s - 1) % G_N_ELEMENTS(palette)]), series->label);
    }
}

void qtr_plot_paint(const QtrPlotParams *params, const QtrPlotSeries *series, guint n_series,
                    cairo_t *cr)
{
    Plot plot = {.params = params, .series = series, .n_series = n_series};

    plot.points = g_array_new(FALSE, FALSE, sizeof(QtrPlotPoint));
    plot.taken = g_array_new(FALSE, FALSE, sizeof(Box));
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
        paint_axes(&plot, cr);
        paint_front(&plot, cr);
        paint_reference(&plot, cr);
        paint_series(&plot, cr);
        paint_labels(&plot, cr);
        paint_legend(&plot, cr);
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
