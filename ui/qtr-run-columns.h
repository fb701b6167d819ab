#pragma once
#include "qtr-run-list.h"

#include "run/table.h"

/* What tables tell of a run: a text, and the number it is sorted by (NULL: by the text), NAN where
 * it is unknown. `row`: of the set shown, NULL if the run has none. */
typedef struct {
    const char *title;                                                   /* to be translated */
    char *(*text)(const QtrRunSnapshot *s, const QtrValidationRow *row); /* free with g_free */
    double (*number)(const QtrRunSnapshot *s, const QtrValidationRow *row);
    gboolean expands;
} QtrRunColumn;

const QtrRunColumn *qtr_run_columns(guint *n);
