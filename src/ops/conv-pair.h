#pragma once
#include "ops/conv.h"

/* Two convolutions in a row, nobody else reading what is between them, as one launch on CPUs
 * (cl/conv-pair.cl). */

/* One of them: its shape, its tile, which is not in strips, and where its weights are packed. */
typedef struct {
    QtrConvShape shape;
    QtrConvTile tile;
    gsize at;
} QtrConvHalf;

/* An item's `down` rows, a multiple of `rows`, x `across` vectors of columns, a multiple of
 * `vectors2`, of one of `parts` of the channels; how many vectors between it computes at a time,
 * and how many of each of how many rows behind. The bits do not depend on it, but for the order in
 * which a weight gradient's sums are added (cl/conv-pair-back.cl). */
typedef struct {
    int parts, down, across;
    int vectors1, rows, vectors2;
} QtrConvPairTile;

typedef struct {
    QtrConvHalf first, second;
    QtrConvPairTile tile;
} QtrConvPair;

/* Fills in the tile for images of height x width. Whether one launch is faster than two, by a model
 * of multiplications and traffic; the bits are the same. */
gboolean qtr_conv_pair_choose(QtrDevice *device, QtrConvPair *pair, int height, int width);

/* The same of what qtr_conv_pair_emit_back does in so many images, with that difference. `back`:
 * the data gradients of the second convolution and of the first. */
gboolean qtr_conv_pair_choose_back(QtrDevice *device, QtrConvPair *back, int images, int height,
                                   int width);
/* Floats of scratch it needs then. */
gsize qtr_conv_pair_scratch(const QtrDevice *device, const QtrConvPair *back, int images,
                            int height, int width);
/* Items that the first `rows` rows of an image take in each part of the channels. */
int qtr_conv_pair_items(const QtrConvPairTile *tile, int rows, int width, int lanes);
/* Options of their kernels; free with g_free. */
char *qtr_conv_pair_options(const QtrConvPair *pair);

/* y (+)= second(between(first(x))), of tensors with whole vectors a row, with both weights in
 * `packed`; of `between` only options, mix and acts count. `end`, which may be NULL, says what is
 * stored instead, and has no activation and keeps nothing. x may be a window. With emit's rows as
 * qtr_conv_emit. `kept`, which may be NULL, receives what is between, and between->mask where a
 * gradient passes its activation; only with one bit width and on devices with vectors. */
void qtr_conv_pair_emit(QtrEmit *emit, const QtrConvPair *pair, const QtrTensor *x,
                        QtrBuffer *packed, const QtrTensor *y, gboolean accumulate,
                        const QtrConvActivation *between, const QtrConvEnd *end,
                        const QtrTensor *kept);

/* Where the gradients of such a pair that kept what is between go: dx (+)= that of its x, through
 * the activation `end` in front of its first convolution, and dw[Cout][Cin/g][KH][KW] at `at` =
 * that of this convolution's weights, of the activation `a`. */
typedef struct {
    const QtrConvActivation *end;
    const QtrTensor *a, *dx;
    gboolean accumulate;
    QtrBuffer *dw;
    gsize at;
} QtrConvPairGradients;

/* The gradients from dy of y, with both weights in `packed`; the activation between passes where
 * its mask says so. `scratch` is free again once the launches have run. */
void qtr_conv_pair_emit_back(QtrEmit *emit, const QtrConvPair *back, const QtrTensor *dy,
                             QtrBuffer *packed, const QtrConvActivation *between,
                             QtrBuffer *scratch, const QtrConvPairGradients *to);
