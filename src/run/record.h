#pragma once
#include "gpu/device.h"
#include "run/events.h"
#include "run/keeper.h"
#include "run/rate.h"
#include "run/tensorboard.h"

/* A job at work: its device, and its run folder with log, events and curves open. */
typedef struct {
    const QtrJob *job;
    const char *kind; /* "search", ... */
    QtrDevice *device;
    QtrKeeper *keeper;
    char *dir;
    QtrEvents *events;
    QtrTensorboard *board;
    FILE *log_file;
    gint64 begin, last_event; /* monotonic microseconds */
    QtrRate rate;
    double eta;         /* seconds left at the last qtr_record_progress, NAN: unknown */
    GHashTable *warned; /* lines of the log that are events already */
    gboolean resumes;
} QtrRecord;

/* Opens the device, then the folder: job->resume_dir, job->run_dir or a new
 * `prefix`_<run_name>-<date>; writes config.yaml and adds log.txt to job->log, whose
 * warnings become events too, each once and those from before the folder with them. On failure
 * nothing stays open. */
gboolean qtr_record_open(QtrRecord *record, const QtrJob *job, const char *kind, const char *prefix,
                         GError **error);
/* Opens the curves; `step` is the first to come of a resumed run, -1 of a new one. */
gboolean qtr_record_open_board(QtrRecord *record, gint64 step, GError **error);
/* Notes how the job ended (`failure` NULL: done) in events, log and ERROR.txt, and closes all. A
 * record that is not open is left alone. */
void qtr_record_close(QtrRecord *record, const GError *failure);

/* TRUE once the job was asked to stop. */
gboolean qtr_record_is_stopped(const QtrRecord *record);
/* QTR_ERROR_CANCELLED saying how to go on; returns FALSE. */
gboolean qtr_record_cancel(const QtrRecord *record, GError **error);

/* Whether a step event is due: a few a second. */
gboolean qtr_record_event_due(QtrRecord *record);

/* Says of a loss that is not finite where it came up, epoch and step counted from 0 (step -1: when
 * the epoch was validated), and which keys may help. Other errors stay as they are. Returns FALSE.
 */
gboolean qtr_record_fail_loss(guint epoch, int step, const char *keys, GError **error);

/* Shows that `done` of `total` units are done; sets `eta`. */
void qtr_record_progress(QtrRecord *record, double done, double total, const char *detail);
