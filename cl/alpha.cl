/* alpha: selection, cost, and gradients of the architecture weights (method.md 5 to 8). The numbers
 * are few; one item does a layer, and layers are combined in order.
 *
 * A layer is a row of `layers`: alphas at NET_LAYER_ALPHA, primitive-major, NBITS each; p likewise; its
 * first row in mix (P, q_0, ...). */
#include "common.cl"
#include "group.cl"
#include "random.cl"
#include "tables.h"

#ifndef NBITS
#define NBITS 1
#endif
#ifndef LAYER_MAX
#define LAYER_MAX 64 /* alphas of a layer */
#endif
#ifndef Q_BASE
#define Q_BASE 0.0f /* added to the sum of a primitive's p in q's denominator: f with noise */
#endif
#define SOFTMAX 0
#define GUMBEL 1
#define HARD_GUMBEL 2
#ifndef SELECTOR
#define SELECTOR SOFTMAX
#endif
#define SPARSE_NONE 0
#define SPARSE_ENTROPY 1
#define SPARSE_L1 2
#define SPARSE_L1_SOFTMAX 3
#ifndef SPARSE
#define SPARSE SPARSE_NONE
#endif

/* SINGLE: one bit width and no noise. Then q is 1, and <dA, A> of a primitive's last convolution, whose
 * gradient carries P, is P * dL/dP: no weight gradient is needed. */

static inline void softmax(const float *in, float *out, int n)
{
    float top = in[0], sum = 0.0f;

    for (int i = 1; i < n; i++)
        top = fmax(top, in[i]);
    for (int i = 0; i < n; i++) {
        out[i] = exp(in[i] - top);
        sum += out[i];
    }
    for (int i = 0; i < n; i++)
        out[i] /= sum;
}

/* Gumbel(0, 1) number `i` of a layer. */
static inline float gumbel(__global const QtrStep *step, uint layer, uint i)
{
    const uint4 words = philox_one((uint4)(i, layer, step->step * 4u + step->phase, STREAM_GUMBEL),
                                   step->seed_lo, step->seed_hi);

    return -log(-log(open_unit(words.x)));
}

/* The soft choice the gradient passes through. */
static inline void soft_choice(const float *a, float *s, int n, uint layer,
                               __global const QtrStep *step)
{
#if SELECTOR == SOFTMAX
    softmax(a, s, n);
#else
    float in[LAYER_MAX];

    for (int i = 0; i < n; i++)
        in[i] = (a[i] + gumbel(step, layer, i)) / step->temperature;
    softmax(in, s, n);
#endif
}

static inline int largest(const float *a, int n)
{
    int best = 0;

    for (int i = 1; i < n; i++)
        if (a[i] > a[best])
            best = i;
    return best;
}

/* Global (layers): p, and the rows of mix. */
__kernel void alpha_select(__global const float *restrict alphas, __global const int *restrict layers,
                           __global float *restrict p, __global float *restrict mix,
                           __global const QtrStep *restrict step)
{
    const int layer = get_global_id(0);
    __global const int *row = layers + layer * NET_LAYER_FIELDS;
    const int n = row[NET_LAYER_PRIMITIVES] * NBITS;
    float a[LAYER_MAX], s[LAYER_MAX];

    for (int i = 0; i < n; i++)
        a[i] = alphas[row[NET_LAYER_ALPHA] + i];
    soft_choice(a, s, n, layer, step);
#if SELECTOR == HARD_GUMBEL
    const int best = largest(s, n);

    for (int i = 0; i < n; i++)
        s[i] = i == best ? 1.0f : 0.0f;
#endif
    for (int i = 0; i < n; i++)
        p[row[NET_LAYER_ALPHA] + i] = s[i];
    for (int k = 0; k < row[NET_LAYER_PRIMITIVES]; k++) {
        __global float *m = mix + row[NET_LAYER_MIX] + k * (1 + NBITS);
        float sum = 0.0f;

        for (int b = 0; b < NBITS; b++)
            sum += s[k * NBITS + b];
        m[0] = sum;
#ifdef SINGLE
        m[1] = 1.0f; /* also where P is 0, as all share one activation */
#else
        for (int b = 0; b < NBITS; b++)
            m[1 + b] = sum + Q_BASE > 0.0f ? s[k * NBITS + b] / (sum + Q_BASE) : 0.0f;
#endif
    }
}

/* One item: differentiable and current best cost and memory. */
__kernel void alpha_cost(__global const float *restrict alphas, __global const float *restrict p,
                         __global const float *restrict cost_row,
                         __global const float *restrict memory_row,
                         __global const int *restrict layers, int n_layers,
                         __global float *restrict results)
{
    float cost = 0.0f, memory = 0.0f, best_cost = 0.0f, best_memory = 0.0f;

    for (int layer = 0; layer < n_layers; layer++) {
        __global const int *row = layers + layer * NET_LAYER_FIELDS;
        const int at = row[NET_LAYER_ALPHA], n = row[NET_LAYER_PRIMITIVES] * NBITS;
        int best = at;

        for (int i = at; i < at + n; i++) {
            cost += p[i] * cost_row[i];
            memory += p[i] * memory_row[i];
            if (alphas[i] > alphas[best])
                best = i;
        }
        best_cost += cost_row[best];
        best_memory += memory_row[best];
    }
    results[QTR_RESULT_COST] = cost;
    results[QTR_RESULT_MEMORY] = memory;
    results[QTR_RESULT_BEST_COST] = best_cost;
    results[QTR_RESULT_BEST_MEMORY] = best_memory;
}

/* One item: c0 of the penalty (method.md 7) from the cost just computed. */
__kernel void alpha_reference_cost(__global const float *restrict results,
                                   __global float *restrict reference)
{
    reference[0] = results[QTR_RESULT_COST];
}

/* A loop a slot of 1 + NBITS and a source (along y): sums[source][slot] over channels, then over items. */
GROUP_KERNEL void dots_sum(__global const float *restrict weight_dots,
                       __global const float *restrict act_dots,
                       __global const int *restrict sources, __global float *restrict sums)
{
    GROUP_MEMORY(1)
    const int slot = GROUP_ID, source = get_global_id(1);
    __global const int *row = sources + source * NET_SOURCE_FIELDS;
    float sum = 0.0f;

    if (row[NET_SOURCE_IDENTITY]) {
        for (int i = GROUP_ITEM; slot == 0 && i < row[NET_SOURCE_ITEMS]; i += QTR_GROUP)
            sum += act_dots[row[NET_SOURCE_ACTS] + i];
    } else {
#ifndef SINGLE
        for (int c = GROUP_ITEM; c < row[NET_SOURCE_CHANNELS]; c += QTR_GROUP)
            sum += weight_dots[(row[NET_SOURCE_WEIGHTS] + c) * (1 + NBITS) + slot];
        if (slot == 0 && !row[NET_SOURCE_SCALE])
            sum = 0.0f;
        for (int i = GROUP_ITEM; slot > 0 && i < row[NET_SOURCE_ITEMS]; i += QTR_GROUP)
            sum += act_dots[row[NET_SOURCE_ACTS] + i * NBITS + slot - 1];
#else
        for (int i = GROUP_ITEM; slot > 0 && row[NET_SOURCE_SCALE] && i < row[NET_SOURCE_ITEMS]; i += QTR_GROUP)
            sum += act_dots[row[NET_SOURCE_ACTS] + i];
#endif
    }
    sum = GROUP_SUM(sum);
    if (GROUP_ITEM == 0)
        sums[source * (1 + NBITS) + slot] = sum;
}

/* Global (layers): the gradient of the alphas. owners[layer's first row + k] .. +1 delimits the
 * sources of primitive k in `owned`. penalty = search.penalty. */
__kernel void alpha_grad(__global const float *restrict alphas, __global const float *restrict p,
                         __global const int *restrict layers, __global const int *restrict owners,
                         __global const int *restrict owned, __global const float *restrict sums,
                         __global const float *restrict cost_row,
                         __global const float *restrict reference,
                         __global const QtrStep *restrict step, float penalty,
                         __global float *restrict grads)
{
    const int layer = get_global_id(0);
    __global const int *row = layers + layer * NET_LAYER_FIELDS;
    const int at = row[NET_LAYER_ALPHA], n = row[NET_LAYER_PRIMITIVES] * NBITS;
    const float low = reference[0] / 1.25f, high = reference[0] * 1.25f;
    const float per_cost = high > low ? penalty / (high - low) : 0.0f;
    float a[LAYER_MAX], s[LAYER_MAX], dp[LAYER_MAX];

    for (int k = 0; k < row[NET_LAYER_PRIMITIVES]; k++) {
        const int owner = row[NET_LAYER_MIX] / (1 + NBITS) + k;
        float d[1 + NBITS], sum = 0.0f, mean = 0.0f;

        for (int slot = 0; slot <= NBITS; slot++) {
            d[slot] = 0.0f;
            for (int i = owners[owner]; i < owners[owner + 1]; i++)
                d[slot] += sums[owned[i] * (1 + NBITS) + slot];
        }
        for (int b = 0; b < NBITS; b++)
            sum += p[at + k * NBITS + b];

        const float norm = sum + Q_BASE;
        /* A primitive that is not run tells nothing of itself. */
        const bool run = SELECTOR != HARD_GUMBEL || sum > 0.0f;

#ifdef SINGLE
        d[0] += sum > 0.0f ? d[1] / sum : 0.0f;
        d[1] = 0.0f;
#endif
        for (int b = 0; b < NBITS && norm > 0.0f; b++)
            mean += d[1 + b] * (p[at + k * NBITS + b] / norm);
        for (int b = 0; b < NBITS; b++)
            dp[k * NBITS + b] = (run ? d[0] + (norm > 0.0f ? (d[1 + b] - mean) / norm : 0.0f) : 0.0f) +
                                per_cost * cost_row[at + k * NBITS + b];
    }
    for (int i = 0; i < n; i++)
        a[i] = alphas[at + i];
    soft_choice(a, s, n, layer, step);

    float mean = 0.0f;

    for (int i = 0; i < n; i++)
        mean += s[i] * dp[i];
    for (int i = 0; i < n; i++) {
        float g = s[i] * (dp[i] - mean);

#if SELECTOR != SOFTMAX
        g /= step->temperature;
#endif
        grads[at + i] = g;
    }
#if SPARSE == SPARSE_ENTROPY
    float h = 0.0f;

    softmax(a, s, n);
    for (int i = 0; i < n; i++)
        h -= s[i] > 0.0f ? s[i] * log(s[i]) : 0.0f;
    for (int i = 0; i < n; i++)
        grads[at + i] -= s[i] > 0.0f ? step->sparse * s[i] * (log(s[i]) + h) : 0.0f;
#elif SPARSE == SPARSE_L1
    for (int i = 0; i < n; i++)
        grads[at + i] += step->sparse * sign(a[i]);
#elif SPARSE == SPARSE_L1_SOFTMAX
    for (int i = 0; i < n; i++)
        grads[at + i] += step->sparse * exp(a[i]);
#endif
}

/* One item: the sparsity and penalty terms of the loss. */
__kernel void alpha_terms(__global const float *restrict alphas, __global const int *restrict layers,
                          int n_layers, __global const float *restrict reference,
                          __global const QtrStep *restrict step, float penalty,
                          __global float *restrict results)
{
    const float low = reference[0] / 1.25f, high = reference[0] * 1.25f;
    float sum = 0.0f;

    for (int layer = 0; layer < n_layers; layer++) {
        __global const int *row = layers + layer * NET_LAYER_FIELDS;
        const int n = row[NET_LAYER_PRIMITIVES] * NBITS;
        float a[LAYER_MAX], s[LAYER_MAX];

        for (int i = 0; i < n; i++)
            a[i] = alphas[row[NET_LAYER_ALPHA] + i];
        softmax(a, s, n);
        for (int i = 0; i < n; i++) {
#if SPARSE == SPARSE_ENTROPY
            sum -= s[i] > 0.0f ? s[i] * log(s[i]) : 0.0f;
#elif SPARSE == SPARSE_L1
            sum += fabs(a[i]);
#elif SPARSE == SPARSE_L1_SOFTMAX
            sum += exp(a[i]);
#endif
        }
    }
    results[QTR_RESULT_SPARSE] = step->sparse * sum;
    results[QTR_RESULT_PENALTY] =
        high > low ? penalty * (results[QTR_RESULT_COST] - low) / (high - low) : 0.0f;
}
