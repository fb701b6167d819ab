#pragma once
#include "ops/wgrad.h"

/* Weight gradients in strips of rows (ops/winograd.h, cl/wgrad-strips.cl). Part of ops/wgrad.c. */

/* `components`: KH + 3, as in the convolution's tile. */
gsize qtr_wgrad_strips_scratch(const QtrDevice *device, const QtrConvShape *shape, int components,
                               int images);

QtrWgradSums qtr_wgrad_strips_emit(QtrEmit *emit, const QtrConvShape *shape, int components,
                                   const QtrTensor *a, const QtrTensor *dy, QtrBuffer *scratch,
                                   gsize scratch_at);
