/* conv: convolution, stride 1, zero padding that keeps the size; also the data gradient, which is
 * the same sum over flipped and transposed weights.
 *
 *   y[n, o, p] (+)= sum over c, ky, kx of w[o, c, ky, kx] * x[n, c, p + (ky - KH/2)*pitch + kx - KW/2]
 *
 * Layout: planes as in common.cl. Weights are packed as [COUT/OT blocks][CIN/G][KW][KH][OT].
 * Item: (OT output channels) x (VT vectors of flat pixels); global (tiles * LX, G * blocks, N), with
 * BLOCKS_FIRST (G * blocks, tiles, N): all blocks of a tile one after another, so that images larger
 * than a core's cache are read from it once and not once a block. With
 * ROWS > 1, for one output channel and pitches that are multiples of QTR_VL: ROWS rows x VT vectors
 * of columns; global (tiles of columns * tiles of rows, ..). An input row then serves several
 * output rows from registers.
 * Numeric contract: each output is one chain of fma over c, kx, ky in this order, whatever the tile,
 * so results do not depend on OT, VT, ROWS, LX, QTR_VL or the image's size.
 *
 * With BACK the sum is the gradient of a mixed activation A = sum_b q_b act_b(u) and is turned into
 * that of u on the way out: dx (+)= acc * sum_b q_b [0 <= u <= clip_b] (or, with NOISE,
 * acc * f [u > 0]); with DOTS each item also leaves sum of acc * act_b(u) (with NOISE, of acc times
 * the noisy copy), b < NBITS, its share of the gradient of q_b.
 *
 * With ACT, where nobody needs y itself, y = sum_b q_b act_b((y +) acc), what the next convolution reads. */
#include "common.cl"
#include "conv-shape.cl"
#include "conv-args.cl"

#ifndef OT
#define OT 6
#endif
#ifndef VT
#define VT 3
#endif
#ifndef ROWS
#define ROWS 1
#endif
#ifndef LX
#define LX 1
#endif
#define CHANNELS (G * COUTG)
#ifdef BLOCKS_FIRST
#define TILES 1
#define BLOCK 0
#else
#define TILES 0
#define BLOCK 1
#endif
#include "activation.cl"
#if defined(DOTS) && defined(NOISE)
#include "noise.cl"
/* Channel of its quad that an item's first channel is. */
#if OT % 4 == 0 && (G == 1 || COUTG % 4 == 0)
#define FIRST_OF_QUAD 0
#else
#define FIRST_OF_QUAD ((group * COUTG + block * OT) % 4)
#endif
#endif

#ifdef DOTS
#define VECTORS_AT_ONCE 1
#define SUM(o, i) stored[i][o]
#else
#define VECTORS_AT_ONCE (ROWS * VT)
#define SUM(o, i) acc[(o)*ROWS + (i) / VT][(i) % VT]
#endif

/* With ROWS: rows below the image's last are computed, not stored, and read no further than its padding. */
#if ROWS > 1
#define HERE(r, v) (row + (r) < height && column + (v)*QTR_VL < pitch)
#define LAST (height - 1 + KH / 2 + KH / 2 - row)
#else
#define HERE(r, v) (pos < flat)
#define LAST 0
#endif

/* The sums of one item; with ROWS no input row beyond `last` is read. */
static inline void sum_taps(floatv acc[OT * ROWS][VT], __global const float *restrict xp,
                            __global const float *restrict wp, int plane, int pitch, int last, bool fresh)
{
#pragma unroll
    for (int o = 0; o < OT * ROWS; o++)
#pragma unroll
        for (int v = 0; v < VT; v++)
            acc[o][v] = (floatv)(0.0f);
#if ROWS > 1
    for (int c = 0; c < CING; c++, xp += plane) {
#pragma unroll
        for (int i = 0; i < ROWS + KH - 1; i++)
#pragma unroll
            for (int v = 0; v < VT; v++)
                QTR_PREFETCH(xp + min(i, last) * pitch + (VT + v) * QTR_VL + KW / 2, 0);
        for (int kx = 0; kx < KW; kx++, wp += KH) {
            floatv w[KH];

#pragma unroll
            for (int ky = 0; ky < KH; ky++)
                w[ky] = (floatv)(wp[ky]);
#pragma unroll
            for (int i = 0; i < ROWS + KH - 1; i++) {
                floatv xv[VT];

#pragma unroll
                for (int v = 0; v < VT; v++)
                    xv[v] = vloadv(xp + min(i, last) * pitch + kx + v * QTR_VL);
#pragma unroll
                for (int r = 0; r < ROWS; r++)
                    if (i >= r && i - r < KH)
#pragma unroll
                        for (int v = 0; v < VT; v++)
                            acc[r][v] = fma(xv[v], w[i - r], acc[r][v]);
            }
        }
    }
#else
    for (int c = 0; c < CING; c++, xp += plane) {
        if (fresh)
#pragma unroll
            for (int v = 0; v < VT; v++)
                QTR_PREFETCH(xp + (KH - 1) * pitch + (VT + v) * (LX * QTR_VL), 0);
#if KH == 1
#pragma unroll
#endif
        for (int kx = 0; kx < KW; kx++)
#pragma unroll
            for (int ky = 0; ky < KH; ky++, wp += OT) {
                floatv xv[VT];

#pragma unroll
                for (int v = 0; v < VT; v++)
                    xv[v] = vloadv(xp + ky * pitch + kx + v * (LX * QTR_VL));
#pragma unroll
                for (int o = 0; o < OT; o++) {
                    const floatv w = (floatv)(wp[o]);

#pragma unroll
                    for (int v = 0; v < VT; v++)
                        acc[o][v] = fma(xv[v], w, acc[o][v]);
                }
            }
    }
#endif
}

#ifdef DOTS
/* What is done with these sums is long: one copy of it for all vectors, which come from memory. */
static inline void put_down(floatv stored[ROWS * VT][OT], floatv acc[OT * ROWS][VT])
{
#pragma unroll
    for (int i = 0; i < ROWS * VT * OT; i++)
        stored[i / OT][i % OT] = acc[i % OT * ROWS + i / OT / VT][i / OT % VT];
}
#endif

__kernel __attribute__((reqd_work_group_size(LX, 1, 1))) void
conv(CONV_ARGS)
{
    const int flat = height * pitch;
    const int plane = (height + 2 * pad) * pitch;
    const int lane = get_global_id(TILES);
    const int group = get_global_id(BLOCK) / BLOCKS;
    const int block = get_global_id(BLOCK) % BLOCKS;
    const int n = get_global_id(2);
    const int channels = min(OT, COUTG - block * OT);
#if ROWS > 1
    const int across = (pitch / QTR_VL + VT - 1) / VT;
    const int row = lane / across * ROWS, column = lane % across * (VT * QTR_VL);
    const int first = row * pitch + column;
#else
    const int first = ((lane / LX) * (VT * LX) + lane % LX) * QTR_VL;
#endif
    const size_t out = QTR_LEAD + (size_t)(n * COUT + group * COUTG + block * OT) * plane +
                       (size_t)pad * pitch + first;
    floatv acc[OT * ROWS][VT];

#pragma unroll
    for (int o = 0; o < OT; o++)
#pragma unroll
        for (int i = 0; i < ROWS * VT; i++)
            if (o < channels) {
                QTR_PREFETCH(y + out + (size_t)o * plane + i / VT * pitch + i % VT * (LX * QTR_VL), 1);
#ifdef BACK
                QTR_PREFETCH(u + out + (size_t)o * plane + i / VT * pitch + i % VT * (LX * QTR_VL), 0);
#endif
            }
    sum_taps(acc,
             x + QTR_LEAD + (size_t)(n * CIN + group * CING) * plane + (pad - KH / 2) * pitch +
                 first - KW / 2,
             packed + packed_at + (size_t)(group * BLOCKS + block) * (CING * KH * KW * OT), plane,
             pitch, LAST, block == 0);

#ifdef BACK
    float q[NBITS];
    floatv sums[NBITS];
    for (int b = 0; b < NBITS; b++) {
        q[b] = mix[mix_at + 1 + b];
        sums[b] = (floatv)(0.0f);
    }
#endif
#ifdef DOTS
    floatv stored[ROWS * VT][OT];
    put_down(stored, acc);
#endif
#pragma unroll VECTORS_AT_ONCE
    for (int i = 0; i < ROWS * VT; i++) {
        const int r = i / VT, v = i % VT, at = r * pitch + v * (LX * QTR_VL);
        const int pos = first + at;
        if (HERE(r, v)) {
            const intv ok = inside(pos, width, pitch, flat);
#if defined(DOTS) && defined(NOISE)
            Draws draws;
#endif
#pragma unroll
            for (int o = 0; o < OT; o++)
                if (o < channels) {
                    __global float *yp = y + out + (size_t)o * plane + at;
                    floatv value = select((floatv)(0.0f), SUM(o, i), ok);
#ifdef BACK
                    const floatv uv = vloadv(u + out + (size_t)o * plane + at);

#if defined(DOTS) && defined(NOISE)
                    const int channel = group * COUTG + block * OT + o;
                    const int k = (FIRST_OF_QUAD + o) % 4;
#ifndef NOISE_TABLE
                    if (o == 0 || k == 0)
                        draw_quad(&draws,
                                  (uint)(n * ((CHANNELS + 3) / 4) + channel / 4) * (uint)flat +
                                      (uint)pos,
                                  conv_id, step);
#endif
                    for (int b = 0; b < NBITS; b++)
                        sums[b] = fma(value,
                                      fma((floatv)(units[b] * range[range_at]),
                                          HALF_NORMAL(draws, b, k, n * CHANNELS + channel, pos),
                                          relu(uv)),
                                      sums[b]);
#elif defined(DOTS)
                    for (int b = 0; b < NBITS; b++)
                        sums[b] = fma(value, act(uv, acts + acts_at + ACT_FIELDS * b), sums[b]);
#endif
                    value *= act_slope(uv, q, acts + acts_at);
#endif
                    if (accumulate)
                        value += vloadv(yp);
#ifdef ACT
                    value = act_mixed(value, mix, mix_at, acts, acts_at);
#endif
                    vstorev(value, yp);
                }
        }
    }
#ifdef DOTS
    const size_t item =
        ((size_t)n * get_global_size(BLOCK) + get_global_id(BLOCK)) * get_global_size(TILES) + lane;

    for (int b = 0; b < NBITS; b++)
        dots[dots_at + item * NBITS + b] = lane_sum(sums[b]);
#endif
}
