#pragma once
#include "run/checkpoint.h"
#include "run/job.h"

/* Looks at the folder job->resume_dir before anything in it is touched. `*finished`: its job of
 * this kind has all its `epochs` behind it, which job->log is told. QTR_ERROR_USAGE if it is the
 * folder of another kind of job, or has lost its checkpoint. FALSE in `*finished` for a run that
 * has none yet, and where it is damaged: that is for the job to say. */
gboolean qtr_resume_is_finished(const QtrJob *job, QtrCheckpointKind kind, guint epochs,
                                gboolean *finished, GError **error);

/* Before the folder is touched: QTR_ERROR_USAGE if a run on this basis cannot go on from the
 * checkpoint in job->resume_dir. */
gboolean qtr_resume_check(const QtrJob *job, QtrCheckpointKind kind,
                          const QtrCheckpointBasis *basis, GError **error);
