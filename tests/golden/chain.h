#pragma once
#include "nn/net-private.h"

/* The chain of one primitive with shared, quantized weights, computed in double from its definition
 * (method.md 4 and 5), and with every number the doubt that float32 leaves in it.
 *
 * Two float32 programs that add in another order differ where a sum falls on a threshold of the
 * quantizer behind it: rounding goes one step up or down, or the gradient passes or does not. With
 * 2-bit weights and activations sums are small multiples of one step, so that a good part is zero
 * but for rounding errors, which is such a threshold. The doubt of a number is the most it can
 * change by all thresholds it depends on; it is 0 for all that depend on none. */

typedef struct {
    gsize count;
    double *value, *doubt;
} Doubtful;

typedef struct {
    int n_convs, n_bits;
    Doubtful y, dx;
    Doubtful dw[QTR_CHAIN_MAX]; /* of the shared weights */
    Doubtful ds[QTR_CHAIN_MAX]; /* of LSQ's steps, in final networks */
    Doubtful dp;                /* of the probabilities: n_bits */
} Chain;

/* The chain of `op` in a network without noise on a batch x in x height x width input and
 * sum(y * dy) as the loss; weights, steps and quantizers are read from the network. `p`:
 * probabilities of the bit widths, {1} in final networks. */
Chain *chain_new(QtrNet *net, const NetOp *op, const float *p, const float *x, const float *dy);
void chain_free(Chain *chain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Chain, chain_free)
