/* conv-pair: two convolutions in a row with the second one's activation between them, on CPUs. What is between them
 * is not read from a tensor:
 *
 *   m = sum_b q_b act_b(conv1(x)) within the image, 0 outside; y (+)= conv2(m)
 *
 * or, with MODULATE or PLAIN, what conv-end.cl makes of that. With KEEP, of one bit width, m is stored too, and
 * where a gradient passes its activation (common.cl, masks).
 *
 * Layout: planes as in common.cl, pitches multiples of QTR_VL; weights as in conv.cl, of each convolution with its own
 * OT. x has x_height rows, from the image's row x_first on. The channels fall into PARTS parts that know nothing of
 * each other.
 * Item: DOWN rows x ACROSS vectors of columns of a part's channels of y; global (ceil(W / columns) * ceil(H / DOWN),
 * PARTS, N). It goes down ROWS rows of y at a time and keeps the rows of m that they need in local memory, which is
 * a core's cache, [RING rows][MIDDLE channels][ROW floats], row r of m in slot r modulo RING.
 * Numeric contract: the same bits as conv.cl's two launches, the first one with ACT: each number of m and y is one
 * chain of fma over c, kx, ky, whatever the tile and however items overlap. */
#include "common.cl"
#include "activation.cl"
#include "modulation.cl"

#ifndef CIN
#define CIN 3
#define CMID 36
#define COUT 3
#endif
#ifndef G1
#define G1 3
#define G2 3
#define PARTS 3
#endif
#ifndef KH1
#define KH1 3
#define KW1 3
#define KH2 5
#define KW2 5
#endif
#ifndef OT1
#define OT1 4
#define OT2 1
#endif
#ifndef VT1
#define VT1 5 /* vectors of m at a time */
#define VT2 3 /* of a row of y */
#endif
#ifndef ROWS
#define ROWS 4
#endif
#ifndef ACROSS
#define ACROSS 24
#define DOWN 64
#endif

#define IN1 (CIN / G1) /* channels of a group */
#define MID1 (CMID / G1)
#define MID2 (CMID / G2)
#define OUT2 (COUT / G2)
#define BLOCKS1 ((MID1 + OT1 - 1) / OT1)
#define BLOCKS2 ((OUT2 + OT2 - 1) / OT2)
#define MIDDLE (CMID / PARTS)
#define RING (ROWS + KH2 - 1)
#define HALO ((KW2 - 1 + QTR_VL - 1) / QTR_VL) /* vectors */
#define ROW ((ACROSS + HALO + VT1 - 1) / VT1 * VT1 * QTR_VL)
#define SLOT (MIDDLE * ROW)

/* The sums of OT1 channels x VT1 vectors of m, from their first tap in x. */
static inline void sum_first(floatv acc[OT1][VT1], __global const float *restrict xp, __global const float *restrict wp,
                             int plane, int pitch)
{
#pragma unroll
    for (int o = 0; o < OT1; o++)
#pragma unroll
        for (int v = 0; v < VT1; v++)
            acc[o][v] = (floatv)(0.0f);
    for (int c = 0; c < IN1; c++, xp += plane)
#if KH1 == 1 && IN1 > 1
#pragma unroll
#else
#pragma unroll 1 /* else its sums leave their registers */
#endif
        for (int kx = 0; kx < KW1; kx++)
#pragma unroll
            for (int ky = 0; ky < KH1; ky++, wp += OT1) {
                floatv xv[VT1];

#pragma unroll
                for (int v = 0; v < VT1; v++)
                    xv[v] = vloadv(xp + ky * pitch + kx + v * QTR_VL);
#pragma unroll
                for (int o = 0; o < OT1; o++) {
                    const floatv w = (floatv)(wp[o]);

#pragma unroll
                    for (int v = 0; v < VT1; v++)
                        acc[o][v] = fma(xv[v], w, acc[o][v]);
                }
            }
}

/* A row of m, of which the first column is `column`, from x's first channel at that pixel's first tap; with KEEP its
 * masks. */
static inline void make_row(__local float *restrict to, __local mask_t *restrict masks,
                            __global const float *restrict xp, __global const float *restrict packed, int column,
                            int width, int plane, int pitch, __global const float *restrict mix, int mix_at,
                            __global const float *restrict acts, int acts_at)
{
    for (int group = 0; group < G1 / PARTS; group++)
        for (int at = 0; at < ROW && column + at < width + KW2 / 2; at += VT1 * QTR_VL) {
            intv ok[VT1];

#pragma unroll
            for (int v = 0; v < VT1; v++) {
                const intv columns = column + at + v * QTR_VL + QTR_LANES;

                ok[v] = (columns >= 0) & (columns < width);
                QTR_PREFETCH(xp + (size_t)group * IN1 * plane + KH1 * pitch + at + v * QTR_VL, 0);
            }
            for (int block = 0; block < BLOCKS1; block++) {
                floatv acc[OT1][VT1];
                __local float *put = to + (group * MID1 + block * OT1) * ROW + at;

                sum_first(acc, xp + (size_t)group * IN1 * plane + at,
                          packed + (group * BLOCKS1 + block) * (IN1 * KH1 * KW1 * OT1), plane, pitch);
#pragma unroll
                for (int o = 0; o < OT1; o++)
                    if (o < MID1 - block * OT1)
#pragma unroll
                        for (int v = 0; v < VT1; v++)
                            vstorev(select((floatv)(0.0f), act_mixed(acc[o][v], mix, mix_at, acts, acts_at), ok[v]),
                                    put + o * ROW + v * QTR_VL);
#ifdef KEEP
#pragma unroll
                for (int o = 0; o < OT1; o++)
                    if (o < MID1 - block * OT1)
#pragma unroll
                        for (int v = 0; v < VT1; v++)
                            store_mask(act_passes(acc[o][v], acts + acts_at),
                                       masks + (group * MID1 + block * OT1 + o) * ROW + at + v * QTR_VL);
#endif
            }
        }
}

#ifdef KEEP
/* Stores the item's own columns of a row of m, of which the first channel's pixel at `column` belongs at m and
 * masks. */
static inline void keep_row(__global float *restrict m, __global mask_t *restrict masks,
                            __local const float *restrict row, __local const mask_t *restrict row_masks, int column,
                            int width, size_t plane)
{
    for (int c = 0; c < MIDDLE; c++)
        for (int at = 0; at < ACROSS * QTR_VL && column + at < width; at += QTR_VL) {
            const intv ok = column + at + QTR_LANES < width;

            store_past(select((floatv)(0.0f), vloadv(row + c * ROW + at + KW2 / 2), ok), m + c * plane + at);
            store_mask(load_mask(row_masks + c * ROW + at + KW2 / 2), masks + c * plane + at);
        }
}
#endif

/* The sums of OT2 channels x ROWS rows x VT2 vectors of y; row r of m's RING rows begins at ring + from[r]. */
static inline void sum_second(floatv acc[OT2 * ROWS][VT2], __local const float *restrict ring, const int from[RING],
                              __global const float *restrict wp)
{
#pragma unroll
    for (int o = 0; o < OT2 * ROWS; o++)
#pragma unroll
        for (int v = 0; v < VT2; v++)
            acc[o][v] = (floatv)(0.0f);
    for (int c = 0; c < MID2; c++, ring += ROW)
#if KH2 == 1 && MID2 > 1
#pragma unroll
#else
#pragma unroll 1
#endif
        for (int kx = 0; kx < KW2; kx++, wp += KH2 * OT2) {
#pragma unroll
            for (int i = 0; i < RING; i++) {
                floatv xv[VT2];

#pragma unroll
                for (int v = 0; v < VT2; v++)
                    xv[v] = vloadv(ring + from[i] + kx + v * QTR_VL);
#pragma unroll
                for (int r = 0; r < ROWS; r++)
                    if (i >= r && i - r < KH2)
#pragma unroll
                        for (int o = 0; o < OT2; o++) {
                            const floatv w = (floatv)(wp[(i - r) * OT2 + o]);

#pragma unroll
                            for (int v = 0; v < VT2; v++)
                                acc[o * ROWS + r][v] = fma(xv[v], w, acc[o * ROWS + r][v]);
                        }
            }
        }
}

/* What y becomes of a sum (conv-end.cl). */
static inline void put_sum(floatv value, __global float *restrict y, __global const float *restrict skip,
                           __global const float *restrict phi, int accumulate)
{
    if (accumulate)
        value += vloadv(y);
#if defined(MODULATE)
    value = modulated(value, *phi, vloadv(skip));
#elif defined(PLAIN)
    value += vloadv(skip);
#endif
    vstorev(value, y);
}

/* ROWS rows of y, of which the first begins at y[first], from m. */
static inline void make_rows(__global float *restrict y, __global const float *restrict skip,
                             __global const float *restrict phi, size_t first, __local const float *restrict ring,
                             const int from[RING], __global const float *restrict packed, int column, int width,
                             int rows, size_t plane, int pitch, int accumulate)
{
    for (int group = 0; group < G2 / PARTS; group++)
        for (int at = 0; at < ACROSS * QTR_VL && column + at < width; at += VT2 * QTR_VL)
            for (int block = 0; block < BLOCKS2; block++) {
                floatv acc[OT2 * ROWS][VT2];
                const size_t to = first + (group * OUT2 + block * OT2) * plane + at;

#pragma unroll
                for (int i = 0; i < ROWS * VT2; i++)
                    QTR_PREFETCH(y + to + i / VT2 * pitch + i % VT2 * QTR_VL, 1);
                sum_second(acc, ring + group * MID2 * ROW + at, from,
                           packed + (group * BLOCKS2 + block) * (MID2 * KH2 * KW2 * OT2));
#pragma unroll
                for (int i = 0; i < OT2 * ROWS * VT2; i++) {
                    const int o = i / (ROWS * VT2), r = i / VT2 % ROWS, v = i % VT2, here = column + at + v * QTR_VL;
                    const size_t there = to + o * plane + r * pitch + v * QTR_VL;

                    if (o < OUT2 - block * OT2 && r < rows && here < width)
                        put_sum(select((floatv)(0.0f), acc[o * ROWS + r][v], (intv)(here + QTR_LANES < width)),
                                y + there, skip + there, phi, accumulate);
                }
            }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
conv_pair(__global const float *restrict x, __global const float *restrict packed, __global float *restrict y,
          int first_at, int second_at, int height, int width, int pitch, int pad, int accumulate, int x_first,
          int x_height, __global const float *restrict mix, int mix_at, __global const float *restrict acts,
          int acts_at, __global const float *restrict skip, __global const float *restrict adm
#ifdef KEEP
          , __global float *restrict kept, __global mask_t *restrict mask
#endif
)
{
    __local float ring[RING * SLOT];
#ifdef KEEP
    __local mask_t masks[SLOT];
#else
    __local mask_t *masks = 0;
#endif
    const int part = get_global_id(1), n = get_global_id(2), across = (width + ACROSS * QTR_VL - 1) / (ACROSS * QTR_VL);
    const int column = (int)get_global_id(0) % across * (ACROSS * QTR_VL), top = (int)get_global_id(0) / across * DOWN;
    const int plane = (x_height + 2 * pad) * pitch, left = column - KW2 / 2;
    const size_t y_plane = (height + 2 * pad) * pitch;
    __global const float *xp = x + QTR_LEAD + (size_t)(n * CIN + part * (CIN / PARTS)) * plane +
                               (pad - KH1 / 2 - x_first) * pitch + left - KW1 / 2;
    const size_t out = QTR_LEAD + (n * COUT + part * (COUT / PARTS)) * y_plane + pad * pitch + column;
#ifdef KEEP
    const size_t between = QTR_LEAD + (n * CMID + part * MIDDLE) * y_plane + pad * pitch + column;
#endif
    __global const float *first = packed + first_at + part * (G1 / PARTS * BLOCKS1 * IN1 * KH1 * KW1 * OT1);
    __global const float *second = packed + second_at + part * (G2 / PARTS * BLOCKS2 * MID2 * KH2 * KW2 * OT2);
    int done = top - KH2 / 2; /* rows of m */

    for (int row = top; row < min(height, top + DOWN); row += ROWS) {
        int from[RING];

        for (; done < row + ROWS + KH2 / 2; done++) {
            __local float *to = ring + (done + RING) % RING * SLOT;

            if (done >= 0 && done < height)
                make_row(to, masks, xp + done * pitch, first, left, width, plane, pitch, mix, mix_at, acts, acts_at);
            else
                for (int i = 0; i < SLOT; i += QTR_VL)
                    vstorev((floatv)(0.0f), to + i);
#ifdef KEEP
            if (done >= top && done < min(height, top + DOWN)) {
                const size_t at = between + done * pitch;

                keep_row(kept + at, mask + at, to, masks, column, width, y_plane);
            }
#endif
        }
#pragma unroll
        for (int i = 0; i < RING; i++)
            from[i] = (row - KH2 / 2 + i + RING) % RING * SLOT;
        make_rows(y, skip, adm + 4 * n, out + row * pitch, ring, from, second, column, width, height - row, y_plane,
                  pitch, accumulate);
    }
}
