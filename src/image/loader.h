#pragma once
#include "base/log.h"
#include "image/image.h"

/* Lists of training images, and batches of crops read ahead by threads (method.md 1). */

/* The paths of a list file, relative ones resolved against its folder; blank lines and # comments
 * skipped. Elements are char*. */
GPtrArray *qtr_image_list_read(const char *list_path, GError **error);

/* Drops images that are missing, broken (qtr_image_verify) or smaller than `side`; keeps order. Of
 * each reason `log` gets one warning with their number and the first, and all at debug level.
 * `paths` must free its elements with g_free. */
void qtr_image_list_check(GPtrArray *paths, int side, QtrLog *log);

/* A batch of crops, planar: lr is n x 3 x crop x crop, hr is n x 3 x (crop*scale) x (crop*scale).
 */
typedef struct {
    int n, crop, scale;
    guint8 *lr, *hr;
} QtrCrops;

typedef struct {
    const GPtrArray *paths; /* of the whole list; borrowed, must outlive the loader */
    const guint32 *indices; /* the split: positions in paths; copied */
    guint32 n_indices;      /* > 0 */
    int batch, crop, scale;
    guint64 seed;
    guint32 split;     /* 0 weights, 1 alphas, 2 validation: part of the random counter */
    gboolean fixed;    /* the same order (as given) and crops in every epoch: validation */
    int threads;       /* >= 1 readers; 0: decode in qtr_loader_next */
    gsize cache_bytes; /* decoded images kept in memory, e.g. 512 MiB; those read first stay */
} QtrLoaderParams;

typedef struct QtrLoader QtrLoader;

/* Batch t takes samples t*batch .. of an endless stream of shuffled epochs of the split, so every
 * sample is used equally often and every batch is full. Crops and flips are functions of (seed,
 * split, t, place in batch) alone: any thread count and any `first_batch` give the same batches.
 * With `fixed`, qtr_loader_steps batches make one epoch, the last filled up from the split's start,
 * and every epoch has the same batches. */
QtrLoader *qtr_loader_new(const QtrLoaderParams *params, guint64 first_batch);
void qtr_loader_free(QtrLoader *loader); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrLoader, qtr_loader_free)

/* The next batch, owned by the loader until the call after. A file that went bad since the check is
 * QTR_ERROR_IO/FORMAT, as is every call after that. For one thread at a time. */
const QtrCrops *qtr_loader_next(QtrLoader *loader, GError **error);

/* Steps of one epoch: ceil(n_indices / batch). */
guint32 qtr_loader_steps(const QtrLoader *loader);
