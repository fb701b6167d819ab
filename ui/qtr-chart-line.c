#include "qtr-chart-line.h"

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

static const QtrSeriesPoint *point_at(const QtrChartLine *line, guint i)
{
    return &g_array_index(line->points, QtrSeriesPoint, i);
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
