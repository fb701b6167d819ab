#pragma once
#include "base/log.h"

/* SIGINT and SIGTERM as a stop flag. The first raises the flag, so that the work in hand is
 * finished and saved; the second ends the process as the signal would have. */
typedef struct QtrStop QtrStop;

/* Blocks both signals in the calling thread, so call it before any other thread starts (they
 * inherit the mask), and waits for them in a thread of its own. `log` may be NULL. */
QtrStop *qtr_stop_new(QtrLog *log);
void qtr_stop_free(QtrStop *stop); /* restores the mask; NULL-safe */

const gint *qtr_stop_flag(const QtrStop *stop); /* non-zero once asked to stop; read atomically */
