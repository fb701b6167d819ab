/* act: activations in front of convolutions where they are not fused (method.md 4 and 5).
 *
 * act_mix:      a = sum_b q_b HWGQ_b(u); over the whole buffer, as zeros stay zeros.
 *               Item: one vector; global (vectors an image, 1, images), or all vectors as one image
 *               where an image's floats are no multiple of QTR_VL.
 * act_rows:     the same of rows `from` to before `to` of u, into a, which has the images' rows a_first to before
 *               a_first + a_height (a window, ops/tensor.h).
 * bn_act_rows:  the same of the batch norm of x, by bn_apply's expression, so with its bits (norm.cl).
 *               Item: one row; global (to - from, planes). On GPUs one vector of a row, neighbours in turn.
 * bn_mix:       z, the batch norm of x, and the activations of it in front of one convolution or two, of all rows;
 *               with MASK, in place of z, whether a gradient passes each of them. Item as before.
 * range_planes, range_total: max - min of relu(u) over the images' pixels, in two stages.
 * noise_mix:    a = f*u+ + sum_b q_b (u+ + range*unit_b*n_b), u+ = relu(u), n_b ~ Normal(0,1)/2.
 *               Item: four channels and 32 positions (QTR_VL 16; less lanes: as many items more). */
#include "common.cl"
#include "group.cl"
#include "activation.cl"
#include "noise.cl"
#include "normal.cl"

#define PER_CHUNK (16 / QTR_VL)

__kernel void act_mix(__global const plane_t *restrict u, __global plane_t *restrict a, int vectors,
                      __global const float *restrict mix, int mix_at,
                      __global const float *restrict acts, int acts_at)
{
    const size_t i = (size_t)get_global_id(2) * vectors + get_global_id(0);

    if ((int)get_global_id(0) >= vectors)
        return;

    vstorep(act_mixed(vloadp(u + QTR_LEAD + i * QTR_VL), mix, mix_at, acts, acts_at),
            a + QTR_LEAD + i * QTR_VL);
}

#define ROWS_ARGS                                                                                  \
    int height, int width, int pitch, int pad, int from, int to, int a_first, int a_height,        \
        __global const float *restrict mix, int mix_at, __global const float *restrict acts, int acts_at

/* An item's row, and the first of its vectors and how far the next one is. */
#define ACROSS ((pitch + QTR_VL - 1) / QTR_VL)
#if QTR_GROUP > 1
#define ITEMS_ROW ((int)get_global_id(0) / ACROSS)
#define FIRST_VECTOR ((int)get_global_id(0) % ACROSS * QTR_VL)
#define NEXT_VECTOR pitch
#else
#define ITEMS_ROW ((int)get_global_id(0))
#define FIRST_VECTOR 0
#define NEXT_VECTOR QTR_VL
#endif

/* The row's pixels in x and in a. */
#define ROW_PLACE(x)                                                                               \
    const int row = from + ITEMS_ROW, plane = get_global_id(1);                                    \
    if (row >= to)                                                                                 \
        return;                                                                                    \
    __global const plane_t *in =                                                                    \
        x + QTR_LEAD + ((size_t)plane * (height + 2 * pad) + pad + row) * pitch;                   \
    __global plane_t *out =                                                                         \
        a + QTR_LEAD + ((size_t)plane * (a_height + 2 * pad) + pad + row - a_first) * pitch

/* For an item's vectors of a row, of which the last one begins early rather than reach into the next row. */
#define FOR_VECTORS(c)                                                                             \
    for (int at = FIRST_VECTOR, c; c = min(at, pitch - QTR_VL), at < pitch; at += NEXT_VECTOR)

__kernel void act_rows(__global const plane_t *restrict u, __global plane_t *restrict a, ROWS_ARGS)
{
    ROW_PLACE(u);
    FOR_VECTORS(c)
        vstorep(act_mixed(vloadp(in + c), mix, mix_at, acts, acts_at), out + c);
}

__kernel void bn_act_rows(__global const plane_t *restrict x, __global plane_t *restrict a, ROWS_ARGS, NORM_ARGS,
                          int channels)
{
    ROW_PLACE(x);
    FOR_VECTORS(c)
    {
        const floatv z = select((floatv)(0.0f), NORMAL(vloadp(in + c), plane % channels),
                                (intv)(c + QTR_LANES < width));

        vstorep(act_mixed(z, mix, mix_at, acts, acts_at), out + c);
    }
}

/* `two`: whether there is a second one. known_a is z, or with MASK the masks are known_a and known_b. */
__kernel void bn_mix(__global const float *restrict x, __global float *restrict a, __global float *restrict b,
                     int height, int width, int pitch, int pad,
                     __global const float *restrict mix, int mix_a, int mix_b,
                     __global const float *restrict acts, int acts_a, int acts_b, NORM_ARGS, int channels, int two,
                     __global known_t *restrict known_a, __global known_t *restrict known_b)
{
    const int row = ITEMS_ROW, plane = get_global_id(1);
    const size_t first = QTR_LEAD + ((size_t)plane * (height + 2 * pad) + pad + row) * pitch;

    if (row >= height)
        return;
    FOR_VECTORS(c)
    {
        const floatv v = select((floatv)(0.0f), NORMAL(vloadv(x + first + c), plane % channels),
                                (intv)(c + QTR_LANES < width));

        vstorev(act_mixed(v, mix, mix_a, acts, acts_a), a + first + c);
        if (two)
            vstorev(act_mixed(v, mix, mix_b, acts, acts_b), b + first + c);
#ifdef MASK
        store_mask(act_passes(v, acts + acts_a), known_a + first + c);
        if (two)
            store_mask(act_passes(v, acts + acts_b), known_b + first + c);
#else
        vstorep(v, known_a + first + c);
#endif
    }
}

/* A loop a plane: part[plane] = (max, min) of relu(u). */
GROUP_KERNEL void range_planes(__global const float *restrict u, __global float *restrict part,
                           int height, int width, int pitch, int pad)
{
    GROUP_MEMORY(1)
    const int plane = GROUP_ID;
    __global const float *p =
        u + QTR_LEAD + (size_t)plane * ((height + 2 * pad) * pitch) + pad * pitch;
    floatv top = (floatv)(0.0f), bottom = (floatv)(INFINITY);

    /* Past the image there are zeros, which only the minimum must not see, or pixels. */
#if QTR_GROUP > 1
    for (int pos = GROUP_ITEM * QTR_VL; pos < height * pitch; pos += QTR_GROUP * QTR_VL) {
        const floatv v = vloadv(p + pos);
        const floatv seen = select((floatv)(INFINITY), v, inside(pos, width, pitch, height * pitch));

        top = v > top ? v : top;
        bottom = seen < bottom ? seen : bottom;
    }
#else
    const int whole = width / QTR_VL * QTR_VL;
    const intv ok = (intv)(whole + QTR_LANES < width);

    for (int y = 0; y < height; y++, p += pitch) {
        for (int x = 0; x < whole; x += QTR_VL) {
            const floatv v = vloadv(p + x);

            QTR_PREFETCH(p + x + QTR_AHEAD, 0);
            top = v > top ? v : top;
            bottom = v < bottom ? v : bottom;
        }
        if (whole < width) {
            const floatv v = vloadv(p + whole), seen = select((floatv)(INFINITY), v, ok);

            top = v > top ? v : top;
            bottom = seen < bottom ? seen : bottom;
        }
    }
#endif
    bottom = relu(bottom); /* relu keeps the order */

    float t[QTR_VL], b[QTR_VL];

    vstorev(top, t);
    vstorev(bottom, b);
    for (int i = 1; i < QTR_VL; i++) {
        t[0] = fmax(t[0], t[i]);
        b[0] = fmin(b[0], b[i]);
    }
    t[0] = GROUP_MAX(t[0]);
    b[0] = GROUP_MIN(b[0]);
    if (GROUP_ITEM == 0) {
        part[2 * plane] = t[0];
        part[2 * plane + 1] = b[0];
    }
}

/* One loop: range[range_at] = max - min over the planes. */
GROUP_KERNEL void range_total(__global const float *restrict part, __global float *restrict range,
                          int range_at, int planes)
{
    GROUP_MEMORY(1)
    float top = 0.0f, bottom = INFINITY;

    for (int i = GROUP_ITEM; i < planes; i += QTR_GROUP) {
        top = fmax(top, part[2 * i]);
        bottom = fmin(bottom, part[2 * i + 1]);
    }
    top = GROUP_MAX(top);
    bottom = GROUP_MIN(bottom);
    if (GROUP_ITEM == 0)
        range[range_at] = top - bottom;
}

/* n[k][side] of the one normal that stands for sum_b q_b unit_b n_b: z0 of a word at the first 16
 * positions, z1 at the others. */
static inline void draw_sums(floatv n[4][2], uint counter, uint conv, __global const QtrStep *restrict step)
{
    uintv words[4];

    draw_words(counter, conv, 0, step, words);
#pragma unroll
    for (int k = 0; k < 4; k++)
        normal_pair(words[k], &n[k][0], &n[k][1]);
}

/* Global (chunks * PER_CHUNK, quads, images). Where no gradient of q is wanted, outside of alpha steps, the
 * independent n_b are replaced by one normal with the variance of their sum: the same distribution of a,
 * half the draws. */
__kernel void noise_mix(__global const float *restrict u, __global float *restrict a, int channels,
                        int height, int width, int pitch, int pad,
                        __global const float *restrict mix, int mix_at, NOISE_ARGS)
{
    const int flat = height * pitch, chunks = (flat + 31) / 32;
    const int item = get_global_id(0), quad = get_global_id(1), n = get_global_id(2);
    const int chunk = item / PER_CHUNK, lane = item % PER_CHUNK * QTR_VL;
    const int here = min(4, channels - 4 * quad);
    const int quads = (channels + 3) / 4;
    const uint counter = (uint)(n * quads + quad) * (uint)flat + (uint)(chunk * 32 + lane);
#ifdef NOISE_TABLE
    const bool one_draw = false;
#else
    const bool one_draw = step->phase != QTR_PHASE_ALPHA;
#endif
    floatv sums[4][2];
    float weight = NOISE_BASE, variance = 0.0f;

    if (chunk >= chunks)
        return;
    for (int b = 0; b < NBITS; b++) {
        const float deviation = mix[mix_at + 1 + b] * units[b] * range[range_at];

        weight += mix[mix_at + 1 + b];
        variance = fma(deviation, deviation, variance);
    }
    if (one_draw)
        draw_sums(sums, counter, conv_id, step);
    for (int side = 0; side < 2; side++) {
        const int pos = chunk * 32 + side * 16 + lane;
        Draws draws;

        if (pos >= flat)
            break;
#ifndef NOISE_TABLE
        if (!one_draw)
            draw_quad(&draws, counter + side * 16, conv_id, step);
#endif

        const intv ok = inside(pos, width, pitch, flat);

#pragma unroll
        for (int k = 0; k < 4; k++)
            if (k < here) {
                const int plane = n * channels + 4 * quad + k;
                const size_t at =
                    QTR_LEAD + (size_t)plane * ((height + 2 * pad) * pitch) + pad * pitch + pos;
                const floatv up = relu(vloadv(u + at));
                floatv sum = weight * up;

                if (one_draw)
                    sum = fma((floatv)(0.5f * sqrt(variance)), sums[k][side], sum);
                else
                    for (int b = 0; b < NBITS; b++)
                        sum = fma((floatv)(mix[mix_at + 1 + b] * units[b] * range[range_at]),
                                  HALF_NORMAL(draws, b, k, plane, pos), sum);
                vstorev(select((floatv)(0.0f), sum, ok), a + at);
            }
    }
}
