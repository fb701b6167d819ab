#pragma once
#include "qtr-run-snapshot.h"
#include "run/batch.h"

/* What the folder of a batch tells at one moment. */
typedef struct {
    char *dir;
    GPtrArray *trials;    /* QtrTrial */
    GPtrArray *snapshots; /* QtrRunSnapshot or NULL, one a trial */
    QtrBatchRunner runner;
    int pid; /* if it is here, else 0 */
    gboolean paused;
    char *failure;
} QtrBatchReading;

/* Any thread. `before` is what the last reading of this folder found, or NULL: what cannot have
 * changed is taken from there. A folder that is gone keeps its trials. */
QtrBatchReading *qtr_batch_reading_new(const char *dir, const QtrBatchReading *before);
/* Of the trials and their snapshots, for another thread to start from. */
QtrBatchReading *qtr_batch_reading_copy(const QtrBatchReading *reading);
void qtr_batch_reading_free(QtrBatchReading *reading); /* NULL-safe */
