#pragma once
#include "nn/net.h"
#include "run/safetensors.h"

/* Weights and checkpoints of networks as safetensors. Tensors have the reference's names; the
 * optimizers' state is beside them as "moment1/<name>" and "moment2/<name>", everything else in the
 * metadata. Weights alone (best.safetensors) are the same without moments. */

typedef enum { QTR_CHECKPOINT_SEARCH, QTR_CHECKPOINT_TRAIN } QtrCheckpointKind;

#define QTR_CHECKPOINT_DIGEST 64

/* What a job that goes on must have as it had it; in one loaded from a file that does not say,
 * which an older version wrote, a member keeps what it had. */
typedef struct {
    guint64 seed;
    guint32 steps;                        /* of an epoch */
    guint32 images;                       /* the usable ones of the training list */
    char list[QTR_CHECKPOINT_DIGEST + 1]; /* SHA-256 of their names, in hexadecimal digits */
} QtrCheckpointBasis;

/* Where a job is. */
typedef struct {
    QtrCheckpointKind kind;
    guint epoch;  /* the epoch to go on with */
    guint32 step; /* the step of it to go on with */
    QtrCheckpointBasis basis;
    gboolean has_best;
    double best;     /* score so far: validation loss of a search, PSNR of a training */
    double loss_sum; /* of the steps of this epoch */
} QtrCheckpoint;

/* Writes all or nothing, after a look at the free space. `genotype` may be NULL for supernets. */
gboolean qtr_checkpoint_save(QtrNet *net, const QtrCheckpoint *checkpoint, const char *path,
                             GError **error);
/* Whether it is time for the next one, in the middle of an epoch: some minutes after the last, of
 * monotonic microseconds. */
gboolean qtr_checkpoint_is_due(gint64 last);
/* Values and metadata without moments. */
gboolean qtr_weights_save(QtrNet *net, QtrCheckpointKind kind, const char *path, GError **error);

/* Puts everything back. QTR_ERROR_FORMAT if the file is not of this kind or its tensors are not
 * those of `net`, naming the first that is not. */
gboolean qtr_checkpoint_load(QtrNet *net, QtrCheckpoint *checkpoint, const char *path,
                             GError **error);
/* QTR_ERROR_USAGE unless a run on this basis can go on from it. */
gboolean qtr_checkpoint_check(const QtrCheckpoint *checkpoint, const QtrCheckpointBasis *basis,
                              GError **error);
/* Values only, from a checkpoint or a file of weights, also of the reference's making: steps of the
 * quantizers that it lacks start from its weights. */
gboolean qtr_weights_load(QtrNet *net, const char *path, GError **error);

/* Where a job is, of its checkpoint; and the kind alone, of a file of weights too. */
gboolean qtr_checkpoint_peek(const char *path, QtrCheckpoint *checkpoint, GError **error);
gboolean qtr_checkpoint_read_kind(const char *path, QtrCheckpointKind *kind, GError **error);

/* "search", "train". */
const char *qtr_checkpoint_kind_name(QtrCheckpointKind kind);
/* The kind of that name, which may be NULL; FALSE if it is none's. */
gboolean qtr_checkpoint_kind_of(const char *name, QtrCheckpointKind *kind);

/* The same of a file that is open; `path` names it in errors. */
gboolean qtr_weights_put(QtrNet *net, const QtrSafetensors *file, const char *path, GError **error);

/* The network a file of trained weights is of: channels, cells, scale and skip mode of `arch`, the
 * genotype, and whether its quantizers were on. QTR_ERROR_FORMAT if the metadata does not say. */
gboolean qtr_weights_get_network(const QtrSafetensors *file, const char *path, QtrArch *arch,
                                 GError **error);
gboolean qtr_weights_get_genotype(const QtrSafetensors *file, const char *path,
                                  QtrGenotype *genotype, GError **error);
