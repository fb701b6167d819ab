#pragma once
#include "image/loader.h"
#include "run/checkpoint.h"
#include "run/config.h"

/* The images of dataset.files_list. */

/* The usable images of train.list: those at least as large as a crop. QTR_ERROR_USAGE if
 * dataset.files_list is unset or no image is left. Elements are char*. */
GPtrArray *qtr_training_list(const QtrConfig *config, QtrLog *log, GError **error);
/* Those of val.list: those large enough to be measured. What either list loses is a warning that
 * says how many images and names the first. */
GPtrArray *qtr_validation_list(const QtrConfig *config, QtrLog *log, GError **error);

/* What tells this training from others: `paths` is its list, `steps` an epoch of it. The list may
 * move with its images: names below its folder count from there, others without their folders. */
QtrCheckpointBasis qtr_training_basis(const QtrConfig *config, const GPtrArray *paths,
                                      guint32 steps);

/* How many images train.list names, without a look at them; none is QTR_ERROR_USAGE. */
gboolean qtr_training_count(const QtrConfig *config, guint *count, GError **error);

/* QTR_ERROR_USAGE unless both lists are there and name images; these are not looked at. */
gboolean qtr_training_check(const QtrConfig *config, GError **error);

/* A loader of `n` places of the list, from batch `first` on. */
QtrLoader *qtr_training_loader(const QtrConfig *config, const GPtrArray *paths,
                               const guint32 *indices, guint32 n, guint32 split, gboolean fixed,
                               guint64 first);
