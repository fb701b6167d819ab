#pragma once
#include "base/log.h"

/* SIGINT and SIGTERM as a stop flag. The first raises the flag, so that the work in hand is
 * finished and saved. SIGTERM, which windows and batches send, asks for nothing else however often
 * it comes: what the first was promised holds. SIGINT more than QTR_STOP_REPEAT_MS after the first
 * of either ends the process as the signal would have; sooner it is the same Ctrl-C. */
#define QTR_STOP_REPEAT_MS 1000
/* How the warning begins that answers the first: who watches a run by its events knows it by it. */
#define QTR_STOP_WARNING "stopping: "
typedef struct QtrStop QtrStop;

/* Blocks both signals in the calling thread, so call it before any other thread starts (they
 * inherit the mask), and waits for them in a thread of its own. `log`, which gets the
 * warning, may be NULL. */
QtrStop *qtr_stop_new(QtrLog *log);
/* Restores the mask; NULL-safe. A process that was asked to stop ignores SIGTERM from then on: it
 * ends with the exit code that says so. */
void qtr_stop_free(QtrStop *stop);

const gint *qtr_stop_flag(const QtrStop *stop); /* non-zero once asked to stop; read atomically */
