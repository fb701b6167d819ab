#pragma once
#include <glib.h>

/* What an earlier run left in a folder, so that none is overwritten. Nothing is changed. */

/* Whether another run in `dir` would overwrite weights, or a search that training goes on from. A
 * run that ended before its first checkpoint left neither. */
gboolean qtr_run_left_weights(const char *dir);

/* Whether 'run --resume' has anything to go on from in `dir`: the checkpoint, or that of a search
 * that is over where its training has saved none yet. */
gboolean qtr_run_left_can_go_on(const char *dir);

/* Whether the run in `dir` is a training of a genotype that was given, with no search before it. */
gboolean qtr_run_left_is_training(const char *dir);

/* QTR_ERROR_USAGE if the run in `dir` had a checkpoint, or left weights without saying how it came
 * to them, and has none now: it can neither go on nor begin anew there. */
gboolean qtr_run_left_check_resume(const char *dir, GError **error);

/* QTR_ERROR_USAGE if `dir` has a config.yaml that no validation wrote. */
gboolean qtr_run_left_check_validation(const char *dir, GError **error);
