#pragma once
#include "run/job.h"

/* The `run` command: search, train the result, validate. */

typedef struct {
    const char *genotype;  /* path: train this one and do not search; NULL: search */
    const char *train_dir; /* folder of training and validation; NULL: the search's */
    const char *sets;      /* validation sets file; NULL: env.validation_sets; both unset: none */
} QtrPipelineParams;

typedef struct {
    char *search_dir, *train_dir; /* NULL while not begun; search_dir also without a search */
    GPtrArray *rows;              /* QtrValidationRow, empty without validation */
} QtrPipelineResult;
void qtr_pipeline_result_clear(QtrPipelineResult *result);

/* What cannot begin without the lists of images and, for the validation, its folders with images of
 * the right sizes: QTR_ERROR_USAGE before anything is made. `sets` is the file of validation sets,
 * NULL or "" for none. qtr_pipeline_run begins with it. */
gboolean qtr_pipeline_check(const QtrConfig *config, const char *sets, GError **error);

/* All in job->run_dir, a new RUN_<name>-<date> or job->resume_dir, where what is finished is not
 * done again: of a finished run `rows` are what its validation found, unless params->sets asks. In
 * one folder the supernet's checkpoints are kept as supernet_best.safetensors and
 * supernet_checkpoint.safetensors when training begins. `result` holds what was begun, on failure
 * too, and is to be cleared. */
gboolean qtr_pipeline_run(const QtrJob *job, const QtrPipelineParams *params,
                          QtrPipelineResult *result, GError **error);
