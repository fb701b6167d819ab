#pragma once
#include "qtr-batch-model.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The trials of a batch as a table with one selected. Signals: `selected`, `activated`
 * (QtrTrialItem). */
#define QTR_TYPE_TRIAL_TABLE (qtr_trial_table_get_type())
G_DECLARE_FINAL_TYPE(QtrTrialTable, qtr_trial_table, QTR, TRIAL_TABLE, AdwBin)

void qtr_trial_table_set_model(QtrTrialTable *self, QtrBatchModel *model); /* NULL: none */
QtrTrialItem *qtr_trial_table_get_selected(QtrTrialTable *self);           /* borrowed, or NULL */

G_END_DECLS
