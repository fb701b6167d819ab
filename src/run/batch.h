#pragma once
#include "run/job.h"

/* Many runs of one kind (method.md 12 and 13). Every trial is a child process with a folder of its
 * own, so one that dies leaves ERROR.txt and the others go on. What was done is kept in the batch's
 * folder: the same batch started again goes on where it stopped.
 *
 *     <dir>/batch.json                  the trials and their states
 *     <dir>/config_<name>.yaml          the configuration all trials named <name> run with
 *     <dir>/trail_<r>/SEARCH_.../       run folders, with stderr.txt, ERROR.txt after a failure
 *     <dir>/summary.csv, pareto*.svg/png
 */

#define QTR_BATCH_SUMMARY "summary.csv"

typedef enum {
    QTR_TRIAL_QUEUED,
    QTR_TRIAL_RUNNING,
    QTR_TRIAL_DONE,
    QTR_TRIAL_FAILED,
} QtrTrialState;
const char *qtr_trial_state_name(QtrTrialState state); /* "queued", ... */

typedef struct {
    char *id; /* unique in the batch's folder, also the run's name: "NAME_penalty_0.001_trail_1" */
    char *batch_name;  /* NAME */
    char *key, *value; /* what is varied: "penalty", "0.001"; in a random baseline "kind", "fp" or
                          "quant" */
    int trail;
    char *folder;     /* of the run folders, relative to the batch's: "trail_1" */
    char *genotype;   /* train this genotype (text) instead of searching; NULL: search */
    char **overrides; /* "key=value" of the configuration */
    QtrTrialState state;
    char *reason;                 /* of a failure */
    char *search_dir, *train_dir; /* relative to the batch's folder; NULL until begun; no search_dir
                                     with a genotype */
    char *device;                 /* it runs or ran on */
    double seconds;               /* of its last run */
} QtrTrial;

typedef struct {
    const char *dir;               /* the batch's folder, made if absent */
    const char *name;              /* NAME above; NULL: a batch that goes on as it is */
    const char *config_text;       /* resolved configuration as YAML; NULL if `name` is */
    const char *const *executable; /* the command that runs a trial, arguments first:
                                      {"/proc/self/exe", "--headless", NULL} */
    const char *const
        *devices; /* trials side by side, one on each; NULL-terminated, at least one; may repeat */
    gboolean retry_failed; /* queue failed trials of an earlier start again */
    QtrLog *log;
    QtrProgressFunc progress;
    gpointer progress_data;
    const gint *stop; /* as in QtrJob: children are asked to save and stop */
} QtrBatchParams;

typedef struct QtrBatch QtrBatch;

/* Params are copied but for log, progress_data and stop. Opens or makes the folder and holds a lock
 * on it: QTR_ERROR_USAGE if another process has it, if its trials of this name ran with another
 * configuration, or if without a name there is no batch. */
QtrBatch *qtr_batch_new(const QtrBatchParams *params, GError **error);
void qtr_batch_free(QtrBatch *batch); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrBatch, qtr_batch_free)

/* Trials 1..repeat of every value of `key`, a key of the sections search or train ("penalty").
 * Trial r runs with seed + r - 1. A trial the folder has already keeps its state. */
void qtr_batch_add_grid(QtrBatch *batch, const char *section, const char *key,
                        const char *const *values, int repeat, guint64 seed);

/* Trials start..runs-1 of the random baseline: the uniformly drawn genotype of each with its bits
 * and with 32 bits. QTR_ERROR_USAGE if no architecture can be drawn. */
gboolean qtr_batch_add_samples(QtrBatch *batch, const QtrArch *arch, int start, int runs,
                               guint64 seed, GError **error);

/* All trials the folder has: they keep their states, but for retry_failed. */
void qtr_batch_add_all(QtrBatch *batch);

/* All trials of the folder, in the order added; QtrTrial, owned by the batch. */
const GPtrArray *qtr_batch_trials(const QtrBatch *batch);

/* What a trial's validation found (QtrValidationRow); NULL for a trial without. */
GPtrArray *qtr_batch_load_rows(const QtrBatch *batch, const QtrTrial *trial);

/* Runs what is queued and writes the summary. QTR_ERROR_PARTIAL if any of the trials added failed,
 * QTR_ERROR_CANCELLED if stopped. Uses its own main context. */
gboolean qtr_batch_run(QtrBatch *batch, GError **error);

/* The configuration that trials named `name` run with; g_free. */
char *qtr_batch_config_path(const char *dir, const char *name);
/* The batch's folder, absolute. */
const char *qtr_batch_dir(const QtrBatch *batch);

/* For those who watch a batch of another process, by its folder. */

/* QtrTrial as the file tells, owned by the array; one that was done and whose folder is gone has
 * failed. NULL without an error: there is no batch. */
GPtrArray *qtr_batch_read(const char *dir, GError **error);
/* Who runs a batch. A process elsewhere is of another computer that shares the folder: its number
 * means another process here. */
typedef enum { QTR_BATCH_IDLE, QTR_BATCH_HERE, QTR_BATCH_ELSEWHERE } QtrBatchRunner;
/* `pid` receives the process on this machine that runs the batch, else 0. */
QtrBatchRunner qtr_batch_runner(const char *dir, int *pid);
/* A paused batch begins no further trial, those begun go on. A start ends the pause. */
gboolean qtr_batch_set_paused(const char *dir, gboolean paused, GError **error);
gboolean qtr_batch_is_paused(const char *dir);
