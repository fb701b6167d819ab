/* weights: everything between the parameters and the packed weights of all convolutions at once.
 *
 * A convolution is described by a row of `convs` (tables.h). Parameters, mixed weights W~ and
 * their gradients are dense [Cout][Cin/g][KH][KW]. A row of `mix` is (P, q_0, ..., q_{B-1}).
 *
 *   W~ = sum_b q_b LSQ_b(W)                              (method.md 4, 5)
 *   W~ = f*W + sum_b q_b (W + range(W)*unit_b*n_b)       with NOISE
 *
 * packed with the factor P of the primitive where NET_CONV_SCALE says so. */
#include "common.cl"
#include "group.cl"
#include "quotient.cl"
#include "random.cl"
#include "tables.h"
#include "winograd-points.cl"

#ifndef NBITS
#define NBITS 1
#endif
#ifndef NOISE_BASE
#define NOISE_BASE 0.33333333f
#endif

#define ROW(conv, field) (convs[(conv)*NET_CONV_FIELDS + (field)])

/* The first input channel of output channel o of `part`, counted from that of `whole`. */
static inline int first_input(__global const int *convs, int part, int whole, int o)
{
    return o / (ROW(part, NET_CONV_OUT) / ROW(part, NET_CONV_GROUPS)) * ROW(part, NET_CONV_IN) -
           o / (ROW(whole, NET_CONV_OUT) / ROW(whole, NET_CONV_GROUPS)) * ROW(whole, NET_CONV_IN);
}

static inline float lsq(float w, float s, float top)
{
    return top > 0.0f ? rint(fmin(fmax(quotient(w, s), -top - 1.0f), top)) * s : w;
}

/* Sum of |w| in the order in which PyTorch's CPU kernel adds a row (cascade of 8 lanes x 4 rows,
 * folded every 16): a weight on a rounding threshold then falls on the same side as there. */
static float sum_of_magnitudes(__global const float *w, int count)
{
    const int vectors = count / 8, quads = vectors / 4;
    float8 low[4], high[4], sum;
    float lanes[8], total = 0.0f;

    for (int k = 0; k < 4; k++)
        low[k] = high[k] = (float8)(0.0f);
    for (int i = 0; i < quads; i++) {
        for (int k = 0; k < 4; k++)
            low[k] += fabs(vload8(4 * i + k, w));
        if (i % 16 == 15)
            for (int k = 0; k < 4; k++) {
                high[k] += low[k];
                low[k] = (float8)(0.0f);
            }
    }
    for (int k = 0; k < 4; k++)
        low[k] += high[k];
    for (int i = 4 * quads; i < vectors; i++)
        low[0] += fabs(vload8(i, w));
    sum = ((low[0] + low[1]) + low[2]) + low[3];
    vstore8(sum, 0, lanes);
    for (int i = 8 * vectors; i < count; i++)
        total += fabs(w[i]);
    for (int k = 0; k < 8; k++)
        total += lanes[k];
    return total;
}

/* Global (channels, convs): steps = 2 * mean|w| / sqrt(top) per bit and channel. */
__kernel void lsq_init(__global float *restrict params, __global const int *restrict convs,
                       __global const float *restrict levels)
{
    const int o = get_global_id(0), conv = get_global_id(1);
    const int count = ROW(conv, NET_CONV_IN) * ROW(conv, NET_CONV_KH) * ROW(conv, NET_CONV_KW);

    if (o >= ROW(conv, NET_CONV_OUT))
        return;

    const float mean = sum_of_magnitudes(params + ROW(conv, NET_CONV_W) + o * count, count) / count;

    for (int b = 0; b < NBITS; b++) {
        const float top = levels[ROW(conv, NET_CONV_LEVELS) + b];

        params[ROW(conv, NET_CONV_STEPS) + b * ROW(conv, NET_CONV_OUT) + o] =
            top > 0.0f ? mean * 2.0f / sqrt(top) : 1.0f;
    }
}

/* A loop a channel and conv (along y): (max, min) of a channel's weights. */
GROUP_KERNEL void weights_range(__global const float *restrict params,
                            __global const int *restrict convs, __global float *restrict ranges)
{
    GROUP_MEMORY(1)
    const int o = GROUP_ID, conv = get_global_id(1);
    const int count = ROW(conv, NET_CONV_IN) * ROW(conv, NET_CONV_KH) * ROW(conv, NET_CONV_KW);

    if (o >= ROW(conv, NET_CONV_OUT))
        return;

    __global const float *w = params + ROW(conv, NET_CONV_W) + o * count;
    float top = w[0], bottom = w[0];

    for (int i = GROUP_ITEM; i < count; i += QTR_GROUP) {
        top = fmax(top, w[i]);
        bottom = fmin(bottom, w[i]);
    }
    top = GROUP_MAX(top);
    bottom = GROUP_MIN(bottom);
    if (GROUP_ITEM == 0) {
        ranges[2 * (ROW(conv, NET_CONV_RANGES) + o)] = top;
        ranges[2 * (ROW(conv, NET_CONV_RANGES) + o) + 1] = bottom;
    }
}

static inline float conv_range(__global const float *ranges, __global const int *convs, int conv)
{
    float top = -INFINITY, bottom = INFINITY;

    for (int o = 0; o < ROW(conv, NET_CONV_OUT); o++) {
        top = fmax(top, ranges[2 * (ROW(conv, NET_CONV_RANGES) + o)]);
        bottom = fmin(bottom, ranges[2 * (ROW(conv, NET_CONV_RANGES) + o) + 1]);
    }
    return top - bottom;
}

#ifdef NOISE
/* n_b / 2 of a vector of weights from `element`: word 0 of the draw at counter (element, pair) makes
 * the normals of bits 2*pair and 2*pair + 1. */
static inline floatv weight_noise(uint conv, uint element, int b, __global const QtrStep *step,
                                  __global const float *table, __global const int *table_at)
{
#ifdef NOISE_TABLE
    return vloadv(table + table_at[conv * NBITS + b] + element);
#else
    uintv c0 = element + as_uintv((intv)(QTR_LANES)), c1 = (uintv)(conv * 8u + b / 2 + 4u);
    uintv c2 = (uintv)(step->step * 4u + step->phase), c3 = (uintv)(STREAM_NOISE);
    floatv even, odd;

    philox(&c0, &c1, &c2, &c3, step->seed_lo, step->seed_hi);
    normal_pair(c0, &even, &odd);
    return 0.5f * (b % 2 == 0 ? even : odd);
#endif
}
#endif

/* The lanes of v of which there are `n` left. */
static inline void store_first(floatv v, int n, __global float *p)
{
    float lanes[QTR_VL];

    if (n >= QTR_VL) {
        vstorev(v, p);
        return;
    }
    vstorev(v, lanes);
    for (int l = 0; l < n; l++)
        p[l] = lanes[l];
}

/* A loop a channel and conv (along y): one output channel of W~. */
GROUP_KERNEL void weights_mix(__global const float *restrict params, __global const int *restrict convs,
                          __global const float *restrict levels, __global const float *restrict mix,
                          __global float *restrict mixed
#ifdef NOISE
                          , __global const float *restrict ranges,
                          __global const float *restrict units, __global const QtrStep *restrict step,
                          __global const float *restrict table, __global const int *restrict table_at
#endif
)
{
    const int o = GROUP_ID, conv = get_global_id(1);
    const int count = ROW(conv, NET_CONV_IN) * ROW(conv, NET_CONV_KH) * ROW(conv, NET_CONV_KW);

    if (o >= ROW(conv, NET_CONV_OUT))
        return;

    __global const float *w = params + ROW(conv, NET_CONV_W) + o * count;
    __global const float *q = mix + ROW(conv, NET_CONV_MIX) + 1;
    __global float *out = mixed + ROW(conv, NET_CONV_MIXED) + o * count;

#ifdef NOISE
    const float range = conv_range(ranges, convs, conv);

    for (int i = GROUP_ITEM * QTR_VL; i < count; i += QTR_GROUP * QTR_VL) {
        const floatv wv = vloadv(w + i);
        floatv sum = NOISE_BASE * wv;

        for (int b = 0; b < NBITS; b++)
            sum += q[b] * (wv + range * units[b] * weight_noise(ROW(conv, NET_CONV_ID), o * count + i, b,
                                                                step, table, table_at));
        store_first(sum, count - i, out + i);
    }
#else
    for (int i = GROUP_ITEM; i < count; i += QTR_GROUP)
        out[i] = 0.0f;
    for (int b = 0; b < NBITS; b++) {
        const float s = params[ROW(conv, NET_CONV_STEPS) + b * ROW(conv, NET_CONV_OUT) + o];
        const float top = levels[ROW(conv, NET_CONV_LEVELS) + b], qb = q[b];

        for (int i = GROUP_ITEM; i < count; i += QTR_GROUP)
            out[i] += qb * lsq(w[i], s, top);
    }
#endif
}

/* Of a group that shares a loop over channels and taps, so many items are at the taps of a channel. */
#define TAP_ITEMS (QTR_GROUP < 16 ? 1 : 16)
#define FOR_CHANNELS(c, channels) for (int c = GROUP_ITEM / TAP_ITEMS; c < channels; c += QTR_GROUP / TAP_ITEMS)
#define FOR_TAPS(k, taps) for (int k = GROUP_ITEM % TAP_ITEMS; k < taps; k += TAP_ITEMS)

/* A loop a channel and merged convolution (along y): W~ of the merged convolution of bit b, sum_k P_k q_kb W~_k of its
 * parts with smaller kernels centred. */
GROUP_KERNEL void weights_merge(__global const int *restrict convs, __global const int *restrict merges,
                            __global const int *restrict parts, __global const float *restrict mix,
                            __global float *mixed)
{
    const int o = GROUP_ID;
    __global const int *merge = merges + NET_MERGE_FIELDS * get_global_id(1);
    const int whole = merge[NET_MERGE_CONV], kh = ROW(whole, NET_CONV_KH), kw = ROW(whole, NET_CONV_KW);
    const int count = ROW(whole, NET_CONV_IN) * kh * kw;

    if (o >= ROW(whole, NET_CONV_OUT))
        return;

    __global float *out = mixed + ROW(whole, NET_CONV_MIXED) + o * count;

    for (int i = GROUP_ITEM; i < count; i += QTR_GROUP)
        out[i] = 0.0f;
    for (int i = merge[NET_MERGE_FIRST]; i < merge[NET_MERGE_FIRST] + merge[NET_MERGE_PARTS]; i++) {
        const int part = parts[NET_PART_FIELDS * i], ph = ROW(part, NET_CONV_KH), pw = ROW(part, NET_CONV_KW);
        const int first = first_input(convs, part, whole, o);
#ifdef NOISE
        const float scale = mix[ROW(part, NET_CONV_MIX)]; /* for data gradients alone */
#else
        const float scale = mix[ROW(part, NET_CONV_MIX)] * mix[ROW(part, NET_CONV_MIX) + 1 + merge[NET_MERGE_BIT]];
#endif
        __global const float *w = mixed + ROW(part, NET_CONV_MIXED) + o * ROW(part, NET_CONV_IN) * ph * pw;

        GROUP_BARRIER; /* parts meet in out */
        FOR_CHANNELS (c, ROW(part, NET_CONV_IN))
            FOR_TAPS (k, ph * pw)
                out[((first + c) * kh + (kh - ph) / 2 + k / pw) * kw + (kw - pw) / 2 + k % pw] +=
                    scale * w[c * ph * pw + k];
    }
}

/* Where weight k of input channel c of part's output channel o stands in the merged convolution's channel. */
static inline int place_in_whole(__global const int *convs, int part, int whole, int first, int c, int k)
{
    const int kh = ROW(whole, NET_CONV_KH), kw = ROW(whole, NET_CONV_KW);
    const int ph = ROW(part, NET_CONV_KH), pw = ROW(part, NET_CONV_KW);

    return ((first + c) * kh + (kh - ph) / 2 + k / pw) * kw + (kw - pw) / 2 + k % pw;
}

/* A loop a channel and part (along y): the gradient of a part, sum_b q_b G_b of its merged convolutions where it
 * stands in them. */
GROUP_KERNEL void weights_split(__global const int *restrict convs, __global const int *restrict parts,
                            __global const float *restrict mix, __global float *g)
{
    const int o = GROUP_ID, part = parts[NET_PART_FIELDS * get_global_id(1)];
    const int taps = ROW(part, NET_CONV_KH) * ROW(part, NET_CONV_KW);

    if (o >= ROW(part, NET_CONV_OUT))
        return;

    __global float *to = g + ROW(part, NET_CONV_MIXED) + o * ROW(part, NET_CONV_IN) * taps;

    for (int b = 0; b < NBITS; b++) {
        const int whole = parts[NET_PART_FIELDS * get_global_id(1) + NET_PART_WHOLE] + b;
        const int first = first_input(convs, part, whole, o);
        const float q = mix[ROW(part, NET_CONV_MIX) + 1 + b];
        __global const float *from = g + ROW(whole, NET_CONV_MIXED) +
                                     o * ROW(whole, NET_CONV_IN) * ROW(whole, NET_CONV_KH) * ROW(whole, NET_CONV_KW);

        FOR_CHANNELS (c, ROW(part, NET_CONV_IN))
            FOR_TAPS (k, taps) {
                const float sum = b == 0 ? 0.0f : to[c * taps + k];

                to[c * taps + k] = fma(q, from[place_in_whole(convs, part, whole, first, c, k)], sum);
            }
    }
}

/* A loop a channel and part (along y): dots[at + o * NBITS + b] = <P W~, G_b> of output channel o, the dot of the
 * part's data gradient with act_b(u). */
GROUP_KERNEL void weights_merge_dots(__global const int *restrict convs, __global const int *restrict parts,
                                 __global const float *restrict mix, __global const float *restrict mixed,
                                 __global const float *restrict g, __global float *restrict dots)
{
    GROUP_MEMORY(1)
    __global const int *row = parts + NET_PART_FIELDS * get_global_id(1);
    const int o = GROUP_ID, part = row[NET_PART_CONV];
    const int taps = ROW(part, NET_CONV_KH) * ROW(part, NET_CONV_KW);

    if (o >= ROW(part, NET_CONV_OUT) || row[NET_PART_DOTS] < 0)
        return;

    __global const float *w = mixed + ROW(part, NET_CONV_MIXED) + o * ROW(part, NET_CONV_IN) * taps;

    for (int b = 0; b < NBITS; b++) {
        const int whole = row[NET_PART_WHOLE] + b, first = first_input(convs, part, whole, o);
        __global const float *from = g + ROW(whole, NET_CONV_MIXED) +
                                     o * ROW(whole, NET_CONV_IN) * ROW(whole, NET_CONV_KH) * ROW(whole, NET_CONV_KW);
        float sum = 0.0f;

        FOR_CHANNELS (c, ROW(part, NET_CONV_IN))
            FOR_TAPS (k, taps)
                sum = fma(w[c * taps + k], from[place_in_whole(convs, part, whole, first, c, k)], sum);
        sum = GROUP_SUM(sum);
        if (GROUP_ITEM == 0)
            dots[row[NET_PART_DOTS] + o * NBITS + b] = mix[ROW(part, NET_CONV_MIX)] * sum;
    }
}

/* Packs `channels` weights of the taps that are `stride` floats apart, at most ot: p[kx][ky][ot], 0 beyond the last;
 * FLIP: the kernel turned. */
static inline void pack_taps(__global float *restrict p, __global const float *restrict w, int stride, int ot,
                             int channels, int kh, int kw, float scale, bool flip)
{
    const int taps = kh * kw;

    for (int o = 0; o < ot; o++)
        for (int k = 0; k < taps; k++)
            p[(k % kw * kh + k / kw) * ot + o] =
                o < channels ? scale * w[o * stride + (flip ? taps - 1 - k : k)] : 0.0f;
}

/* The same of the components of strips of rows (winograd-points.cl), p[kx][ot], each `apart` floats further. */
static inline void pack_components(__global float *restrict p, __global const float *restrict w, int stride,
                                   int ot, int channels, int kh, int kw, float scale, bool flip, int apart)
{
    for (int o = 0; o < ot; o++)
        for (int kx = 0; kx < kw; kx++) {
            float8 sum = (float8)(0.0f);
            float components[8];

            for (int ky = 0; ky < kh && o < channels; ky++) {
                const int k = ky * kw + kx;

                sum = fma(winograd_column(kh, ky), (float8)(w[o * stride + (flip ? kh * kw - 1 - k : k)]), sum);
            }
            vstore8(scale * sum, 0, components);
            for (int t = 0; t < kh + STRIP - 1; t++)
                p[t * apart + kx * ot + o] = components[t];
        }
}

/* Global (input channels, tiles, convs): forward packing [block][ci][kx][ky][OT] of one (block, ci), or of each
 * component [block][ci][kx][OT]; channels beyond the group's last are zero. */
__kernel void weights_pack(__global const float *restrict mixed, __global const int *restrict convs,
                           __global const float *restrict mix, __global float *restrict packed)
{
    const int c = get_global_id(0), tile = get_global_id(1), conv = get_global_id(2);
    const int kh = ROW(conv, NET_CONV_KH), kw = ROW(conv, NET_CONV_KW), taps = kh * kw;
    const int cin = ROW(conv, NET_CONV_IN), ot = ROW(conv, NET_CONV_FORWARD_TILE);
    const int coutg = ROW(conv, NET_CONV_OUT) / ROW(conv, NET_CONV_GROUPS);
    const int blocks = (coutg + ot - 1) / ot, tiles = blocks * ROW(conv, NET_CONV_GROUPS);

    if (c >= cin || tile >= tiles)
        return;

    const float scale = ROW(conv, NET_CONV_SCALE) ? mix[ROW(conv, NET_CONV_MIX)] : 1.0f;
    const int first = tile % blocks * ot;
    __global const float *w =
        mixed + ROW(conv, NET_CONV_MIXED) + ((tile / blocks * coutg + first) * cin + c) * taps;
    __global float *p = packed + ROW(conv, NET_CONV_FORWARD);

    if (ROW(conv, NET_CONV_COMPONENTS))
        pack_components(p + (tile * cin + c) * kw * ot, w, cin * taps, ot, coutg - first, kh, kw, scale, false,
                        tiles * cin * kw * ot);
    else
        pack_taps(p + (tile * cin + c) * taps * ot, w, cin * taps, ot, coutg - first, kh, kw, scale, false);
}

/* Global (output channels of the layer a group, tiles, convs): packing of the data gradient: the roles of
 * input and output change within each group, the taps are flipped. */
__kernel void weights_pack_back(__global const float *restrict mixed,
                                __global const int *restrict convs,
                                __global const float *restrict mix, __global float *restrict packed)
{
    const int o = get_global_id(0), tile = get_global_id(1), conv = get_global_id(2);
    const int kh = ROW(conv, NET_CONV_KH), kw = ROW(conv, NET_CONV_KW), taps = kh * kw;
    const int cin = ROW(conv, NET_CONV_IN), ct = ROW(conv, NET_CONV_BACK_TILE);
    const int coutg = ROW(conv, NET_CONV_OUT) / ROW(conv, NET_CONV_GROUPS);
    const int blocks = (cin + ct - 1) / ct, tiles = blocks * ROW(conv, NET_CONV_GROUPS);

    if (o >= coutg || tile >= tiles || ROW(conv, NET_CONV_BACK) < 0)
        return;

    const float scale = ROW(conv, NET_CONV_SCALE) ? mix[ROW(conv, NET_CONV_MIX)] : 1.0f;
    const int first = tile % blocks * ct;
    __global const float *w =
        mixed + ROW(conv, NET_CONV_MIXED) + ((tile / blocks * coutg + o) * cin + first) * taps;
    __global float *p = packed + ROW(conv, NET_CONV_BACK);

    if (ROW(conv, NET_CONV_COMPONENTS))
        pack_components(p + (tile * coutg + o) * kw * ct, w, taps, ct, cin - first, kh, kw, scale, true,
                        tiles * coutg * kw * ct);
    else
        pack_taps(p + (tile * coutg + o) * taps * ct, w, taps, ct, cin - first, kh, kw, scale, true);
}

/* A loop a channel and conv (along y): the gradient g of the packed (scaled) weights becomes that of W (and, with
 * TRAIN_STEPS, of the LSQ step). `grads` is laid out like params. */
GROUP_KERNEL void weights_back(__global const float *restrict params, __global const int *restrict convs,
                           __global const float *restrict levels, __global const float *restrict mix,
                           __global const float *restrict g, __global float *restrict grads)
{
    GROUP_MEMORY(1)
    const int o = GROUP_ID, conv = get_global_id(1);
    const int count = ROW(conv, NET_CONV_IN) * ROW(conv, NET_CONV_KH) * ROW(conv, NET_CONV_KW);

    if (o >= ROW(conv, NET_CONV_OUT))
        return;

    const float scale = ROW(conv, NET_CONV_SCALE) ? mix[ROW(conv, NET_CONV_MIX)] : 1.0f;
    __global const float *q = mix + ROW(conv, NET_CONV_MIX) + 1;
    __global const float *w = params + ROW(conv, NET_CONV_W) + o * count;
    __global const float *gw = g + ROW(conv, NET_CONV_MIXED) + o * count;
    __global float *out = grads + ROW(conv, NET_CONV_W) + o * count;

#ifdef NOISE
    for (int i = GROUP_ITEM; i < count; i += QTR_GROUP)
        out[i] = NOISE_BASE * scale * gw[i];
#else
    for (int i = GROUP_ITEM * QTR_VL; i < count; i += QTR_GROUP * QTR_VL) {
        floatv slope = (floatv)(0.0f);

        for (int b = 0; b < NBITS; b++) {
            const float top = levels[ROW(conv, NET_CONV_LEVELS) + b];
            const floatv v =
                quotients(vloadv(w + i), params[ROW(conv, NET_CONV_STEPS) + b * ROW(conv, NET_CONV_OUT) + o]);
            const intv passes = top <= 0.0f ? (intv)(-1) : (intv)((v >= -top - 1.0f) & (v <= top));

            slope += select((floatv)(0.0f), (floatv)(q[b]), passes);
        }
        store_first(scale * slope * vloadv(gw + i), count - i, out + i);
    }
#endif
#ifdef TRAIN_STEPS
    const float top = levels[ROW(conv, NET_CONV_LEVELS)];
    const float s = params[ROW(conv, NET_CONV_STEPS) + o];
    floatv sum = (floatv)(0.0f);

    if (top > 0.0f)
        for (int i = GROUP_ITEM * QTR_VL; i < count; i += QTR_GROUP * QTR_VL) {
            const floatv v = quotients(vloadv(w + i), s), c = fmin(fmax(v, (floatv)(-top - 1.0f)), (floatv)(top));
            const floatv slope = select(c, rint(c) - v, (intv)(c == v));

            sum = select(sum, fma(vloadv(gw + i), slope, sum), (intv)(i + QTR_LANES < count));
        }

    const float total = GROUP_SUM(lane_sum(sum));

    if (GROUP_ITEM > 0)
        return;
    grads[ROW(conv, NET_CONV_STEPS) + o] =
        top > 0.0f ? total / sqrt(top * (float)(count * ROW(conv, NET_CONV_OUT))) : 0.0f;
#endif
}

/* A loop a channel and conv (along y): dots[row][0] = <g, W~>, dots[row][1+b] = <scale*g, the b-th copy of W>. */
GROUP_KERNEL void weights_dots(__global const float *restrict params, __global const int *restrict convs,
                           __global const float *restrict levels, __global const float *restrict mix,
                           __global const float *restrict mixed, __global const float *restrict g,
                           __global float *restrict dots
#ifdef NOISE
                           , __global const float *restrict ranges,
                           __global const float *restrict units, __global const QtrStep *restrict step,
                           __global const float *restrict table, __global const int *restrict table_at
#endif
)
{
    GROUP_MEMORY(1)
    const int o = GROUP_ID, conv = get_global_id(1);
    const int count = ROW(conv, NET_CONV_IN) * ROW(conv, NET_CONV_KH) * ROW(conv, NET_CONV_KW);

    if (o >= ROW(conv, NET_CONV_OUT))
        return;

    const float scale = ROW(conv, NET_CONV_SCALE) ? mix[ROW(conv, NET_CONV_MIX)] : 1.0f;
    __global const float *w = params + ROW(conv, NET_CONV_W) + o * count;
    __global const float *wm = mixed + ROW(conv, NET_CONV_MIXED) + o * count;
    __global const float *gw = g + ROW(conv, NET_CONV_MIXED) + o * count;
    __global float *row = dots + (ROW(conv, NET_CONV_RANGES) + o) * (1 + NBITS);
    float sum = 0.0f;

    for (int i = GROUP_ITEM; i < count; i += QTR_GROUP)
        sum = fma(gw[i], wm[i], sum);
    sum = GROUP_SUM(sum);
    if (GROUP_ITEM == 0)
        row[0] = sum;
    for (int b = 0; b < NBITS; b++) {
        sum = 0.0f;
#ifdef NOISE
        const float range = conv_range(ranges, convs, conv);
        floatv sums = (floatv)(0.0f);

        for (int i = GROUP_ITEM * QTR_VL; i < count; i += QTR_GROUP * QTR_VL) {
            const floatv copy = vloadv(w + i) +
                                range * units[b] * weight_noise(ROW(conv, NET_CONV_ID), o * count + i, b,
                                                                step, table, table_at);

            sums = fma(select((floatv)(0.0f), vloadv(gw + i), (intv)(i + QTR_LANES < count)), copy,
                       sums);
        }
        sum = lane_sum(sums);
#else
        const float s = params[ROW(conv, NET_CONV_STEPS) + b * ROW(conv, NET_CONV_OUT) + o];
        const float top = levels[ROW(conv, NET_CONV_LEVELS) + b];

        for (int i = GROUP_ITEM; i < count; i += QTR_GROUP)
            sum = fma(gw[i], lsq(w[i], s, top), sum);
#endif
        sum = GROUP_SUM(sum);
        if (GROUP_ITEM == 0)
            row[1 + b] = scale * sum;
    }
}
