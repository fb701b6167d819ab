#pragma once
#include "ops/conv.h"

/* Convolutions of kernels of 3 or 5 rows in strips of four rows (cl/winograd.cl): with 5 rows, 8
 * multiplications for 20. Chosen when a network is laid out, otherwise a part of ops/conv.c; weight
 * gradients: ops/wgrad-strips.h. */

/* The tile that computes `shape` fastest on images of `height` rows of `pitch` floats: in strips,
 * where a model of multiplications and traffic says so, or else qtr_conv_tile's. The transposed
 * shape has as many components. */
QtrConvTile qtr_winograd_choose(QtrDevice *device, const QtrConvShape *shape, int height,
                                int pitch);

/* The same for inference, where images have many sizes and are cut into tiles that begin at a
 * multiple of QTR_WINOGRAD_ROWS: whether it is in strips depends on shape and device alone. Pitches
 * are multiples of the vector. */
QtrConvTile qtr_winograd_choose_any(QtrDevice *device, const QtrConvShape *shape, int width);
/* Whether such a convolution may be in strips on some device. */
gboolean qtr_winograd_suits(const QtrConvShape *shape);
#define QTR_WINOGRAD_ROWS 4

/* The rest of a tile's options, those of a tensor it writes. */
char *qtr_winograd_options(QtrConvTile tile, const QtrTensor *y);
/* Items a group of the first `height` rows of an image. */
int qtr_winograd_items(QtrConvTile tile, const QtrTensor *y, int height);
/* Rows of an item. */
int qtr_winograd_rows(QtrConvTile tile);
/* Of a convolution's multiplications, those that are left; 1 without strips. */
double qtr_winograd_share(const QtrConvShape *shape, QtrConvTile tile);
