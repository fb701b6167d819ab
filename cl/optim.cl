/* optim: gradient norm and parameter updates over one buffer of parameters (method.md 8, 10); the
 * formulas are PyTorch's Adam (no amsgrad) and SGD with momentum, weight decay added to the
 * gradient after clipping. One item a parameter. */
#include "group.cl"
#include "shared.h"
#include "tables.h"

/* A loop a chunk: part[chunk] = sum of squares. */
GROUP_KERNEL void norm_chunks(__global const float *restrict grads, __global float *restrict part,
                          int first, int count)
{
    GROUP_MEMORY(1)
    const int chunk = GROUP_ID;
    const int end = min(count, (chunk + 1) * NET_NORM_CHUNK);
#if QTR_GROUP > 1
    float sum = 0.0f;
    int i = chunk * NET_NORM_CHUNK + GROUP_ITEM;
#else
    float16 sums = (float16)(0.0f);
    int i = chunk * NET_NORM_CHUNK;

    for (; i + 16 <= end; i += 16) {
        const float16 g = vload16(0, grads + first + i);

        sums = fma(g, g, sums);
    }

    const float8 a = sums.lo + sums.hi;
    const float4 b = a.lo + a.hi;
    float sum = (b.x + b.z) + (b.y + b.w);
#endif

    for (; i < end; i += QTR_GROUP)
        sum = fma(grads[first + i], grads[first + i], sum);
    sum = GROUP_SUM(sum);
    if (GROUP_ITEM == 0)
        part[chunk] = sum;
}

/* One loop. */
GROUP_KERNEL void norm_total(__global const float *restrict part, int chunks,
                         __global float *restrict results)
{
    GROUP_MEMORY(1)
    float sum = 0.0f, lost = 0.0f;

    for (int i = GROUP_ITEM; i < chunks; i += QTR_GROUP) {
        const float v = part[i] - lost, t = sum + v;

        lost = (t - sum) - v;
        sum = t;
    }
    sum = GROUP_SUM(sum);
    if (GROUP_ITEM == 0)
        results[QTR_RESULT_NORM] = sqrt(sum);
}

/* clip 0: no clipping. */
__kernel void adam(__global float *restrict params, __global const float *restrict grads,
                   __global float *restrict m, __global float *restrict v, int first, int count,
                   float beta1, float beta2, float decay, float clip, int who,
                   __global const float *restrict results, __global const QtrStep *restrict step)
{
    const int i = get_global_id(0);

    if (i >= count)
        return;

    const float lr = who == NET_WHO_WEIGHTS  ? step->lr
                     : who == NET_WHO_SCALES ? step->scale_lr
                                         : step->alpha_lr;
    const float bias1 = who == NET_WHO_WEIGHTS  ? step->weight_bias1
                        : who == NET_WHO_SCALES ? step->scale_bias1
                                            : step->alpha_bias1;
    const float bias2 = who == NET_WHO_WEIGHTS  ? step->weight_bias2
                        : who == NET_WHO_SCALES ? step->scale_bias2
                                            : step->alpha_bias2;

    if (lr == 0.0f)
        return;

    const float shrink = clip > 0.0f ? fmin(1.0f, clip / (results[QTR_RESULT_NORM] + 1e-6f)) : 1.0f;
    const float w = params[first + i];
    const float g = fma(decay, w, grads[first + i] * shrink);
    const float mi = fma(beta1, m[first + i], (1.0f - beta1) * g);
    const float vi = fma(beta2, v[first + i], (1.0f - beta2) * g * g);

    m[first + i] = mi;
    v[first + i] = vi;
    params[first + i] = w - lr / bias1 * mi / (sqrt(vi) / sqrt(bias2) + 1e-8f);
}

__kernel void sgd(__global float *restrict params, __global const float *restrict grads,
                  __global float *restrict m, int first, int count, float momentum, float decay,
                  float clip, __global const float *restrict results,
                  __global const QtrStep *restrict step)
{
    const int i = get_global_id(0);

    if (i >= count)
        return;

    const float shrink = clip > 0.0f ? fmin(1.0f, clip / (results[QTR_RESULT_NORM] + 1e-6f)) : 1.0f;
    const float g = fma(decay, params[first + i], grads[first + i] * shrink);
    const float mi = fma(momentum, m[first + i], g);

    m[first + i] = mi;
    params[first + i] -= step->lr * mi;
}
