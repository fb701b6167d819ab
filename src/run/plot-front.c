#include "run/plot.h"

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
