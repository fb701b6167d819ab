#include "qtr-chart-scene.h"

#define TICKS_X 7
#define TICKS_Y 5
#define PIXELS_PER_TICK_X 70.0
#define PIXELS_PER_TICK_Y 34.0

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

gboolean qtr_chart_shows(const QtrChartScene *scene, const QtrSeriesPoint *point)
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
            const QtrSeriesPoint *p = &g_array_index(line->points, QtrSeriesPoint, j);

            if (!qtr_chart_shows(scene, p))
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

const char *qtr_chart_tick_text(const QtrPlotAxis *axis, double value, char *buffer, gsize size)
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

        double width = qtr_draw_text_width(
            cr, qtr_chart_tick_text(&layout->y, tick->value, text, sizeof text));

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
