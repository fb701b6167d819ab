#pragma once
#include "qtr-batch-model.h"
#include "qtr-panel.h"

G_BEGIN_DECLS

/* Starts batches and watches them. */
#define QTR_TYPE_BATCH_PANEL (qtr_batch_panel_get_type())
G_DECLARE_FINAL_TYPE(QtrBatchPanel, qtr_batch_panel, QTR, BATCH_PANEL, QtrPanel)

void qtr_batch_panel_open(QtrBatchPanel *self, const char *dir);
QtrBatchModel *qtr_batch_panel_get_model(QtrBatchPanel *self); /* NULL: none is shown */

G_END_DECLS
