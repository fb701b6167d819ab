#include "qtr-chart-scene.h"

#define TICKS_X 7
#define TICKS_Y 5
#define PIXELS_PER_TICK_X 70.0
#define PIXELS_PER_TICK_Y 34.0

QtrChartLine *qtr_chart_line_new(const char *label, const QtrSeriesPoint *points, guint n,
                                 guint colour, QtrDash dash)
{
    QtrChartLine *line = g_new0(QtrChartLine, 1);

    line->label = g_strdup(label);
    line->points = g_array_sized_new(FALSE, FALSE, sizeof(QtrSeriesPoint), n);
    if (n > 0)
        g_array_append_vals(line->points, points, n);
    line->colour = colour;
    line->dash = dash;
    return line;
}

QtrChartLine *qtr_chart_line_new_series(const char *label, const QtrSeries *series, guint colour,
                                        QtrDash dash)
{
    return qtr_chart_line_new(label, qtr_series_points(series), qtr_series_length(series), colour,
                              dash);
}

void qtr_chart_line_free(QtrChartLine *line)
{
    g_free(line->label);
    g_array_unref(line->points);
    g_free(line);
}

QtrChartScene *qtr_chart_scene_new(void)
{
    QtrChartScene *scene = g_new0(QtrChartScene, 1);

    scene->lines = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_chart_line_free);
    scene->x = scene->y = (QtrChartRange){NAN, NAN};
    return scene;
}

void qtr_chart_scene_free(QtrChartScene *scene)
{
    if (!scene)
        return;
    g_ptr_array_unref(scene->lines);
    g_free(scene->title);
    g_free(scene->x_label);
    g_free(scene->y_label);
    g_free(scene);
}

/* Okabe and Ito's colours, told apart by colour-blind people, lightened for a dark ground. */
QtrColour qtr_chart_colour(guint number, gboolean dark)
{
    static const guint light_ground[] = {0x0072b2, 0xd55e00, 0x008f6b, 0xb5509a,
                                         0x8a6d00, 0x2f9fd0, 0x7a4fbf, 0x6b6b6b};
    static const guint dark_ground[] = {0x62b5f0, 0xff9249, 0x3fd0a5, 0xe79acb,
                                        0xe6c84a, 0x8fd3f5, 0xb99cf0, 0xb5b5b5};

    return dark ? QTR_RGB(dark_ground[number % G_N_ELEMENTS(dark_ground)])
                : QTR_RGB(light_ground[number % G_N_ELEMENTS(light_ground)]);
}

QtrColour qtr_chart_ink(gboolean dark)
{
    return dark ? QTR_RGB(0xb8b8b8) : QTR_RGB(0x57606a);
}

const char *qtr_chart_number(double value, char *buffer, gsize size)
{
    double magnitude = fabs(value);

    if (magnitude >= 1e6)
        return qtr_draw_si(value, buffer, size);
    return g_ascii_formatd(buffer, (int)size,
                           magnitude > 0 && magnitude < 1e-3 ? "%.3g"
                           : magnitude >= 100                ? "%.1f"
                                                             : "%.4g",
                           value);
}

static const QtrChartLine *line_at(const QtrChartScene *scene, guint i)
{
    return g_ptr_array_index(scene->lines, i);
}

static const QtrSeriesPoint *point_at(const QtrChartLine *line, guint i)
{
    return &g_array_index(line->points, QtrSeriesPoint, i);
}

static gboolean shows(const QtrChartScene *scene, const QtrSeriesPoint *point)
{
    return isfinite(point->x) && isfinite(point->y) && (!scene->log_y || point->min > 0);
}

static void include(QtrChartRange *range, double low, double high)
{
    range->low = isnan(range->low) ? low : MIN(range->low, low);
    range->high = isnan(range->high) ? high : MAX(range->high, high);
}

/* The y range follows what of the curves lies in the x range. */
static void find_ranges(const QtrChartScene *scene, QtrChartRange *x, QtrChartRange *y)
{
    *x = *y = (QtrChartRange){NAN, NAN};
    for (guint i = 0; i < scene->lines->len; i++) {
        const QtrChartLine *line = line_at(scene, i);

        for (guint j = 0; j < line->points->len && !line->hidden; j++) {
            const QtrSeriesPoint *p = point_at(line, j);

            if (!shows(scene, p))
                continue;
            include(x, p->x, p->x);
            if (isnan(scene->x.low) || (p->x >= scene->x.low && p->x <= scene->x.high))
                include(y, p->min, p->max);
        }
    }
}

static int ticks_in(double pixels, double each, int most)
{
    return CLAMP((int)(pixels / each), 2, most);
}

/* Large numbers with an SI prefix. */
static const char *tick_text(const QtrPlotAxis *axis, double value, char *buffer, gsize size)
{
    if (axis->log)
        return qtr_chart_number(value, buffer, size);
    if (MAX(fabs(axis->low), fabs(axis->high)) >= 1e5)
        return qtr_draw_si(value, buffer, size);
    return qtr_plot_axis_text(axis, value, buffer, size);
}

static double widest_tick(const QtrChartLayout *layout, const QtrChartLook *look)
{
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
    cairo_t *cr = cairo_create(surface);
    g_autoptr(GArray) ticks = qtr_plot_axis_ticks(&layout->y);
    double widest = 0;
    char text[64];

    qtr_draw_set_font(cr, look->font, FALSE);
    for (guint i = 0; i < ticks->len; i++) {
        const QtrPlotTick *tick = &g_array_index(ticks, QtrPlotTick, i);

        double width =
            qtr_draw_text_width(cr, tick_text(&layout->y, tick->value, text, sizeof text));

        widest = MAX(widest, width);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return widest;
}

void qtr_chart_layout(const QtrChartScene *scene, const QtrChartLook *look, QtrChartLayout *l)
{
    QtrChartRange x, y;

    find_ranges(scene, &x, &y);
    *l = (QtrChartLayout){.empty = isnan(x.low)};
    if (!isnan(scene->x.low))
        x = scene->x;
    if (!isnan(scene->y.low))
        y = scene->y;
    if (isnan(x.low))
        x = (QtrChartRange){0, 1};
    if (isnan(y.low))
        y = scene->log_y ? (QtrChartRange){0.1, 1} : (QtrChartRange){0, 1};
    l->top = look->font * 0.8 + (scene->y_label ? look->font * 1.7 : 0);
    l->bottom = MAX(l->top + 10, look->height - look->font * (scene->x_label ? 3.3 : 1.9));
    qtr_plot_axis_init(&l->y,
                       scene->log_y          ? QTR_PLOT_LOG
                       : isnan(scene->y.low) ? QTR_PLOT_ROUND
                                             : QTR_PLOT_TIGHT,
                       y.low, y.high, ticks_in(l->bottom - l->top, PIXELS_PER_TICK_Y, TICKS_Y));
    /* Room below nought would show values that cannot be. */
    if (isnan(scene->y.low) && y.low >= 0 && l->y.low < 0)
        l->y.low = 0;
    l->y.start = l->bottom;
    l->y.end = l->top;
    l->left = widest_tick(l, look) + look->font * 0.9;
    l->right = MAX(l->left + 10, look->width - look->font);
    qtr_plot_axis_init(&l->x, QTR_PLOT_TIGHT, x.low, x.high,
                       ticks_in(l->right - l->left, PIXELS_PER_TICK_X, TICKS_X));
    l->x.start = l->left;
    l->x.end = l->right;
}

double qtr_chart_value_at(const QtrPlotAxis *axis, double pixel)
{
    double t = (pixel - axis->start) / (axis->end - axis->start);

    return axis->log ? axis->low * pow(axis->high / axis->low, t)
                     : axis->low + t * (axis->high - axis->low);
}

const QtrSeriesPoint *qtr_chart_line_nearest(const QtrChartLine *line, double x)
{
    guint low = 0, high = line->points->len;

    if (high == 0)
        return NULL;
    while (low + 1 < high) {
        guint middle = (low + high) / 2;

        if (point_at(line, middle)->x <= x)
            low = middle;
        else
            high = middle;
    }
    if (low + 1 < line->points->len && point_at(line, low + 1)->x - x < x - point_at(line, low)->x)
        low++;
    return point_at(line, low);
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
                      tick_text(&l->y, tick->value, text, sizeof text));
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

        if (!shows(scene, p))
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
        if (shows(scene, point_at(line, i)))
            cairo_line_to(cr, qtr_plot_axis_place(&l->x, point_at(line, i)->x),
                          qtr_plot_axis_place(&l->y, point_at(line, i)->max));
    for (guint i = n; i-- > 0;)
        if (shows(scene, point_at(line, i)))
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

        if (!shows(scene, p))
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
