#pragma once
#include "qtr-run-snapshot.h"
#include "run/batch.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* How a trial stands: its state in the batch, and what its run folder tells. */
typedef enum {
    QTR_STAND_QUEUED,
    QTR_STAND_RUNNING,
    QTR_STAND_STOPPED, /* begun, to be gone on with */
    QTR_STAND_DONE,
    QTR_STAND_FAILED,
} QtrStand;
const char *qtr_stand_title(QtrStand stand); /* translated */

/* A trial as an entry of lists; "notify::revision" tells of changes. */
#define QTR_TYPE_TRIAL_ITEM (qtr_trial_item_get_type())
G_DECLARE_FINAL_TYPE(QtrTrialItem, qtr_trial_item, QTR, TRIAL_ITEM, GObject)
const QtrTrial *qtr_trial_item_get_trial(QtrTrialItem *item); /* borrowed until it changes */
QtrStand qtr_trial_item_get_stand(QtrTrialItem *item);
/* Of the run folder now at work, the last one begun; NULL: none yet. */
QtrRunSnapshot *qtr_trial_item_get_snapshot(QtrTrialItem *item);
double qtr_trial_item_get_fraction(QtrTrialItem *item); /* 0..1 of search, training, validation */
/* For who makes them: trial `index` of `trials` (QtrTrial), which is referenced; `is_alive`: the
 * batch has a process. */
void qtr_trial_item_update(QtrTrialItem *item, GPtrArray *trials, guint index,
                           QtrRunSnapshot *snapshot, gboolean is_alive);

G_END_DECLS
