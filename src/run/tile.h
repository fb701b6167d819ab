#pragma once
#include "nn/genotype.h"
#include "ops/winograd.h"

/* Cutting an image so that the pieces, enlarged one by one, give the same result as the whole. */

/* Pixels of LR above and below, and beside, that an output pixel's bits may depend on. Convolutions
 * compute four rows together (ops/winograd.h), so tiles begin at a multiple of them. */
typedef struct {
    int rows, columns;
} QtrTileMargin;

QtrTileMargin qtr_tile_margin(const QtrArch *arch, const QtrGenotype *genotype);

/* Bytes the network needs on the device for an image of this size, estimated from above. */
guint64 qtr_tile_bytes(const QtrArch *arch, const QtrGenotype *genotype, int height, int width);

/* One axis: pieces of one size that cover `length`; of each, `core` pixels from `core_at` on count.
 * All numbers are LR pixels. */
typedef struct {
    int at;            /* first pixel of the tile */
    int core_at, core; /* the part of the result to keep */
} QtrTileSpan;

/* QtrTileSpan, a core every `core` pixels with `margin` or a little more around it, but where the
 * image ends; tiles begin at a multiple of QTR_WINOGRAD_ROWS if `core` is one. Free with
 * g_array_unref. */
GArray *qtr_tile_spans(int length, int core, int margin);
/* The size of all these tiles. */
int qtr_tile_size(int length, int core, int margin);
