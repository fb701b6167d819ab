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
 * With ACT and MODULATE, where nobody needs y itself, or with KEEP and MASK too, what follows is stored
 * (conv-end.cl). */
#include "common.cl"
#include "conv-shape.cl"

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
#ifdef BLOCKS_FIRST
#define TILES 1
#define BLOCK 0
#else
#define TILES 0
#define BLOCK 1
#endif
#include "conv-store.cl"

/* With ROWS: rows below the image's last are computed and read no further than its padding. */
#if ROWS > 1
#define LAST (height - 1 + KH / 2 + KH / 2 - at.row)
#else
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
        /* What the tile below will read: the one beside is too near, and rows end. */
#pragma unroll
        for (int i = ROWS + KH - 1; i < 2 * ROWS + KH - 1; i++)
#pragma unroll
            for (int v = 0; v < VT; v++)
                QTR_PREFETCH(xp + i * pitch + v * QTR_VL + KW / 2, 0);
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

__kernel __attribute__((reqd_work_group_size(LX, 1, 1))) void
conv(CONV_ARGS)
{
    const int plane = (x_height + 2 * pad) * pitch;
    const int lane = get_global_id(TILES);
    floatv acc[OT * ROWS][VT];
    Place at;

    at.n = get_global_id(2);
    at.group = get_global_id(BLOCK) / BLOCKS;
    at.block = get_global_id(BLOCK) % BLOCKS;
#if ROWS > 1
    const int across = (pitch / QTR_VL + VT - 1) / VT;

    at.row = lane / across * ROWS;
    at.column = lane % across * (VT * QTR_VL);
    at.first = at.row * pitch + at.column;
#else
    at.row = at.column = 0;
    at.first = ((lane / LX) * (VT * LX) + lane % LX) * QTR_VL;
#endif
    ask_for(at, CONV_VALUES);
    sum_taps(acc,
             x + QTR_LEAD + (size_t)(at.n * CIN + at.group * CING) * plane + (pad - KH / 2 - x_first) * pitch +
                 at.first - KW / 2,
             packed + packed_at + (size_t)(at.group * BLOCKS + at.block) * (CING * KH * KW * OT), plane,
             pitch, LAST, at.block == 0);

#ifdef DOTS
    floatv dot_sums[NBITS];
    const size_t item =
        ((size_t)at.n * get_global_size(BLOCK) + get_global_id(BLOCK)) * get_global_size(TILES) + lane;

    for (int b = 0; b < NBITS; b++)
        dot_sums[b] = (floatv)(0.0f);
    put_away(acc, dot_sums, at, CONV_VALUES);
    for (int b = 0; b < NBITS; b++)
        dots[dots_at + item * NBITS + b] = lane_sum(dot_sums[b]);
#else
    put_away(acc, 0, at, CONV_VALUES);
#endif
}
