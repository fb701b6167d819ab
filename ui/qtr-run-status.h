#pragma once
#include "qtr-run-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* How a run is doing: state, progress, time left, what went wrong and what to look at. */
#define QTR_TYPE_RUN_STATUS (qtr_run_status_get_type())
G_DECLARE_FINAL_TYPE(QtrRunStatus, qtr_run_status, QTR, RUN_STATUS, AdwBin)

void qtr_run_status_set_snapshot(QtrRunStatus *self, QtrRunSnapshot *snapshot);

/* "2 h 5 min", "40 s"; free with g_free. */
char *qtr_run_status_duration(double seconds);

G_END_DECLS
