/* wgrad: weight gradient of conv in two stages of fixed order.
 *
 *   dw[o, c, ky, kx] = sum over n, p of dy[n, o, p] * a[n, c, p + (ky - KH/2)*pitch + kx - KW/2]
 *
 * Vectors run over flat pixels; the zero columns of both operands make row ends harmless. KYT > 1
 * kernel rows are reached by shifting dy (ROWS_OF_DY, fewer unaligned loads where KW > 1) or a.
 * Item of wgrad: OT output x CT input channels x KYT x KW taps of image n; global
 * ((CIN/G / CT) * (KH / KYT), G * blocks, N), partial sums to
 * part[n][G * blocks][(CIN/G / CT) * (KH / KYT)][TAPS]. wgrad_sum adds the N partials in order.
 * With COMPONENTS, a and dy are components of strips of rows (winograd.cl), KH is 1, and wgrad_sum turns
 * them into the gradient of a kernel of several rows.
 * Numeric contract: a lane sums every QTR_VL-th pixel by fma, lanes are added as a tree, images in
 * order. With
 * COMPONENTS that holds of each component, over the rows of all images at hand, whose number follows from the
 * device's cache; then components in order. */
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
#define GROUPS16 ((TAPS + 15) / 16)

#if QTR_VL == 16
/* Lane j of the result is the sum of the lanes of v[j]: a transposing tree. */
static inline float16 lane_sums16(const float16 *v)
{
    float16 a[8], b[4], c[2];

#pragma unroll
    for (int i = 0; i < 8; i++)
        a[i] = (float16)(v[i].lo, v[i + 8].lo) + (float16)(v[i].hi, v[i + 8].hi);
#pragma unroll
    for (int i = 0; i < 4; i++)
        b[i] = (float16)(a[i].lo.lo, a[i + 4].lo.lo, a[i].hi.lo, a[i + 4].hi.lo) +
               (float16)(a[i].lo.hi, a[i + 4].lo.hi, a[i].hi.hi, a[i + 4].hi.hi);
#pragma unroll
    for (int i = 0; i < 2; i++)
        c[i] = (float16)(b[i].s01, b[i + 2].s01, b[i].s45, b[i + 2].s45, b[i].s89, b[i + 2].s89,
                         b[i].scd, b[i + 2].scd) +
               (float16)(b[i].s23, b[i + 2].s23, b[i].s67, b[i + 2].s67, b[i].sab, b[i + 2].sab,
                         b[i].sef, b[i + 2].sef);
    return (float16)(c[0].s0, c[1].s0, c[0].s2, c[1].s2, c[0].s4, c[1].s4, c[0].s6, c[1].s6,
                     c[0].s8, c[1].s8, c[0].sa, c[1].sa, c[0].sc, c[1].sc, c[0].se, c[1].se) +
           (float16)(c[0].s1, c[1].s1, c[0].s3, c[1].s3, c[0].s5, c[1].s5, c[0].s7, c[1].s7,
                     c[0].s9, c[1].s9, c[0].sb, c[1].sb, c[0].sd, c[1].sd, c[0].sf, c[1].sf);
}
#endif

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
wgrad(__global const float *restrict a, __global const float *restrict dy,
      __global float *restrict part, int part_at, int height, int width, int pitch, int pad)
{
    (void)width;
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

#if QTR_VL == 16
#pragma unroll
    for (int i = 0; i < GROUPS16; i++)
        vstore16(lane_sums16(acc + 16 * i), 0, out + 16 * i);
#else
    for (int i = 0; i < TAPS; i++)
        out[i] = lane_sum(acc[i]);
#endif
}

#ifdef COMPONENTS
#include "winograd-points.cl"

/* Item: 16 sums of every component; global (G * blocks * COLUMNS * GROUPS16); `images`: sums of each component. */
__kernel void wgrad_sum(__global const float *restrict part, int part_at,
                        __global float *restrict dw, int dw_at, int images)
{
    const int tile = get_global_id(0) / GROUPS16, first = get_global_id(0) % GROUPS16 * 16;
    const int tiles = G * BLOCKS * COLUMNS;
    float16 kernel_sums[KERNEL];
    float sums[KERNEL][16];

    if (tile >= tiles)
        return;

    for (int k = 0; k < KERNEL; k++)
        kernel_sums[k] = (float16)(0.0f);
    for (int t = 0; t < COMPONENTS; t++) {
        __global const float *p = part + part_at + (size_t)(t * tiles + tile) * (GROUPS16 * 16) + first;
        float16 sum = vload16(0, p);

        for (int n = 1; n < images; n++)
            sum += vload16(0, p + (size_t)n * COMPONENTS * tiles * (GROUPS16 * 16));
        for (int k = 0; k < KERNEL; k++) {
            float column[8];

            vstore8(winograd_column(KERNEL, k), 0, column);
            kernel_sums[k] = fma((float16)(column[t]), sum, kernel_sums[k]);
        }
    }
    for (int k = 0; k < KERNEL; k++)
        vstore16(kernel_sums[k], 0, sums[k]);

    const int c0 = tile % COLUMNS * CT;
    const int group = tile / COLUMNS / BLOCKS;
    const int block = tile / COLUMNS % BLOCKS;

    for (int i = 0; i < 16 && first + i < TAPS; i++) {
        const int c = (first + i) / KW % CT, o = block * OT + (first + i) / (KW * CT);

        for (int k = 0; k < KERNEL && o < COUTG; k++)
            dw[dw_at + ((size_t)(group * COUTG + o) * CING + c0 + c) * (KERNEL * KW) + k * KW +
               (first + i) % KW] = sums[k][i];
    }
}
#else
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
#endif
