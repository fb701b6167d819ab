#pragma once
#include "qtr-run-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The curves of a run as charts, those that have points, and the alphas of its layers. */
#define QTR_TYPE_RUN_CHARTS (qtr_run_charts_get_type())
G_DECLARE_FINAL_TYPE(QtrRunCharts, qtr_run_charts, QTR, RUN_CHARTS, AdwBin)

/* NULL: nothing. */
void qtr_run_charts_set_snapshot(QtrRunCharts *self, QtrRunSnapshot *snapshot);

G_END_DECLS
