#pragma once
#include "ops/conv.h"

/* Weight gradients in strips of rows (ops/winograd.h, cl/wgrad-strips.cl). Part of ops/wgrad.c. */

/* `components`: KH + 3, as in the convolution's tile. */
gsize qtr_wgrad_strips_scratch(const QtrDevice *device, const QtrConvShape *shape, int components,
                               int images);

/* Partial sums that are left to be added, by the `wgrad_sum` of a file of kernels: vectors of
 * sixteen sums, and how many of each there are once all images are done. */
typedef struct {
    const char *file;
    char *options; /* free with g_free */
    int vectors, parts;
} QtrWgradSums;

QtrWgradSums qtr_wgrad_strips_emit(QtrEmit *emit, const QtrConvShape *shape, int components,
                                   const QtrTensor *a, const QtrTensor *dy, QtrBuffer *scratch,
                                   gsize scratch_at);
