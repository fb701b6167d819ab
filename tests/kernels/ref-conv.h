#pragma once
#include "nn/primitive.h"

/* Convolutions on dense N x C x H x W images in double, written as their definition reads: stride
 * 1, zero padding that keeps the size, weights [out][in/groups][kh][kw]. */
typedef struct {
    int images, height, width;
} RefSize;

static inline gsize ref_count(RefSize size, int channels)
{
    return (gsize)size.images * (gsize)channels * (gsize)size.height * (gsize)size.width;
}

/* y = conv(x, w) */
void ref_conv(const QtrConvShape *shape, RefSize size, const double *x, const double *w, double *y);
/* dx = the gradient of sum(dy * conv(x, w)) in x */
void ref_conv_data(const QtrConvShape *shape, RefSize size, const double *dy, const double *w,
                   double *dx);
/* dw = that in w */
void ref_conv_weights(const QtrConvShape *shape, RefSize size, const double *x, const double *dy,
                      double *dw);
