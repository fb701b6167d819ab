#pragma once
#include "qtr-series.h"

/* A curve of a chart. */

typedef enum { QTR_DASH_SOLID, QTR_DASH_DASHED, QTR_DASH_DOTTED } QtrDash;

typedef struct {
    char *label;
    GArray *points; /* QtrSeriesPoint by rising x */
    guint colour;   /* number in the palette, any */
    QtrDash dash;
    gboolean dots, hidden;
} QtrChartLine;
/* Copies the points; `dots` and `hidden` begin FALSE. */
QtrChartLine *qtr_chart_line_new(const char *label, const QtrSeriesPoint *points, guint n,
                                 guint colour, QtrDash dash);
QtrChartLine *qtr_chart_line_new_series(const char *label, const QtrSeries *series, guint colour,
                                        QtrDash dash);
void qtr_chart_line_free(QtrChartLine *line);

/* The point of a line closest to `x`, or NULL. */
const QtrSeriesPoint *qtr_chart_line_nearest(const QtrChartLine *line, double x);
