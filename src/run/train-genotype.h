#pragma once
#include "nn/genotype.h"
#include "run/job.h"

/* The genotype that a training is of: the one in the folder it goes on in, else the one at `path`
 * (NULL: train.genotype_path), which fits `arch`. QTR_ERROR_USAGE if none is named, or if a run
 * that goes on trains another. */
gboolean qtr_train_genotype_load(const QtrJob *job, const char *path, const QtrArch *arch,
                                 QtrGenotype *genotype, GError **error);

/* Whether the file at `path` is a genotype that fits `arch`, with the file in the error. `outside`
 * (g_free) becomes a line that tells what of it lies outside of the search space of `arch`, which
 * does no harm, or NULL. */
gboolean qtr_train_genotype_check(const char *path, const QtrArch *arch, char **outside,
                                  GError **error);
