#pragma once
#include "ops/emit.h"
#include "ops/shape.h"
#include "ops/tensor.h"

/* Convolutions: tiles, and the launches of cl/conv.cl and cl/wgrad.cl. */

/* Output channels and pixel vectors an item computes; `items_x` items of neighbouring pixels make a
 * group. Single channels are computed in several rows of vectors where the tensor allows it. In the
 * form for GPUs (ops/conv-gpu.h) the channels are a group's, `part` of them an item's, and `depth`
 * input channels are brought to local memory at a time. */
typedef struct {
    int channels, vectors, items_x;
    int part, depth;        /* 0 in the form for CPUs */
    gboolean subgroups;     /* for GPUs: weights by broadcasts (cl/conv-gpu.cl) */
    int components, strips; /* in strips of rows (ops/winograd.h), an item's; 0: as it is */
    int columns;            /* of the strip an item has; 0: whole rows, of images of one width */
} QtrConvTile;

/* The tile for `shape` in the device's form of kernels. */
QtrConvTile qtr_conv_tile(QtrDevice *device, const QtrConvShape *shape);

/* Floats of the weights of `shape` packed for `tile` (forward), or of its data gradient. */
gsize qtr_conv_packed_size(const QtrConvShape *shape, QtrConvTile tile);
/* The data gradient is the convolution of this shape. */
QtrConvShape qtr_conv_transposed(const QtrConvShape *shape);

/* What the noise of one convolution's activation is drawn from (cl/noise.cl). */
typedef struct {
    QtrBuffer *units, *range;
    int range_at;
    QtrBuffer *step;
    int conv;
    QtrBuffer *table, *table_at;
    int draw_at;
} QtrNoise;
#define QTR_NOISE_BIND "bbibibbi"
#define QTR_NOISE_VALUES(n)                                                                        \
    (n)->units, (n)->range, (n)->range_at, (n)->step, (n)->conv, (n)->table, (n)->table_at,        \
        (n)->draw_at

/* The mixed activation in front of a convolution, which the one before applies to what it stores
 * (cl/conv.cl, ACT) and the data gradient passes through (BACK). */
typedef struct {
    const char *options;   /* -DNBITS=.. and, with noise, -DNOISE -DNOISE_BASE=.. */
    const QtrTensor *u;    /* the activation's input */
    const QtrTensor *mask; /* or, of one bit width, where a gradient passes it; NULL: u is read */
    QtrBuffer *mix;
    int mix_at;
    QtrBuffer *acts;
    int acts_at;
    QtrBuffer *dots; /* of the data gradient; NULL: none */
    int dots_at;
    const QtrNoise *noise; /* NULL: none */
} QtrConvActivation;

/* What a convolution stores in place of its sums (cl/conv-end.cl). */
typedef struct {
    const QtrConvActivation *next; /* the activation in front of their reader, or NULL; of it only
                                      options, mix and acts count */
    const QtrTensor *skip;         /* or sum * phi + skip, without windows; NULL: not that */
    QtrBuffer *phi;                /* first of four floats an image (cl/norm.cl); NULL: it is 1 */
    const QtrTensor *kept;         /* receives the sums themselves; NULL: nobody needs them */
    const QtrTensor *mask; /* or, with `next` of one bit width, where a gradient passes it */
} QtrConvEnd;

/* y (+)= conv(x, packed weights at `at`), or what follows of (y (+)= ..), or with `kept` of
 * (kept (+)= ..); `end` NULL: nothing. With emit's rows, the tiles that have to be computed for the
 * rows before rows.to, without those computed for the rows before rows.from. */
void qtr_conv_emit(QtrEmit *emit, const QtrConvShape *shape, QtrConvTile tile, const QtrTensor *x,
                   QtrBuffer *packed, gsize at, const QtrTensor *y, gboolean accumulate,
                   const QtrConvEnd *end);

/* Rows of `y` that the tiles of its rows before `to` reach into. */
int qtr_conv_rows_begun(const QtrConvShape *shape, QtrConvTile tile, const QtrTensor *y, int lanes,
                        int to);

/* Rows of `y` that a tile meets at most, but for those whose first one it shares. */
int qtr_conv_rows_of_tile(const QtrConvShape *shape, QtrConvTile tile, const QtrTensor *y,
                          int lanes);

/* du (+)= data gradient of dy through the activation. `shape` is the forward one. */
void qtr_conv_emit_back(QtrEmit *emit, const QtrConvShape *shape, QtrConvTile tile,
                        const QtrTensor *dy, QtrBuffer *packed, gsize at,
                        const QtrConvActivation *activation, const QtrTensor *du,
                        gboolean accumulate);
/* Items of that launch, each of which leaves n_bits dots. */
int qtr_conv_back_items(const QtrConvShape *shape, QtrConvTile tile, const QtrTensor *du,
                        int lanes);

/* What a launch over x and y does, in all images. */
QtrWork qtr_conv_work(const char *label, const QtrConvShape *shape, const QtrTensor *x,
                      const QtrTensor *y);

/* Floats of scratch the weight gradient needs; `components` as in the convolution's tile. */
gsize qtr_conv_wgrad_scratch(const QtrDevice *device, const QtrConvShape *shape, int components,
                             int images);
/* dw[Cout][Cin/g][KH][KW] at `at` = weight gradient of activations `a` and `dy`. `scratch` from
 * `scratch_at` keeps what the images of `emit` leave until the last of them are written. */
void qtr_conv_emit_wgrad(QtrEmit *emit, const QtrConvShape *shape, int components,
                         const QtrTensor *a, const QtrTensor *dy, QtrBuffer *scratch,
                         gsize scratch_at, QtrBuffer *dw, gsize at);
