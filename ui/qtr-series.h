#pragma once
#include <glib.h>

/* A curve of any length in bounded memory: beyond QTR_SERIES_MAX points neighbours are merged, and
 * a point then tells the mean and the range of what it stands for. Not thread-safe. */
#define QTR_SERIES_MAX 2048

typedef struct {
    double x, y;     /* of the first sample, mean of all */
    double min, max; /* of all */
    guint count;     /* samples it stands for */
} QtrSeriesPoint;

typedef struct QtrSeries QtrSeries;

QtrSeries *qtr_series_new(void);
QtrSeries *qtr_series_copy(const QtrSeries *series);
void qtr_series_free(QtrSeries *series); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrSeries, qtr_series_free)

/* Samples come by rising `x`; one whose value is not finite is left out. */
void qtr_series_add(QtrSeries *series, double x, double y);
/* Forgets `x` and what lies beyond, as a resumed run writes it anew. */
void qtr_series_truncate(QtrSeries *series, double x);

guint qtr_series_length(const QtrSeries *series);
const QtrSeriesPoint *qtr_series_points(const QtrSeries *series);
/* The newest value as it was added; NAN if there is none. */
double qtr_series_last(const QtrSeries *series);
