/* conv: convolution, stride 1, zero padding that keeps the size; also the data gradient, which is
 * the same sum over flipped and transposed weights.
 *
 *   y[n, o, p] (+)= sum over c, ky, kx of w[o, c, ky, kx] * x[n, c, p + (ky - KH/2)*pitch + kx - KW/2]
 *
 * Layout: planes as in common.cl. Weights are packed as [COUT/OT blocks][CIN/G][KH][KW][OT].
 * Item: (OT output channels) x (VT vectors of flat pixels); global (tiles * LX, G * blocks, N).
 * With RT > 1 an item has VT vectors of RT rows one below the other, so that a loaded input row
 * serves several output rows where there are few output channels; the pitch is then a multiple of
 * QTR_VL and global (row blocks * chunks of a row, G * blocks, N), LX 1.
 * Numeric contract: each output is one chain of fma over c, ky, kx in this order, whatever the tile,
 * so results do not depend on OT, VT, LX, QTR_VL or the image's size.
 *
 * With BACK the sum is the gradient of a mixed activation A = sum_b q_b act_b(u) and is turned into
 * that of u on the way out: dx (+)= acc * sum_b q_b [0 <= u <= clip_b] (or, with NOISE,
 * acc * f [u > 0]); with DOTS each item also leaves sum of acc * act_b(u), b < NBITS, its share of
 * the gradient of q_b. */
#include "common.cl"

#ifndef CIN
#define CIN 36
#endif
#ifndef COUT
#define COUT 36
#endif
#ifndef G
#define G 1
#endif
#ifndef KH
#define KH 3
#endif
#ifndef KW
#define KW 3
#endif
#ifndef OT
#define OT 6
#endif
#ifndef VT
#define VT 3
#endif
#ifndef LX
#define LX 1
#endif
#ifndef RT
#define RT 1
#endif
#define CING (CIN / G)
#define COUTG (COUT / G)
#define BLOCKS ((COUTG + OT - 1) / OT)
#include "activation.cl"

__kernel __attribute__((reqd_work_group_size(LX, 1, 1))) void
conv(__global const float *restrict x, __global const float *restrict packed,
     __global float *restrict y, int packed_at, int height, int width, int pitch, int pad,
     int accumulate
#ifdef BACK
     , __global const float *restrict u, __global const float *restrict mix, int mix_at,
     __global const float *restrict acts, int acts_at, __global float *restrict dots, int dots_at
#endif
)
{
    const int flat = height * pitch;
    const int plane = (height + 2 * pad) * pitch;
    const int lane = get_global_id(0);
#if RT > 1
    const int chunks = (pitch / QTR_VL + VT - 1) / VT;
    const int column = lane % chunks * (VT * QTR_VL);
    const int first = lane / chunks * (RT * pitch) + column;
    const int row_step = pitch;
#else
    const int first = ((lane / LX) * (VT * LX) + lane % LX) * QTR_VL;
    const int row_step = 0;
#endif
    const int group = get_global_id(1) / BLOCKS;
    const int block = get_global_id(1) % BLOCKS;
    const int n = get_global_id(2);
    const int channels = min(OT, COUTG - block * OT);
    floatv acc[RT][OT][VT];

#pragma unroll
    for (int i = 0; i < RT * OT * VT; i++)
        acc[i / (OT * VT)][i / VT % OT][i % VT] = (floatv)(0.0f);

    __global const float *xp = x + QTR_LEAD + (size_t)(n * CIN + group * CING) * plane +
                               (pad - KH / 2) * pitch + first - KW / 2;
    __global const float *wp =
        packed + packed_at + (size_t)(group * BLOCKS + block) * (CING * KH * KW * OT);

#if RT > 1
    for (int c = 0; c < CING; c++, xp += plane, wp += KH * KW * OT)
#pragma unroll
        for (int row = 0; row < RT + KH - 1; row++)
#pragma unroll
            for (int kx = 0; kx < KW; kx++)
#pragma unroll
                for (int v = 0; v < VT; v++) {
                    const floatv xv = vloadv(xp + row * pitch + kx + v * QTR_VL);

#pragma unroll
                    for (int t = 0; t < RT; t++)
#pragma unroll
                        for (int o = 0; o < OT; o++)
                            if (row - t >= 0 && row - t < KH)
                                acc[t][o][v] = fma(xv, (floatv)(wp[((row - t) * KW + kx) * OT + o]),
                                                   acc[t][o][v]);
                }
#else
    for (int c = 0; c < CING; c++, xp += plane)
        for (int ky = 0; ky < KH; ky++)
#pragma unroll
            for (int kx = 0; kx < KW; kx++, wp += OT) {
                floatv xv[VT];

#pragma unroll
                for (int v = 0; v < VT; v++)
                    xv[v] = vloadv(xp + ky * pitch + kx + v * (LX * QTR_VL));
#pragma unroll
                for (int o = 0; o < OT; o++) {
                    const floatv w = (floatv)(wp[o]);

#pragma unroll
                    for (int v = 0; v < VT; v++)
                        acc[0][o][v] = fma(xv[v], w, acc[0][o][v]);
                }
            }
#endif

    const size_t out = QTR_LEAD + (size_t)(n * COUT + group * COUTG + block * OT) * plane +
                       (size_t)pad * pitch + first;
#ifdef BACK
    float q[NBITS];
    floatv sums[NBITS];

    for (int b = 0; b < NBITS; b++) {
        q[b] = mix[mix_at + 1 + b];
        sums[b] = (floatv)(0.0f);
    }
#endif
#pragma unroll
    for (int tv = 0; tv < RT * VT; tv++) {
        const int t = tv / VT, v = tv % VT, at = t * row_step + v * (LX * QTR_VL);
        const int pos = first + at;

#if RT > 1
        if (pos < flat && column + v * QTR_VL < pitch) {
#else
        if (pos < flat) {
#endif
            const intv ok = inside(pos, width, pitch, flat);

#pragma unroll
            for (int o = 0; o < OT; o++)
                if (o < channels) {
                    __global float *yp = y + out + (size_t)o * plane + at;
                    floatv value = select((floatv)(0.0f), acc[t][o][v], ok);

#ifdef BACK
                    const floatv uv = vloadv(u + out + (size_t)o * plane + at);

#ifdef DOTS
                    for (int b = 0; b < NBITS; b++)
                        sums[b] = fma(value, act(uv, acts[acts_at + 2 * b], acts[acts_at + 2 * b + 1]),
                                      sums[b]);
#endif
                    value *= act_slope(uv, q, acts + acts_at);
#endif
                    if (accumulate)
                        value += vloadv(yp);
                    vstorev(value, yp);
                }
        }
    }
#ifdef DOTS
    const size_t item = ((size_t)n * get_global_size(1) + get_global_id(1)) * get_global_size(0) + lane;

    for (int b = 0; b < NBITS; b++)
        dots[dots_at + item * NBITS + b] = lane_sum(sums[b]);
#endif
}
