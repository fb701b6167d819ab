#pragma once
#include <glib.h>

typedef enum {
    QTR_PLOT_ROUND, /* linear, from tick to tick with some room */
    QTR_PLOT_TIGHT, /* linear, just the values: for curves */
    QTR_PLOT_LOG,   /* logarithmic with some room */
} QtrPlotRange;

/* One axis of a plot: the range shown, where its ticks are, and values as pixels. */
typedef struct {
    gboolean log;
    double low, high;  /* of the range; log: > 0 */
    double start, end; /* pixels of low and high */
    double step;       /* linear: between ticks; log: 0 */
} QtrPlotAxis;

typedef struct {
    double value;
    gboolean labelled; /* log: the small ones between are not */
} QtrPlotTick;

/* A range that holds [low, high]; the two may be equal. About `ticks` ticks. */
void qtr_plot_axis_init(QtrPlotAxis *axis, QtrPlotRange range, double low, double high, int ticks);
double qtr_plot_axis_place(const QtrPlotAxis *axis, double value);
GArray *qtr_plot_axis_ticks(const QtrPlotAxis *axis); /* QtrPlotTick */
/* Text of a tick: with the decimals the step asks for, or an SI prefix on a log axis. */
const char *qtr_plot_axis_text(const QtrPlotAxis *axis, double value, char *buffer, gsize size);
