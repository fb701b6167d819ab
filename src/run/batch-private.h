#pragma once
#include "run/batch.h"
#include "run/table.h"

/* Shared by the files of the batch. */

/* Locked while a process runs the batch; holds its number and its host's name: "4711 ada". */
#define QTR_BATCH_LOCK ".lock"

#define QTR_BATCH_STATE "batch.json"

struct QtrBatch {
    char *dir, *name;
    char **executable, **devices;
    gboolean retry_failed;
    QtrLog *log;
    QtrProgressFunc progress;
    gpointer progress_data;
    const gint *stop;
    int lock;
    gboolean locked;
    GPtrArray *trials;    /* QtrTrial, all of the folder */
    GHashTable *selected; /* QtrTrial* added in this process */
};

void qtr_trial_free(QtrTrial *trial);
gboolean qtr_batch_is_name(const char *name); /* whether trials can have it: it is in file names */

/* batch-grid.c. A queued trial; takes `id`. There is room for one override more. */
QtrTrial *qtr_batch_new_trial(const QtrBatch *batch, char *id, const char *key, const char *value,
                              int trail, guint64 seed);
/* Takes `trial`, unless the folder has one of this id: that one is used, with what became of it. */
void qtr_batch_select_trial(QtrBatch *batch, QtrTrial *trial);

/* batch-state.c: batch.json, read as untrusted. A trial that was running is queued again. */
gboolean qtr_batch_load(QtrBatch *batch, GError **error);
gboolean qtr_batch_save(const QtrBatch *batch, GError **error);

/* batch-queue.c */
gboolean qtr_batch_run_queue(QtrBatch *batch, GError **error);

/* batch-summary.c: summary.csv and the Pareto plots. */
gboolean qtr_batch_summarize(const QtrBatch *batch, GError **error);

/* batch-plot.c: PSNR against BitOps of each set of `sets` (char*); rows of `table` are the trials.
 */
gboolean qtr_batch_plot(const QtrBatch *batch, const QtrTable *table, const GPtrArray *sets,
                        GError **error);

/* batch-trial.c: a trial's folders, made where they are missing; the one its search, else its
 * training, is in (g_free); the command that runs it on `device`, going on from a checkpoint if
 * there is one, as char* with a NULL at the end (g_ptr_array_unref). */
gboolean qtr_trial_make_folders(const QtrBatch *batch, QtrTrial *trial, GError **error);
char *qtr_trial_first_dir(const QtrBatch *batch, const QtrTrial *trial);
GPtrArray *qtr_trial_make_command(const QtrBatch *batch, const QtrTrial *trial, const char *device,
                                  GError **error);

/* batch-child.c: one trial as a process. */
typedef struct QtrChild QtrChild;
typedef void (*QtrChildDone)(QtrChild *child, gpointer user_data);

/* Makes the trial's folders where they are missing and starts it on `device`. `done` is called in
 * the thread-default main context once, when it has ended and trial->state and ->reason say how; a
 * trial that stopped because it was asked to is queued again. */
QtrChild *qtr_child_start(QtrBatch *batch, QtrTrial *trial, const char *device, QtrChildDone done,
                          gpointer user_data, GError **error);
void qtr_child_stop(QtrChild *child); /* asks it to save and stop; once */
void qtr_child_free(QtrChild *child);
QtrTrial *qtr_child_trial(const QtrChild *child);
double qtr_child_fraction(const QtrChild *child);   /* of its work, 0..1, from what it reported */
const char *qtr_child_phase(const QtrChild *child); /* "search", ... or "starting" */
