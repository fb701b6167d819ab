#pragma once
#include "run/draw-surface.h"
#include "run/plot-axis.h"
#include "run/plot.h"

/* Shared by the files that paint a plot. */

#define QTR_PLOT_LEFT 78.0
#define QTR_PLOT_RIGHT 28.0
#define QTR_PLOT_TOP 58.0 /* title and legend */
#define QTR_PLOT_BOTTOM 62.0
#define QTR_PLOT_DOT 4.5

typedef struct {
    double x, y, w, h;
} QtrPlotBox;

typedef struct {
    const QtrPlotParams *params;
    const QtrPlotSeries *series;
    guint n_series;
    QtrPlotAxis x, y;
    GArray *points; /* QtrPlotPoint: all that can be shown */
    GArray *front;  /* guint, into points */
    GArray *taken;  /* QtrPlotBox: no label may cover these */
} QtrPlot;

/* The colour of a series by its number. */
QtrColour qtr_plot_colour(guint series);
/* Keeps labels away from a place. */
void qtr_plot_take(QtrPlot *plot, double x, double y, double w, double h);

/* plot-frame.c: what stands around the points. */
void qtr_plot_paint_axes(const QtrPlot *plot, cairo_t *cr);
void qtr_plot_paint_legend(const QtrPlot *plot, cairo_t *cr);
/* plot-labels.c: the points' labels, where there is room: after all that they must not cover. */
void qtr_plot_paint_labels(QtrPlot *plot, cairo_t *cr);
