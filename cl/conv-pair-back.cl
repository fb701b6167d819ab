/* conv-pair-back: the gradients of what conv-pair.cl keeps, without a tensor between them, on CPUs:
 *
 *   du = q_0 conv2^T(dy) where the mask of m says so, 0 elsewhere
 *   dx (+)= conv1^T(du) through the activation in front of conv1
 *   part: of conv1's weight gradient from du and that activation, `a`, as wgrad.cl leaves it
 *
 * So the first convolution here (CIN, G1, ..) is conv2's data gradient, m is du, and the second is conv1's.
 * Layout, items: conv-pair-shape.cl. An item leaves its sums in part[n * items][G2 * blocks][columns][TAPS], items those
 * of a part of the channels, for wgrad_sum of wgrad.cl with as many images.
 * Numeric contract: du and dx have the same bits as from conv.cl's two launches with BACK. Sums of the weight gradient: a
 * lane sums every QTR_VL-th pixel of the item's rows by fma, row by row, lanes are added as a tree; their order depends
 * on the tile. */
#include "common.cl"
#include "activation.cl"
#include "conv-pair-shape.cl"

#ifndef WOT
#define WOT 3 /* accumulators of conv1's weight gradient: channels of m, of x, rows of the kernel */
#define WCT 1
#define WKYT 3
#endif
#define WBLOCKS ((MID2 + WOT - 1) / WOT)
#define WROWS (KH2 / WKYT)
#define WCOLUMNS (OUT2 / WCT * WROWS)
#define TILES (G2 / PARTS * WBLOCKS * WCOLUMNS) /* of an item */
#define TAPS (WOT * WCT * WKYT * KW2)
#include "lane-sums.cl"

#define BETWEEN_ARGS , __global const mask_t *restrict mask, size_t mask_plane, float q
#define BETWEEN_VALUES , mask, mask_plane, q
#define END_ARGS                                                                                   \
    , __global const known_t *restrict u, float slope, __global const float *restrict acts
#define END_VALUES , u, slope, acts

static inline void put_between(floatv sum, intv ok, __local float *restrict to, int channel, int at BETWEEN_ARGS)
{
    const intv passes = load_mask(mask + channel * mask_plane + at);

    QTR_PREFETCH(mask + channel * mask_plane + at + QTR_AHEAD, 0);
    vstorev(select((floatv)(0.0f), sum, ok) * select((floatv)(0.0f), (floatv)(q), passes), to + channel * ROW + at);
}

static inline void put_sum(floatv value, __global float *restrict y, size_t there, int accumulate END_ARGS)
{
    value *= SLOPE_AT(u + there, &slope, acts);
    if (accumulate)
        value += vloadv(y + there);
    vstorev(value, y + there);
}

#include "conv-pair-sums.cl"

/* The last vector of y in a row may reach further than what make_row made of m, from `column` on. */
static inline void end_row(__local float *restrict to, int column, int width)
{
    const int made = (width + KW2 / 2 - column + VT1 * QTR_VL - 1) / (VT1 * QTR_VL) * (VT1 * QTR_VL);

    if (made < ROW)
        for (int c = 0; c < MIDDLE; c++)
            vstorev((floatv)(0.0f), to + c * ROW + made);
}

/* Adds a tile of the weight gradient of `rows` rows x `columns` columns to its sums. du: the first channel's pixel in row
 * r stands at du[from[r]]; a: at the first tap of the first of them. */
static inline void add_tile(__local float *restrict sums, __local const float *restrict du, const int *restrict from,
                            __global const float *restrict a, int channels, int rows, int columns, int plane, int pitch)
{
    floatv acc[TAPS];

#pragma unroll
    for (int i = 0; i < TAPS; i++)
        acc[i] = vloadv(sums + i * QTR_VL);
#pragma unroll 1
    for (int r = 0; r < rows; r++)
#pragma unroll 1
        for (int at = 0; at < columns; at += QTR_VL) {
            floatv d[WOT];

#pragma unroll
            for (int o = 0; o < WOT; o++)
                d[o] = vloadv(du + from[r] + min(o, channels - 1) * ROW + at);
#pragma unroll
            for (int k = 0; k < WCT * WKYT * KW2; k++) {
                const floatv av = vloadv(a + k / (WKYT * KW2) * plane + (r + k / KW2 % WKYT) * pitch + at + k % KW2);

#pragma unroll
                for (int o = 0; o < WOT; o++)
                    acc[o * (WCT * WKYT * KW2) + k] = fma(d[o], av, acc[o * (WCT * WKYT * KW2) + k]);
            }
        }
#pragma unroll
    for (int i = 0; i < TAPS; i++)
        vstorev(acc[i], sums + i * QTR_VL);
}

/* The same of all tiles of an item. A last block that is not full repeats the last channel, which wgrad_sum drops. */
static inline void add_gradients(__local float *restrict sums, __local const float *restrict du,
                                 const int *restrict from, __global const float *restrict a, int rows, int columns,
                                 int plane, int pitch)
{
    for (int tile = 0; tile < TILES; tile++) {
        const int group = tile / (WBLOCKS * WCOLUMNS), block = tile / WCOLUMNS % WBLOCKS, column = tile % WCOLUMNS;

        add_tile(sums + tile * (TAPS * QTR_VL), du + (group * MID2 + block * WOT) * ROW, from,
                 a + (size_t)(group * OUT2 + column / WROWS * WCT) * plane + column % WROWS * WKYT * pitch,
                 MID2 - block * WOT, rows, columns, plane, pitch);
    }
}

static inline void leave_sums(__global float *restrict part, __local const float *restrict sums)
{
    for (int tile = 0; tile < TILES; tile++) {
        floatv acc[GROUPS16 * 16];

#pragma unroll
        for (int i = 0; i < GROUPS16 * 16; i++)
            acc[i] = i < TAPS ? vloadv(sums + (tile * TAPS + min(i, TAPS - 1)) * QTR_VL) : (floatv)(0.0f);
        store_sums(part + tile * (GROUPS16 * 16), acc, false);
    }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
conv_pair_back(__global const float *restrict dy, __global const float *restrict packed, __global float *restrict dx,
               int first_at, int second_at, int height, int width, int pitch, int pad, int accumulate,
               __global const mask_t *restrict masks, __global const known_t *restrict u,
               __global const float *restrict mix, int between_at, int mix_at, __global const float *restrict acts,
               int acts_at, __global const float *restrict a, __global float *restrict part)
{
    __local float ring[RING * SLOT], sums[TILES * TAPS * QTR_VL];
    const int n = get_global_id(2), index = get_global_id(1), items = get_global_size(0);
    const int across = (width + ACROSS * QTR_VL - 1) / (ACROSS * QTR_VL);
    const int column = (int)get_global_id(0) % across * (ACROSS * QTR_VL), top = (int)get_global_id(0) / across * DOWN;
    const int left = column - KW2 / 2, columns = min(width - column, ACROSS * QTR_VL);
    const int plane = (height + 2 * pad) * pitch;
    const size_t in = QTR_LEAD + (size_t)(n * CIN + index * (CIN / PARTS)) * plane + (pad - KH1 / 2) * pitch;
    const size_t middle = QTR_LEAD + (size_t)(n * CMID + index * MIDDLE) * plane + pad * pitch;
    const size_t out = QTR_LEAD + (size_t)(n * COUT + index * (COUT / PARTS)) * plane + pad * pitch;
    __global const float *first = packed + first_at + index * (G1 / PARTS * BLOCKS1 * IN1 * KH1 * KW1 * OT1);
    __global const float *second = packed + second_at + index * (G2 / PARTS * BLOCKS2 * MID2 * KH2 * KW2 * OT2);
    int done = top - KH2 / 2; /* rows of du */

    for (int i = 0; i < TILES * TAPS * QTR_VL; i += QTR_VL)
        vstorev((floatv)(0.0f), sums + i);
    for (int row = top; row < min(height, top + DOWN); row += ROWS) {
        int from[RING];

        for (; done < row + ROWS + KH2 / 2; done++) {
            __local float *to = ring + (done + RING) % RING * SLOT;

            if (done >= 0 && done < height) {
                make_row(to, dy + in + done * pitch + left - KW1 / 2, first, left, width, plane, pitch,
                         masks + middle + done * pitch + left, plane, mix[between_at + 1]);
                end_row(to, left, width);
            } else {
                clear_row(to);
            }
        }
        find_rows(from, row);
        make_rows(dx, out + row * pitch + column, ring, from, second, column, width, height - row, plane, pitch,
                  accumulate, u, mix[mix_at + 1], acts + acts_at);
        add_gradients(sums, ring + KW2 / 2, from + KH2 / 2, a + out + (row - KH2 / 2) * pitch + left,
                      min(ROWS, height - row), columns, plane, pitch);
    }
    leave_sums(part + ((size_t)(n * items + get_global_id(0)) * PARTS + index) * (TILES * GROUPS16 * 16), sums);
}
