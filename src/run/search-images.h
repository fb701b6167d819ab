#pragma once
#include "image/loader.h"
#include "run/split.h"

/* The images of a search: who of the training list does what, and the batches of each part. A plain
 * value that starts as zeros. */
typedef struct {
    const QtrConfig *config;
    GPtrArray *paths; /* char* */
    QtrSplit split;
    guint32 steps;               /* batches that show a part once: an epoch */
    QtrLoader *weights, *alphas; /* endless */
    QtrLoader *valid;            /* made when first needed */
} QtrSearchImages;

/* Reads the list and splits it; `log` (may be NULL) is told how. `config` is borrowed.
 */
gboolean qtr_search_images_init(QtrSearchImages *images, const QtrConfig *config, QtrLog *log,
                                GError **error);
/* Makes the loaders of weights and alphas, from these batches on. */
void qtr_search_images_start(QtrSearchImages *images, guint64 weights_from, guint64 alphas_from);
/* The loader of the validation: the same batches in every epoch. */
QtrLoader *qtr_search_images_valid(QtrSearchImages *images);
void qtr_search_images_clear(QtrSearchImages *images);
