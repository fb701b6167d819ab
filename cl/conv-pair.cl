/* conv-pair: two convolutions in a row with the second one's activation between them, on CPUs. What is between them
 * is not read from a tensor:
 *
 *   m = sum_b q_b act_b(conv1(x)) within the image, 0 outside; y (+)= conv2(m)
 *
 * or, with MODULATE or PLAIN, what conv-end.cl makes of that. With KEEP, of one bit width, m is stored too, and
 * where a gradient passes its activation (common.cl, masks).
 *
 * Layout, items: conv-pair-shape.cl. x has x_height rows, from the image's row x_first on.
 * Numeric contract: the same bits as conv.cl's two launches, the first one with ACT. */
#include "common.cl"
#include "activation.cl"
#include "modulation.cl"
#include "conv-pair-shape.cl"

#define BETWEEN_ARGS                                                                               \
    , __local mask_t *restrict masks, __global const float *restrict mix, int mix_at,              \
        __global const float *restrict acts, int acts_at
#define BETWEEN_VALUES , masks, mix, mix_at, acts, acts_at
#define END_ARGS , __global const float *restrict skip, __global const float *restrict phi
#define END_VALUES , skip, phi

/* The activation; with KEEP its mask. */
static inline void put_between(floatv sum, intv ok, __local float *restrict to, int channel, int at BETWEEN_ARGS)
{
    vstorev(select((floatv)(0.0f), act_mixed(sum, mix, mix_at, acts, acts_at), ok), to + channel * ROW + at);
#ifdef KEEP
    store_mask(act_passes(sum, acts + acts_at), masks + channel * ROW + at);
#endif
}

/* What y becomes of a sum (conv-end.cl). */
static inline void put_sum(floatv value, __global float *restrict y, size_t there, int accumulate END_ARGS)
{
    if (accumulate)
        value += vloadv(y + there);
#if defined(MODULATE)
    value = modulated(value, *phi, vloadv(skip + there));
#elif defined(PLAIN)
    value += vloadv(skip + there);
#endif
    vstorev(value, y + there);
}

#include "conv-pair-sums.cl"

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
                make_row(to, xp + done * pitch, first, left, width, plane, pitch BETWEEN_VALUES);
            else
                clear_row(to);
#ifdef KEEP
            if (done >= top && done < min(height, top + DOWN)) {
                const size_t at = between + done * pitch;

                keep_row(kept + at, mask + at, to, masks, column, width, y_plane);
            }
#endif
        }
        find_rows(from, row);
        make_rows(y, out + row * pitch, ring, from, second, column, width, height - row, y_plane, pitch, accumulate,
                  skip, adm + 4 * n);
    }
}
