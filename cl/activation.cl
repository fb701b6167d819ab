/* The activation quantizer HWGQ and its slope (method.md 4). A table entry is (step, clip, 1/step);
 * step 0 means plain ReLU (clip infinite). */
#ifndef NBITS
#define NBITS 1
#endif
#ifndef NOISE_BASE
#define NOISE_BASE 0.33333333f /* f = 1/(B+1) of the noise formula */
#endif

#include "tables.h"

/* Comparisons and selections become one instruction where fmax and fmin, which look at NaNs, take three. */
static inline floatv relu(floatv u)
{
    return u > 0.0f ? u : (floatv)(0.0f);
}

static inline floatv clamp_to(floatv u, float clip)
{
    const floatv positive = relu(u);

    return positive < clip ? positive : (floatv)(clip);
}

/* rint for 0 <= v <= 2^23: beyond 2^23 floats are whole, so the sum is rounded to the nearest, ties to even. PoCL
 * has some twenty instructions for rint. */
static inline floatv nearest(floatv v)
{
    return (v + 0x1p23f) - 0x1p23f;
}

/* The quotient is that of an exact division on every device: one correction of clamped * (1/step)
 * rounds it correctly (Markstein 1990), so ties fall where the reference's fall. */
static inline floatv act(floatv u, __global const float *entry)
{
    const float step = entry[NET_ACT_STEP], inverse = entry[NET_ACT_INVERSE];
    const floatv clamped = clamp_to(u, entry[NET_ACT_CLIP]);
    const floatv guess = clamped * inverse;
    const floatv quotient = fma(fma(-guess, (floatv)(step), clamped), (floatv)(inverse), guess);

    return step > 0.0f ? nearest(quotient) * step : clamped;
}

/* sum_b q_b act_b(u); q_b from mix[mix_at + 1], the table from acts[acts_at]. */
static inline floatv act_mixed(floatv u, __global const float *mix, int mix_at,
                               __global const float *acts, int acts_at)
{
    floatv sum = (floatv)(0.0f);

    for (int b = 0; b < NBITS; b++)
        sum = fma((floatv)(mix[mix_at + 1 + b]), act(u, acts + acts_at + NET_ACT_FIELDS * b), sum);
    return sum;
}

/* Whether the gradient passes act, straight through the rounding. At u = 0 a clamp passes it and plain ReLU does
 * not. */
static inline intv act_passes(floatv u, __global const float *entry)
{
    return entry[NET_ACT_STEP] > 0.0f ? (intv)(u == clamp_to(u, entry[NET_ACT_CLIP])) : (intv)(u > 0.0f);
}

/* d/du of sum_b q_b act_b(u); with NOISE, of f * relu(u). */
static inline floatv act_slope(floatv u, const float *q, __global const float *table)
{
    floatv slope = (floatv)(0.0f);

#ifdef NOISE
    slope = select(slope, (floatv)(NOISE_BASE), (intv)(u > 0.0f));
#else
    for (int b = 0; b < NBITS; b++)
        slope += select((floatv)(0.0f), (floatv)(q[b]), act_passes(u, table + NET_ACT_FIELDS * b));
#endif
    return slope;
}

/* The slope at an element of what is known of u: u itself, or with MASK, of one bit width, whether the gradient
 * passes. */
#ifdef MASK
typedef mask_t known_t;
#define SLOPE_AT(known, q, table) select((floatv)(0.0f), (floatv)((q)[0]), load_mask(known))
#else
typedef plane_t known_t;
#define SLOPE_AT(known, q, table) act_slope(vloadp(known), q, table)
#endif
