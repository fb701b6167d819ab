#pragma once
#include "nn/genotype.h"
#include "run/job.h"

/* The genotype that a training is of: the one in the folder it goes on in, else the one at `path`
 * (NULL: train.genotype_path), which fits `arch`. QTR_ERROR_USAGE if none is named, or if a run
 * that goes on trains another. */
gboolean qtr_train_genotype_load(const QtrJob *job, const char *path, const QtrArch *arch,
                                 QtrGenotype *genotype, GError **error);
