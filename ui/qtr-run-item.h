#pragma once
#include "qtr-run-snapshot.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A run as an entry of lists. The snapshot is replaced as the run goes on ("notify::snapshot"). */
#define QTR_TYPE_RUN_ITEM (qtr_run_item_get_type())
G_DECLARE_FINAL_TYPE(QtrRunItem, qtr_run_item, QTR, RUN_ITEM, GObject)

QtrRunItem *qtr_run_item_new(QtrRunSnapshot *snapshot);
void qtr_run_item_set_snapshot(QtrRunItem *item, QtrRunSnapshot *snapshot);
QtrRunSnapshot *qtr_run_item_get_snapshot(QtrRunItem *item); /* borrowed */
/* The row of a validation set, or NULL. */
const QtrValidationRow *qtr_run_item_find_row(QtrRunItem *item, const char *set);
/* The name without the number of the trial: the same for all trials of one setting. */
char *qtr_run_item_group(QtrRunItem *item);

G_END_DECLS
