#include "qtr-series.h"

#include <math.h>

struct QtrSeries {
    GArray *points; /* QtrSeriesPoint */
    guint stride;   /* samples a point may stand for */
    double last;
};

QtrSeries *qtr_series_new(void)
{
    QtrSeries *series = g_new0(QtrSeries, 1);

    series->points = g_array_new(FALSE, FALSE, sizeof(QtrSeriesPoint));
    series->stride = 1;
    series->last = NAN;
    return series;
}

QtrSeries *qtr_series_copy(const QtrSeries *series)
{
    QtrSeries *copy = g_new0(QtrSeries, 1);

    *copy = *series;
    copy->points = g_array_copy(series->points);
    return copy;
}

void qtr_series_free(QtrSeries *series)
{
    if (!series)
        return;
    g_array_unref(series->points);
    g_free(series);
}

static QtrSeriesPoint *point_at(const QtrSeries *series, guint i)
{
    return &g_array_index(series->points, QtrSeriesPoint, i);
}

static void merge(QtrSeriesPoint *into, const QtrSeriesPoint *other)
{
    guint count = into->count + other->count;

    into->y += (other->y - into->y) * other->count / count;
    into->min = MIN(into->min, other->min);
    into->max = MAX(into->max, other->max);
    into->count = count;
}

static void halve(QtrSeries *series)
{
    guint n = series->points->len / 2;

    for (guint i = 0; i < n; i++) {
        QtrSeriesPoint pair = *point_at(series, 2 * i);

        merge(&pair, point_at(series, 2 * i + 1));
        *point_at(series, i) = pair;
    }
    g_array_set_size(series->points, n);
    series->stride *= 2;
}

void qtr_series_add(QtrSeries *series, double x, double y)
{
    QtrSeriesPoint point = {.x = x, .y = y, .min = y, .max = y, .count = 1};
    guint n = series->points->len;

    if (!isfinite(x) || !isfinite(y))
        return;
    series->last = y;
    if (n > 0 && point_at(series, n - 1)->count < series->stride) {
        merge(point_at(series, n - 1), &point);
        return;
    }
    if (n == QTR_SERIES_MAX)
        halve(series);
    g_array_append_val(series->points, point);
}

void qtr_series_truncate(QtrSeries *series, double x)
{
    guint n = series->points->len;

    while (n > 0 && point_at(series, n - 1)->x >= x)
        n--;
    if (n == series->points->len)
        return;
    g_array_set_size(series->points, n);
    series->last = n > 0 ? point_at(series, n - 1)->y : NAN;
}

guint qtr_series_length(const QtrSeries *series)
{
    return series->points->len;
}

const QtrSeriesPoint *qtr_series_points(const QtrSeries *series)
{
    return (const QtrSeriesPoint *)(void *)series->points->data;
}

double qtr_series_last(const QtrSeries *series)
{
    return series->last;
}
