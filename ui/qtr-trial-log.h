#pragma once
#include "qtr-batch-model.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Why a trial failed, in one sentence, and the end of its log; followed while shown. */
#define QTR_TYPE_TRIAL_LOG (qtr_trial_log_get_type())
G_DECLARE_FINAL_TYPE(QtrTrialLog, qtr_trial_log, QTR, TRIAL_LOG, AdwBin)

void qtr_trial_log_set(QtrTrialLog *self, QtrBatchModel *model, QtrTrialItem *item);

G_END_DECLS
