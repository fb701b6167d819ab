#include "qtr-chart-scene.h"

#include "base/error.h"
#include "base/file.h"

#include <string.h>

#define WIDTH 900.0
#define HEIGHT 520.0
#define FONT 13.0
#define MARGIN 24.0
#define TITLE 40.0
#define LEGEND_ROW 22.0

static guint shown_lines(const QtrChartScene *scene)
{
    guint n = 0;

    for (guint i = 0; i < scene->lines->len; i++)
        n += !((QtrChartLine *)g_ptr_array_index(scene->lines, i))->hidden;
    return n;
}

#define LEGEND_COLUMNS 4

static double legend_height(const QtrChartScene *scene)
{
    return (shown_lines(scene) + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS * LEGEND_ROW;
}

static void paint_legend(const QtrChartScene *scene, cairo_t *cr, double top)
{
    static const double dashes[] = {7, 4};
    double width = (WIDTH - 2 * MARGIN) / LEGEND_COLUMNS;
    guint at = 0;

    qtr_draw_set_font(cr, FONT, FALSE);
    for (guint i = 0; i < scene->lines->len; i++) {
        const QtrChartLine *line = g_ptr_array_index(scene->lines, i);
        double x = MARGIN + at % LEGEND_COLUMNS * width;
        double y = top + at / LEGEND_COLUMNS * LEGEND_ROW + LEGEND_ROW / 2;

        if (line->hidden)
            continue;
        at++;
        qtr_draw_set_colour(cr, qtr_chart_colour(line->colour, FALSE));
        cairo_set_line_width(cr, 2.5);
        cairo_set_dash(cr, dashes, line->dash == QTR_DASH_SOLID ? 0 : 2, 0);
        cairo_move_to(cr, x, y);
        cairo_line_to(cr, x + 24, y);
        cairo_stroke(cr);
        cairo_set_dash(cr, NULL, 0, 0);
        qtr_draw_set_colour(cr, QTR_INK);
        qtr_draw_text(cr, x + 30, y + FONT * 0.35, QTR_ALIGN_LEFT, line->label);
    }
}

static void paint_whole(cairo_t *cr, gconstpointer data)
{
    const QtrChartScene *scene = data;
    QtrChartLook look = {.font = FONT, .width = WIDTH - 2 * MARGIN, .height = HEIGHT};
    QtrChartLayout layout;

    qtr_draw_set_font(cr, 18, TRUE);
    qtr_draw_set_colour(cr, QTR_INK);
    qtr_draw_text(cr, MARGIN, MARGIN + 14, QTR_ALIGN_LEFT, scene->title ? scene->title : "");
    cairo_save(cr);
    cairo_translate(cr, MARGIN, TITLE + MARGIN / 2);
    qtr_chart_layout(scene, &look, &layout);
    qtr_chart_paint(scene, &look, &layout, cr);
    cairo_restore(cr);
    paint_legend(scene, cr, TITLE + HEIGHT + MARGIN);
}

/* All x of all curves, once each. */
static int compare_doubles(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static GArray *collect_x(const QtrChartScene *scene)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(double));
    guint kept = 0;

    for (guint i = 0; i < scene->lines->len; i++) {
        const QtrChartLine *line = g_ptr_array_index(scene->lines, i);

        for (guint j = 0; j < line->points->len && !line->hidden; j++)
            g_array_append_val(all, g_array_index(line->points, QtrSeriesPoint, j).x);
    }
    g_array_sort(all, compare_doubles);
    for (guint i = 0; i < all->len; i++)
        if (i == 0 || g_array_index(all, double, i) != g_array_index(all, double, kept - 1))
            g_array_index(all, double, kept++) = g_array_index(all, double, i);
    g_array_set_size(all, kept);
    return all;
}

static void append_number(GString *text, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append(text, g_ascii_formatd(digits, sizeof digits, "%.10g", value));
}

static void append_quoted(GString *text, const char *label)
{
    g_auto(GStrv) parts = g_strsplit(label, "\"", -1);
    g_autofree char *doubled = g_strjoinv("\"\"", parts);

    g_string_append_printf(text, ",\"%s\"", doubled);
}

/* A comma and the value at `x`, if there is one; of several the last. */
static void append_value(GString *text, const QtrChartLine *line, guint *next, double x)
{
    double value = NAN;

    for (; *next < line->points->len; (*next)++) {
        const QtrSeriesPoint *p = &g_array_index(line->points, QtrSeriesPoint, *next);

        if (p->x > x)
            break;
        value = p->y;
    }
    g_string_append_c(text, ',');
    if (isfinite(value))
        append_number(text, value);
}

static gboolean save_csv(const QtrChartScene *scene, const char *path, GError **error)
{
    g_autoptr(GString) text = g_string_new(scene->x_label ? scene->x_label : "x");
    g_autoptr(GArray) xs = collect_x(scene);
    g_autofree guint *next = g_new0(guint, scene->lines->len + 1);

    for (guint i = 0; i < scene->lines->len; i++) {
        const QtrChartLine *line = g_ptr_array_index(scene->lines, i);

        if (!line->hidden)
            append_quoted(text, line->label);
    }
    g_string_append_c(text, '\n');
    for (guint r = 0; r < xs->len; r++) {
        double x = g_array_index(xs, double, r);

        append_number(text, x);
        for (guint i = 0; i < scene->lines->len; i++) {
            const QtrChartLine *line = g_ptr_array_index(scene->lines, i);

            if (!line->hidden)
                append_value(text, line, &next[i], x);
        }
        g_string_append_c(text, '\n');
    }
    return qtr_file_write(path, text->str, text->len, error);
}

gboolean qtr_chart_scene_save(const QtrChartScene *scene, const char *path, GError **error)
{
    g_autofree char *lower = g_ascii_strdown(path, -1);

    if (g_str_has_suffix(lower, ".csv"))
        return save_csv(scene, path, error);
    return qtr_draw_save(path, WIDTH, TITLE + HEIGHT + MARGIN * 1.5 + legend_height(scene),
                         paint_whole, scene, error);
}
