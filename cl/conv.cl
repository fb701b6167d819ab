/* conv: convolution, stride 1, zero padding that keeps the size; also the data gradient, which is
 * the same sum over flipped and transposed weights.
 *
 *   y[n, o, p] (+)= sum over c, ky, kx of w[o, c, ky, kx] * x[n, c, p + (ky - KH/2)*pitch + kx - KW/2]
 *
 * Layout: planes as in common.cl. Weights are packed as [COUT/OT blocks][CIN/G][KH][KW][OT].
 * Item: (OT output channels) x (VT vectors of flat pixels); global (tiles * LX, G * blocks, N).
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
    const int first = ((lane / LX) * (VT * LX) + lane % LX) * QTR_VL;
    const int group = get_global_id(1) / BLOCKS;
    const int block = get_global_id(1) % BLOCKS;
    const int n = get_global_id(2);
    const int channels = min(OT, COUTG - block * OT);
    floatv acc[OT][VT];

#pragma unroll
    for (int o = 0; o < OT; o++)
#pragma unroll
        for (int v = 0; v < VT; v++)
            acc[o][v] = (floatv)(0.0f);

    __global const float *xp = x + QTR_LEAD + (size_t)(n * CIN + group * CING) * plane +
                               (pad - KH / 2) * pitch + first - KW / 2;
    __global const float *wp =
        packed + packed_at + (size_t)(group * BLOCKS + block) * (CING * KH * KW * OT);

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
                        acc[o][v] = fma(xv[v], w, acc[o][v]);
                }
            }

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
    for (int v = 0; v < VT; v++) {
        const int pos = first + v * (LX * QTR_VL);

        if (pos < flat) {
            const intv ok = inside(pos, width, pitch, flat);

#pragma unroll
            for (int o = 0; o < OT; o++)
                if (o < channels) {
                    __global float *yp = y + out + (size_t)o * plane + v * (LX * QTR_VL);
                    floatv value = select((floatv)(0.0f), acc[o][v], ok);

#ifdef BACK
                    const floatv uv = vloadv(u + out + (size_t)o * plane + v * (LX * QTR_VL));

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
