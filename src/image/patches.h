#pragma once
#include "base/log.h"

/* Cuts a folder of images into training data (method.md 1, last item), in `output_dir`:
 *
 *   train/HR/<name>_<row>_<col>.png   patch x patch squares, row and column of their top left pixel
 *   train/LRx<scale>/...              the same reduced by bicubic
 *   valid/HR/<name>.png               whole images, brought to a multiple of scale
 *   valid/LRx<scale>/...
 *   valsets.yaml                      the valid images as a validation set, if there are any
 *   val.list, train.list              the HR files, in order of name; train.list is written last
 *   prep.ini                          the settings, and a digest of the images found
 *
 * <name> is the image's path below the input folder without its extension, with "__" for "/".
 * All 8-bit RGB. Files already there are kept, so a run that was stopped goes on. A folder made
 * with other settings or of other images (their names or sizes in bytes) is refused: the split
 * would be another one, and images of the old validation would be trained on; so is one that has a
 * "train" or "valid" of somebody else's. So the result depends on input and settings only. */

/* Called in the calling thread for each image left out: broken, too small, or of too long a name.
 */
typedef void (*QtrPatchesLeftOut)(const char *path, gpointer user_data);

/* Called in the calling thread, about ten times a second and at the end; files of all kinds. */
typedef void (*QtrPatchesProgress)(guint done, guint total, gpointer user_data);

typedef struct {
    const char *input_dir; /* read with its subfolders */
    const char *output_dir;
    int patch, stride;
    int scale;    /* must divide patch */
    double valid; /* share of the images kept whole, 0 to 1; some are if > 0, never all if < 1 */
    guint64 seed; /* decides which */
    int threads;  /* 0: one for each processor */
    QtrLog *log;  /* a warning a reason to leave images out, all of them at debug level */
    QtrPatchesLeftOut left_out; /* may be NULL */
    gpointer left_out_data;
    QtrPatchesProgress progress; /* may be NULL */
    gpointer progress_data;
    const gint *stop; /* non-zero (atomically) stops with QTR_ERROR_CANCELLED; may be NULL */
} QtrPatchesParams;

#define QTR_PATCHES_PATCH 200
#define QTR_PATCHES_STRIDE 70
#define QTR_PATCHES_SCALE 4
#define QTR_PATCHES_VALID 0.1

typedef struct {
    guint images;   /* found by name */
    guint left_out; /* of these */
    guint patches;  /* lines of train.list */
    guint valid;    /* lines of val.list */
    guint written;  /* images written now, LR ones too; the rest was there */
} QtrPatchesResult;

/* Settings out of range, an input without images, two images of one name, or a folder made
 * otherwise are QTR_ERROR_USAGE. */
gboolean qtr_patches_cut(const QtrPatchesParams *params, QtrPatchesResult *result, GError **error);
