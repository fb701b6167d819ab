#pragma once
#include <glib.h>

/* One convolution: stride 1, zero padding that keeps the size, no bias. */
typedef struct {
    int in, out; /* channels */
    int kh, kw;  /* kernel, odd */
    int groups;  /* divides in and out, or the chain is invalid */
} QtrConvShape;

static inline int qtr_ceil_div(int a, int b)
{
    return (a + b - 1) / b;
}

/* Number of weights of one convolution. */
static inline gsize qtr_conv_shape_weights(const QtrConvShape *c)
{
    return (gsize)c->out * (gsize)(c->in / c->groups) * (gsize)c->kh * (gsize)c->kw;
}
