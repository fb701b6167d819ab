#pragma once
#include "ops/conv.h"

/* Convolutions of kernels of 3 or 5 rows in strips of four rows (cl/winograd.cl): with 5 rows, 8
 * multiplications for 20. Chosen when a
 * network is laid out, otherwise a part of ops/conv.c and ops/wgrad.c. */

/* The tile that computes `shape` fastest on images of `height` rows of `pitch` floats: in strips,
 * where a model of multiplications and traffic says so, or else qtr_conv_tile's. The transposed
 * shape has as many components. */
QtrConvTile qtr_winograd_choose(QtrDevice *device, const QtrConvShape *shape, int height,
                                int pitch);

/* The rest of a tile's options, those of a tensor it writes. */
char *qtr_winograd_options(QtrConvTile tile, const QtrTensor *y);
/* Items an image and group. */
int qtr_winograd_items(QtrConvTile tile, const QtrTensor *y);
void qtr_winograd_launch(QtrEmit *emit, QtrKernel *kernel, const QtrConvShape *shape,
                         QtrConvTile tile, const QtrTensor *y, QtrWork work);

/* Components of both sides of a weight gradient, some images at a time. They stand for images, the
 * strips for rows, of convolutions of `shape`. */
typedef struct {
    QtrEmit *emit;
    int components;
    const QtrTensor *x, *dy;
    QtrConvShape shape;
    QtrImages images; /* of emit, before */
    int at_once, next;
    QtrTensor *in, *out; /* of x and dy */
} QtrWinograd;

void qtr_winograd_begin(QtrWinograd *strips, QtrEmit *emit, const QtrConvShape *shape,
                        int components, const QtrTensor *x, const QtrTensor *dy);
/* Leaves the next images' components in `in` and `out`, and emit's images as they were before;
 * FALSE behind the last ones, when those tensors are given back. */
gboolean qtr_winograd_next(QtrWinograd *strips);
/* The convolution that has the weight gradient of components. */
QtrConvShape qtr_winograd_shape(const QtrConvShape *shape);
