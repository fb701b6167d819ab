/* wgrad: weight gradient of conv in two stages of fixed order.
 *
 *   dw[o, c, ky, kx] = sum over n, p of dy[n, o, p] * a[n, c, p + (ky - KH/2)*pitch + kx - KW/2]
 *
 * Vectors run over flat pixels; the zero columns of both operands make row ends harmless. KYT > 1
 * kernel rows are reached by shifting dy (ROWS_OF_DY, fewer unaligned loads where KW > 1) or a.
 * Item of wgrad: OT output x CT input channels x KYT x KW taps of image n; global
 * ((CIN/G / CT) * (KH / KYT), G * blocks, N), partial sums to
 * part[n][G * blocks][(CIN/G / CT) * (KH / KYT)][TAPS]. wgrad_sum adds the N partials in order.
 * Numeric contract: a lane sums every QTR_VL-th pixel by fma, lanes are added as a tree, images in
 * order. */
#include "common.cl"
#include "conv-shape.cl"

#ifndef OT
#define OT 3
#endif
#ifndef CT
#define CT 1
#endif
#ifndef KYT
#define KYT 3
#endif
#define COLUMNS ((CING / CT) * (KH / KYT))
#define TAPS (OT * CT * KYT * KW)
#include "lane-sums.cl"

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
wgrad(__global const float *restrict a, __global const float *restrict dy,
      __global float *restrict part, int part_at, int height, int pitch, int pad)
{
    const int flat = height * pitch;
    const int plane = (height + 2 * pad) * pitch;
    const int ky0 = get_global_id(0) % (KH / KYT) * KYT;
    const int c0 = get_global_id(0) / (KH / KYT) * CT;
    const int group = get_global_id(1) / BLOCKS;
    const int block = get_global_id(1) % BLOCKS;
    const int n = get_global_id(2);
    floatv acc[GROUPS16 * 16];

#pragma unroll
    for (int i = 0; i < GROUPS16 * 16; i++)
        acc[i] = (floatv)(0.0f);

#ifdef ROWS_OF_DY
    const int down = 0;
#else
    const int down = ky0 - KH / 2;
#endif
    __global const float *ap = a + QTR_LEAD + (size_t)(n * CIN + group * CING + c0) * plane +
                               (pad + down) * pitch - KW / 2;
    __global const float *dp =
        dy + QTR_LEAD + (size_t)(n * COUT + group * COUTG) * plane + pad * pitch;
    __global const float *rows[OT];

    /* A last block that is not full repeats the last channel; wgrad_sum drops it. */
#pragma unroll
    for (int o = 0; o < OT; o++)
        rows[o] = dp + (size_t)min(block * OT + o, COUTG - 1) * plane;

    for (int i = 0; i < flat; i += QTR_VL) {
        /* Of the side that has more planes, which are less likely to be at hand. */
#if CIN >= COUT
#pragma unroll
        for (int c = 0; c < CT; c++)
            QTR_PREFETCH(ap + (size_t)c * plane + i + QTR_AHEAD, 0);
#else
#pragma unroll
        for (int o = 0; o < OT; o++)
            QTR_PREFETCH(rows[o] + i + QTR_AHEAD, 0);
#endif
#ifdef ROWS_OF_DY
        /* The shifted a stay in registers, dy streams past. */
        floatv av[CT * KW];

#pragma unroll
        for (int k = 0; k < CT * KW; k++)
            av[k] = vloadv(ap + (size_t)(k / KW) * plane + i + k % KW);
#pragma unroll
        for (int o = 0; o < OT; o++)
#pragma unroll
            for (int ky = 0; ky < KYT; ky++) {
                const floatv d = vloadv(rows[o] + i - (ky0 + ky - KH / 2) * pitch);

#pragma unroll
                for (int k = 0; k < CT * KW; k++)
                    acc[((o * CT + k / KW) * KYT + ky) * KW + k % KW] =
                        fma(d, av[k], acc[((o * CT + k / KW) * KYT + ky) * KW + k % KW]);
            }
#else
        floatv d[OT];

#pragma unroll
        for (int o = 0; o < OT; o++)
            d[o] = vloadv(rows[o] + i);
#pragma unroll
        for (int c = 0; c < CT; c++)
#pragma unroll
            for (int k = 0; k < KYT * KW; k++) {
                const floatv av = vloadv(ap + (size_t)c * plane + i + k / KW * pitch + k % KW);

#pragma unroll
                for (int o = 0; o < OT; o++)
                    acc[(o * CT + c) * KYT * KW + k] =
                        fma(d[o], av, acc[(o * CT + c) * KYT * KW + k]);
            }
#endif
    }

    __global float *out =
        part + part_at + (((size_t)n * (G * BLOCKS) + get_global_id(1)) * COLUMNS + get_global_id(0)) * (GROUPS16 * 16);

    store_sums(out, acc, false);
}

/* Item: 16 sums; global (G * blocks * COLUMNS * GROUPS16). */
__kernel void wgrad_sum(__global const float *restrict part, int part_at,
                        __global float *restrict dw, int dw_at, int images)
{
    const int item = get_global_id(0);
    const int tile = item / GROUPS16;
    const int first = item % GROUPS16 * 16;
    const size_t stride = (size_t)(G * BLOCKS) * COLUMNS * (GROUPS16 * 16);

    if (tile >= G * BLOCKS * COLUMNS)
        return;

    __global const float *p = part + part_at + (size_t)tile * (GROUPS16 * 16) + first;
    float16 sum = vload16(0, p);

    for (int n = 1; n < images; n++)
        sum += vload16(0, p + n * stride);

    float sums[16];
    const int ky0 = tile % COLUMNS % (KH / KYT) * KYT;
    const int c0 = tile % COLUMNS / (KH / KYT) * CT;
    const int group = tile / COLUMNS / BLOCKS;
    const int block = tile / COLUMNS % BLOCKS;

    vstore16(sum, 0, sums);
    for (int i = 0; i < 16 && first + i < TAPS; i++) {
        const int k = (first + i) % (KYT * KW);
        const int c = (first + i) / (KYT * KW) % CT;
        const int o = block * OT + (first + i) / (KYT * KW * CT);

        if (o < COUTG)
            dw[dw_at + ((size_t)(group * COUTG + o) * CING + c0 + c) * (KH * KW) +
               (ky0 + k / KW) * KW + k % KW] = sums[i];
    }
}
