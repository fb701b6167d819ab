#pragma once
#include "qtr-run-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The rows of validation_df.csv as a small table; invisible while there are none. */
#define QTR_TYPE_VALIDATION_VIEW (qtr_validation_view_get_type())
G_DECLARE_FINAL_TYPE(QtrValidationView, qtr_validation_view, QTR, VALIDATION_VIEW, AdwBin)

void qtr_validation_view_set_snapshot(QtrValidationView *self, QtrRunSnapshot *snapshot);

G_END_DECLS
