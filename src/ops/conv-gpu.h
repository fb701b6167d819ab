#pragma once
#include "ops/conv.h"

/* The form of convolutions for GPUs: cl/conv-gpu.cl and cl/wgrad-gpu.cl. Part of ops/conv.c, which
 * chooses the form. */

#define QTR_CONV_QUAD 4 /* pixels an item keeps together */

/* A block of channels for a work-group: the same on every device, as sums of dots follow it. */
int qtr_conv_gpu_block(int out);

/* The tile for `shape`, on which results do not depend: the measured one, else the usual one. */
QtrConvTile qtr_conv_gpu_tile(QtrDevice *device, const QtrConvShape *shape);
QtrConvTile qtr_conv_gpu_tile_default(const QtrDevice *device, const QtrConvShape *shape);
/* Has the device use `tile` from now on (gpu/tuning.h). */
void qtr_conv_gpu_set_tile(QtrDevice *device, const QtrConvShape *shape, QtrConvTile tile);
/* Whether the kernels can have this tile: it divides what it must, and local memory and group fit
 * the device. */
gboolean qtr_conv_gpu_tile_fits(const QtrDevice *device, const QtrConvShape *shape,
                                QtrConvTile tile);
/* Completes a tile of which the rest is chosen. */
QtrConvTile qtr_conv_gpu_tile_of(const QtrConvShape *shape, int part, int vectors, int items_x,
                                 gboolean subgroups);

/* Dots that a data gradient leaves a bit and block of channels for one image. */
int qtr_conv_gpu_chunks(const QtrTensor *t);

gsize qtr_conv_gpu_wgrad_scratch(const QtrConvShape *shape, int images);
void qtr_conv_gpu_emit_wgrad(QtrEmit *emit, const QtrConvShape *shape, const QtrTensor *a,
                             const QtrTensor *dy, QtrBuffer *scratch, QtrBuffer *dw, gsize at,
                             QtrWork work);
