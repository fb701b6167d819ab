#pragma once
#include "ops/conv.h"

/* Weight gradients in two stages (cl/wgrad.cl), of which the first has several forms. Part of
 * src/ops. */

/* Accumulators of an item: `out` channels x `in` channels x `rows` kernel rows x the kernel's
 * columns. `rows_of_dy`: cl/wgrad.cl. */
typedef struct {
    int out, in, rows;
    gboolean rows_of_dy;
} QtrWgradTile;

/* Vectors of sums that an item keeps in registers. */
static inline int qtr_wgrad_registers(int lanes)
{
    return lanes == 16 ? 27 : 12;
}

QtrWgradTile qtr_wgrad_tile(const QtrConvShape *shape, int lanes);
/* Sums of a tile. */
int qtr_wgrad_taps(const QtrConvShape *shape, QtrWgradTile tile);
/* Tiles of all channels and kernel rows, and the floats their partial sums take, once. */
int qtr_wgrad_tiles(const QtrConvShape *shape, QtrWgradTile tile);
gsize qtr_wgrad_partials(const QtrConvShape *shape, QtrWgradTile tile);

/* Partial sums that are left to be added, by the `wgrad_sum` of a file of kernels: vectors of
 * sixteen sums, and how many of each there are once all images are done. */
typedef struct {
    const char *file;
    char *options; /* free with g_free */
    int vectors, parts;
} QtrWgradSums;

/* `parts` times those of cl/wgrad.cl's tiles. */
QtrWgradSums qtr_wgrad_sums(const QtrConvShape *shape, QtrWgradTile tile, int parts);
/* dw at `at` = them; frees their options. */
void qtr_wgrad_emit_sums(QtrEmit *emit, QtrWgradSums sums, QtrBuffer *scratch, gsize scratch_at,
                         QtrBuffer *dw, gsize at);
