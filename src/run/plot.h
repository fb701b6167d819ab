#pragma once
#include <cairo.h>
#include <glib.h>
#include <math.h>

/* Points and curves in a plane; made for quality (PSNR) against cost (BitOps). */

typedef struct {
    double x, y; /* points that are not finite, or x <= 0 on a logarithmic axis, are left out */
    const char *label; /* beside the point; NULL: none */
} QtrPlotPoint;

typedef struct {
    const char *label; /* in the legend; NULL: none */
    const QtrPlotPoint *points;
    guint n_points;
    gboolean line; /* connected in the order given; else dots */
} QtrPlotSeries;

typedef struct {
    const char *title, *x_label, *y_label; /* NULL: none */
    gboolean log_x;
    gboolean front;   /* the Pareto front of all points (less x, more y) as steps */
    double reference; /* a horizontal line, e.g. the PSNR of bicubic; NAN: none */
    const char *reference_label;
    double width, height;
} QtrPlotParams;
#define QTR_PLOT_PARAMS_INIT                                                                       \
    {                                                                                              \
        .reference = (double)NAN, .width = 860, .height = 560                                      \
    }

/* Places in `points`, by rising x, of those no other is at least as good as in both and better in
 * one; equal points are all members. Returns guint elements; free with g_array_unref. */
GArray *qtr_plot_front(const QtrPlotPoint *points, guint n_points);

/* Paints with the origin at the upper left; leaves the ground as it is. */
void qtr_plot_paint(const QtrPlotParams *params, const QtrPlotSeries *series, guint n_series,
                    cairo_t *cr);
/* .svg or .png by extension; all or nothing. No points at all give a plot that says so. */
gboolean qtr_plot_save(const QtrPlotParams *params, const QtrPlotSeries *series, guint n_series,
                       const char *path, GError **error);
