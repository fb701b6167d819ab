#include "qtr-chart-hover.h"

#include "qtr-look.h"

#define ROWS_MAX 14
#define PAD 8.0f
#define SWATCH 10.0f

typedef struct {
    const QtrChartLine *line;
    const QtrSeriesPoint *point;
} Row;

static int by_value(gconstpointer a, gconstpointer b)
{
    double x = ((const Row *)a)->point->y, y = ((const Row *)b)->point->y;

    return x < y ? 1 : x > y ? -1 : 0;
}

/* Highest first, as the curves lie. */
static GArray *find_rows(const QtrChartScene *scene, double x)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(Row));

    for (guint i = 0; i < scene->lines->len; i++) {
        const QtrChartLine *line = g_ptr_array_index(scene->lines, i);
        Row row = {line, line->hidden ? NULL : qtr_chart_line_nearest(line, x)};

        if (row.point)
            g_array_append_val(rows, row);
    }
    g_array_sort(rows, by_value);
    if (rows->len > ROWS_MAX)
        g_array_set_size(rows, ROWS_MAX);
    return rows;
}

static char *row_text(const Row *row)
{
    char number[64], low[64], high[64];

    qtr_chart_number(row->point->y, number, sizeof number);
    if (row->point->count < 2)
        return g_strdup_printf("%s  %s", row->line->label, number);
    return g_strdup_printf("%s  %s  (%s \xe2\x80\x93 %s)", row->line->label, number,
                           qtr_chart_number(row->point->min, low, sizeof low),
                           qtr_chart_number(row->point->max, high, sizeof high));
}

static char *heading(const QtrChartScene *scene, double x)
{
    char number[64];

    qtr_chart_number(x, number, sizeof number);
    return g_strdup_printf("%s %s", scene->x_label ? scene->x_label : "x", number);
}

/* The x of the closest point of all: what the values belong to. */
static double snap(const GArray *rows, double x)
{
    double best = NAN;

    for (guint i = 0; i < rows->len; i++) {
        double at = g_array_index(rows, Row, i).point->x;

        if (isnan(best) || fabs(at - x) < fabs(best - x))
            best = at;
    }
    return isnan(best) ? x : best;
}

char *qtr_chart_hover_text(const QtrChartScene *scene, double x)
{
    g_autoptr(GArray) rows = find_rows(scene, x);
    GString *text = g_string_new(NULL);
    g_autofree char *title = heading(scene, snap(rows, x));

    g_string_append(text, title);
    for (guint i = 0; i < rows->len; i++) {
        g_autofree char *row = row_text(&g_array_index(rows, Row, i));

        g_string_append_printf(text, "\n%s", row);
    }
    return g_string_free(text, FALSE);
}

static GdkRGBA rgba(QtrColour c, float alpha)
{
    return (GdkRGBA){(float)c.r, (float)c.g, (float)c.b, alpha};
}

static void paint_marks(const GArray *rows, const QtrChartLook *look, const QtrChartLayout *l,
                        double at, GtkSnapshot *snapshot)
{
    GdkRGBA ink = rgba(qtr_chart_ink(look->dark), 0.6f);
    float x = (float)round(qtr_plot_axis_place(&l->x, at));

    gtk_snapshot_append_color(
        snapshot, &ink, &GRAPHENE_RECT_INIT(x, (float)l->top, 1, (float)(l->bottom - l->top)));
    for (guint i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);
        float px = (float)qtr_plot_axis_place(&l->x, row->point->x);
        float py = (float)qtr_plot_axis_place(&l->y, row->point->y);
        GdkRGBA colour = rgba(qtr_chart_colour(row->line->colour, look->dark), 1);
        GskRoundedRect dot;

        if (px < l->left - 1 || px > l->right + 1 || py < l->top - 4 || py > l->bottom + 4)
            continue;
        gsk_rounded_rect_init_from_rect(&dot, &GRAPHENE_RECT_INIT(px - 4, py - 4, 8, 8), 4);
        gtk_snapshot_push_rounded_clip(snapshot, &dot);
        gtk_snapshot_append_color(snapshot, &colour, &dot.bounds);
        gtk_snapshot_pop(snapshot);
    }
}

static void paint_card(GtkSnapshot *snapshot, const QtrChartLook *look, float x, float y, float w,
                       float h)
{
    GdkRGBA ground =
        look->dark ? (GdkRGBA){0.16f, 0.16f, 0.18f, 0.96f} : (GdkRGBA){1.0f, 1.0f, 1.0f, 0.96f};
    GdkRGBA edge = rgba(qtr_chart_ink(look->dark), 0.4f);
    GskRoundedRect card;

    gsk_rounded_rect_init_from_rect(&card, &GRAPHENE_RECT_INIT(x, y, w, h), 8);
    gtk_snapshot_push_rounded_clip(snapshot, &card);
    gtk_snapshot_append_color(snapshot, &ground, &card.bounds);
    gtk_snapshot_pop(snapshot);
    gtk_snapshot_append_border(snapshot, &card, (float[]){1, 1, 1, 1},
                               (GdkRGBA[]){edge, edge, edge, edge});
}

static void paint_text(GtkSnapshot *snapshot, PangoLayout *layout, float x, float y,
                       const GdkRGBA *colour)
{
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(x, y));
    gtk_snapshot_append_layout(snapshot, layout, colour);
    gtk_snapshot_restore(snapshot);
}

static void paint_values(const GArray *rows, const QtrChartLook *look, GtkWidget *widget,
                         char *title, float cursor, GtkSnapshot *snapshot)
{
    g_autoptr(GPtrArray) layouts = g_ptr_array_new_with_free_func(g_object_unref);
    GdkRGBA text = qtr_look_colour(widget);
    float width = 0, height, x, y = PAD;
    int w, line = 0;

    g_ptr_array_add(layouts, gtk_widget_create_pango_layout(widget, title));
    for (guint i = 0; i < rows->len; i++) {
        g_autofree char *row = row_text(&g_array_index(rows, Row, i));

        g_ptr_array_add(layouts, gtk_widget_create_pango_layout(widget, row));
    }
    for (guint i = 0; i < layouts->len; i++) {
        pango_layout_get_pixel_size(g_ptr_array_index(layouts, i), &w, &line);
        width = MAX(width, (float)w + (i ? SWATCH + PAD : 0));
    }
    width += 2 * PAD;
    height = (float)(line * (int)layouts->len) + 2 * PAD;
    x = cursor + 14;
    if (x + width > look->width)
        x = MAX(0.0f, cursor - 14 - width);
    paint_card(snapshot, look, x, 2, width, height);
    for (guint i = 0; i < layouts->len; i++, y += (float)line) {
        if (i > 0) {
            GdkRGBA c =
                rgba(qtr_chart_colour(g_array_index(rows, Row, i - 1).line->colour, look->dark), 1);

            gtk_snapshot_append_color(
                snapshot, &c,
                &GRAPHENE_RECT_INIT(x + PAD, 2 + y + ((float)line - SWATCH) / 2, SWATCH, SWATCH));
        }
        paint_text(snapshot, g_ptr_array_index(layouts, i), x + PAD + (i ? SWATCH + PAD : 0), 2 + y,
                   &text);
    }
}

void qtr_chart_hover_paint(const QtrChartScene *scene, const QtrChartLook *look,
                           const QtrChartLayout *layout, double x, GtkWidget *widget,
                           GtkSnapshot *snapshot)
{
    g_autoptr(GArray) rows = find_rows(scene, x);
    double at = snap(rows, x);
    g_autofree char *title = heading(scene, at);

    if (rows->len == 0)
        return;
    paint_marks(rows, look, layout, at, snapshot);
    paint_values(rows, look, widget, title, (float)qtr_plot_axis_place(&layout->x, at), snapshot);
}
