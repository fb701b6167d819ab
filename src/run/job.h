#pragma once
#include "base/log.h"
#include "run/config.h"

/* The pieces of work a command is made of. Each runs in the calling thread, leaves its run folder
 * complete whatever happens, and can be stopped. */

/* Progress, called in the job's thread at most some ten times a second. `done` of `total` units of
 * `phase` ("search", "train", "validate", ...); eta in seconds, negative while unknown. */
typedef struct {
    const char *phase;
    double done, total;
    double eta;
    const char *detail; /* one short line: "epoch 3/20 loss 0.0421", may be NULL */
} QtrProgress;
typedef void (*QtrProgressFunc)(const QtrProgress *progress, gpointer user_data);

typedef struct {
    const QtrConfig *config; /* borrowed */
    const char *device;      /* selector, NULL: env.gpu of the configuration */
    const char *resume_dir;  /* a run folder to go on with, or NULL */
    const char *run_dir; /* the folder to use (made if absent), NULL: a unique one in env.log_dir */
    QtrLog *log;
    QtrProgressFunc progress;
    gpointer progress_data;
    const gint *stop; /* becomes non-zero (atomically, in another thread) to finish the step, save
                         and return QTR_ERROR_CANCELLED; may be NULL */
    const char *const *executable; /* the command that is this program, arguments first, for
                                      children that help; NULL: none do */
} QtrJob;

/* method.md 8. Gives the run folder's path (caller frees); best_arch.gen and checkpoints are in it.
 */
gboolean qtr_job_search(const QtrJob *job, char **run_dir, GError **error);

/* method.md 10: trains the genotype at `genotype_path` (NULL: train.genotype_path). */
gboolean qtr_job_train(const QtrJob *job, const char *genotype_path, char **run_dir,
                       GError **error);

/* One row of validation_df.csv (method.md 11). */
typedef struct {
    char *set;
    double model_size; /* parameters / 2^20 */
    gsize packed_bytes;
    double bitops_32, bitops_256;
    double psnr, ssim;
    double psnr_bicubic;          /* of the bicubic enlargement of the same LR images */
    double seconds_per_megapixel; /* of output */
    guint images;
} QtrValidationRow;
void qtr_validation_row_free(QtrValidationRow *row);

/* Validates `weights` on the sets of `sets_path`; writes validation_df.csv and pictures (LR, SR,
 * bicubic, HR) into the run folder; rows are QtrValidationRow. Before that QTR_ERROR_USAGE if
 * images of a set are not of the sizes that the network's scale asks for. */
gboolean qtr_job_validate(const QtrJob *job, const char *weights, const char *sets_path,
                          GPtrArray **rows, GError **error);
