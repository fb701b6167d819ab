#pragma once
#include "image/patches.h"

/* What `prep` is going to do, worked out before anything is cut. */

typedef struct {
    char *path;
    char *stem; /* file name without extension, which names the outputs */
    int width, height;
    gboolean valid;  /* kept whole */
    gboolean broken; /* found when decoding; its outputs are not listed */
} QtrPatchesSource;

/* One picture to be made, twice: HR and LR. */
typedef struct {
    int row, col;
    char *name; /* of both files */
} QtrPatchesPiece;

/* The images to use in order of name, those for validation marked; QtrPatchesSource. Counts images
 * and left_out in `result`. */
GPtrArray *qtr_patches_plan(const QtrPatchesParams *params, QtrPatchesResult *result,
                            GError **error);

/* Pictures of `source`; a valid one has one. */
guint qtr_patches_count(const QtrPatchesParams *params, const QtrPatchesSource *source);
/* The i-th, row by row. Free the name. */
QtrPatchesPiece qtr_patches_piece(const QtrPatchesParams *params, const QtrPatchesSource *source,
                                  guint i);
