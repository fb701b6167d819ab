#pragma once
#include "qtr-trial-item.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Follows the folder of a batch: a GListModel of QtrTrialItem in the order of the batch. Read in a
 * thread, while it runs every second. Signal `changed` after every reading. */
#define QTR_TYPE_BATCH_MODEL (qtr_batch_model_get_type())
G_DECLARE_FINAL_TYPE(QtrBatchModel, qtr_batch_model, QTR, BATCH_MODEL, GObject)

QtrBatchModel *qtr_batch_model_new(const char *dir);
const char *qtr_batch_model_get_dir(QtrBatchModel *self);
void qtr_batch_model_refresh(QtrBatchModel *self);
gboolean qtr_batch_model_is_running(QtrBatchModel *self); /* here or on another computer */
/* The process on this computer that runs it; 0: there is none. */
int qtr_batch_model_get_pid(QtrBatchModel *self);
gboolean qtr_batch_model_is_paused(QtrBatchModel *self);
guint qtr_batch_model_count(QtrBatchModel *self, QtrStand stand);
/* Why the batch cannot be read; NULL: it can. */
const char *qtr_batch_model_get_failure(QtrBatchModel *self);

G_END_DECLS
