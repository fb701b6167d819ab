/* conv-gpu: the convolutions and data gradients of conv.cl for GPUs, as tiles of work-groups.
 *
 * Layout, arguments and packed weights are conv.cl's, with a block of OT channels a work-group.
 * Group: OT channels x (VT * LX) quads of 4 flat pixels of one image. CT input channels at a time,
 * it brings the rows its taps reach and their weights into local memory.
 * Item (lx, part): TO of the channels x VT quads, LX quads apart; local (LX, OT/TO), global
 * (tiles * LX, G * blocks * OT/TO, N).
 * With SUBGROUPS each of 16 neighbouring items reads one of their weights, which the others get by broadcast: Intel's
 * instructions take a lane of a register as they take any operand, so no item reads a weight twice and local memory
 * is left to the rows. (On AMD a broadcast is an instruction of its own, on NVIDIA it is as dear as local memory.)
 * Numeric contract: each output is one chain of fma over c, kx, ky, as in conv.cl, to the same bits.
 * With DOTS a block of channels leaves a sum for every 64 flat pixels: of each quad as a tree, then
 * over the channels and over the 16 quads in order. So nothing depends on TO, VT, LX and CT. */
#undef QTR_VL
#define QTR_VL 4
#include "common.cl"
#include "conv-shape.cl"
#include "conv-args.cl"

#ifndef OT
#define OT 36
#endif
#ifndef TO
#define TO 12
#endif
#ifndef VT
#define VT 1
#endif
#ifndef LX
#define LX 32
#endif
#ifndef CT
#define CT 4
#endif
#define CHANNELS (G * COUTG)
#define PARTS (OT / TO)
#define ITEMS (LX * PARTS)
#define WINDOW ((KW + 6) / 4) /* quads that hold the pixels a row of taps reaches from one */
#define ROW (4 * (LX * VT + WINDOW - 1))
#include "activation.cl"
#ifdef DOTS
#define BITS_AT_ONCE (NBITS < 2 ? NBITS : 2)
#define SUMS (BITS_AT_ONCE * OT * LX)
#ifdef NOISE
#include "noise.cl"
#if TO % 4 == 0 && (G == 1 || COUTG % 4 == 0)
#define FIRST_OF_QUAD(channel) 0
#else
#define FIRST_OF_QUAD(channel) ((channel) % 4)
#endif
#endif
#else
#define SUMS 0
#endif
#include "conv-end.cl"
#ifdef SUBGROUPS
#define LANES 16 /* at least TO; LX is a multiple */
#define WEIGHTS_SPACE __global
#define STAGE (CT * KH * ROW)
#else
#define WEIGHTS_SPACE __local
#define STAGE (CT * KH * (ROW + KW * OT))
#endif
#define SHARED (STAGE > SUMS ? STAGE : SUMS)

/* Rows of `channels` input channels from the pixel `first` on, which is `left` pixels before the
 * last that an output of the image needs. */
static inline void stage_rows(__local float *rows, __global const plane_t *restrict x, int channels,
                              int plane, int pitch, int left, int item)
{
    for (int i = item; i < channels * KH * ROW; i += ITEMS) {
        const int column = i % ROW, row = i / ROW;

        rows[i] = column < left ? loadp(x + (size_t)(row / KH) * plane + row % KH * pitch + column) : 0.0f;
    }
}

/* Quad of the pixels kx after those of row[0]. */
static inline float4 shifted(__local const float4 *restrict row, int kx)
{
    const float4 a = row[kx / 4], b = row[(kx + 3) / 4];

    return kx % 4 == 0   ? a
           : kx % 4 == 1 ? (float4)(a.yzw, b.x)
           : kx % 4 == 2 ? (float4)(a.zw, b.xy)
                         : (float4)(a.w, b.xyz);
}

/* Adds the products of one input channel to the item's outputs. */
static inline void add_channel(float4 acc[TO][VT], __local const float4 *restrict rows,
                               WEIGHTS_SPACE const float *restrict w)
{
#ifdef SUBGROUPS
    const int lane = min((int)get_sub_group_local_id(), TO - 1);
#endif

#pragma unroll
    for (int kx = 0; kx < KW; kx++)
#if KH * KW <= 25
#pragma unroll
#else
#pragma unroll 1
#endif
        for (int ky = 0; ky < KH; ky++) {
            WEIGHTS_SPACE const float *tap = w + (kx * KH + ky) * OT;
            float4 pixels[VT];
#ifdef SUBGROUPS
            const float one = tap[lane];
#define WEIGHT(o) sub_group_broadcast(one, o)
#else
#define WEIGHT(o) tap[o]
#endif

#pragma unroll
            for (int v = 0; v < VT; v++)
                pixels[v] = shifted(rows + ky * (ROW / 4) + v * LX, kx);
#pragma unroll
            for (int o = 0; o < TO; o++) {
                const float weight = WEIGHT(o);

#pragma unroll
                for (int v = 0; v < VT; v++)
                    acc[o][v] = fma(pixels[v], (float4)(weight), acc[o][v]);
            }
        }
}

/* Where the quads of an item stand. */
typedef struct {
    int n, block, lx, part, item; /* image, block of all groups, place in the work-group */
    int channel0, channels;       /* the item's first, and how many of its TO are in use */
    int flat, plane, pitch, height, width;
} Place;

#ifdef DOTS
#ifdef NOISE
#define DOTS_ARGS , NOISE_ARGS
#define DOTS_VALUES , units, range, range_at, step, conv_id, table, table_at, draw_at
#else
#define DOTS_ARGS
#define DOTS_VALUES
#endif

/* The group's sums of columns of LX quads, which stand OT to a bit, as dots from `out` on. */
static inline void add_sums(__local float *sums, __global float *restrict out, int chunk, int chunks,
                            int bits, int item)
{
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = item; i < bits * LX; i += ITEMS) {
        __local float *column = sums + i / LX * (OT * LX) + i % LX;
        float sum = column[0];

        for (int o = 1; o < OT; o++)
            sum += column[o * LX];
        column[0] = sum;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = item; i < bits * (LX / QTR_GPU_CHUNK); i += ITEMS) {
        __local const float *quads = sums + i % bits * (OT * LX) + i / bits * QTR_GPU_CHUNK;
        float sum = quads[0];

        for (int k = 1; k < QTR_GPU_CHUNK; k++)
            sum += quads[k];
        if (chunk + i / bits < chunks)
            out[(chunk + i / bits) * NBITS + i % bits] = sum;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
}

/* The dots of the quads v with the activations of u, two bits at a time. */
static inline void leave_dots(float4 acc[TO][VT], int v, const Place *at, int pos, intv ok,
                              __local float *sums, __global const plane_t *restrict u,
                              __global const float *restrict acts, __global float *restrict dots
                              DOTS_ARGS)
{
    const int chunks = (at->flat + 4 * QTR_GPU_CHUNK - 1) / (4 * QTR_GPU_CHUNK);
    const int chunk = (pos / 4 - at->lx) / QTR_GPU_CHUNK;
    __local float *mine = sums + at->part * TO * LX + at->lx;

    for (int b0 = 0; b0 < NBITS; b0 += 2) {
        const int bits = min(NBITS - b0, 2);
#if defined(NOISE) && !defined(NOISE_TABLE)
        Draws draws;
#endif

#pragma unroll
        for (int o = 0; o < TO; o++) {
            const int is_output = o < at->channels && pos < at->flat;
            const floatv value = select((floatv)(0.0f), acc[o][v], ok);
            const floatv uv = is_output ? vloadp(u + (size_t)o * at->plane) : (floatv)(0.0f);
#ifdef NOISE
            const floatv up = fmax(uv, (floatv)(0.0f));
            const int k = (FIRST_OF_QUAD(at->channel0) + o) % 4;

#ifndef NOISE_TABLE
            if (o == 0 || k == 0)
                draw_quad(&draws,
                          (uint)(at->n * ((CHANNELS + 3) / 4) + (at->channel0 + o) / 4) *
                                  (uint)at->flat +
                              (uint)pos,
                          conv_id, step);
#endif
#endif
            for (int b = b0; b < b0 + bits; b++) {
#ifdef NOISE
                const int height = at->height, width = at->width, pitch = at->pitch;
                const floatv copy = fma((floatv)(units[b] * range[range_at]),
                                        HALF_NORMAL(draws, b, k, at->n * CHANNELS + at->channel0 + o, pos),
                                        up);
#else
                const floatv copy = act(uv, acts + NET_ACT_FIELDS * b);
#endif
                mine[((b - b0) * OT + o) * LX] = is_output ? lane_sum(value * copy) : 0.0f;
            }
        }
        add_sums(sums, dots + (size_t)(at->n * (G * BLOCKS) + at->block) * chunks * NBITS + b0, chunk,
                 chunks, bits, at->item);
    }
}
#endif

#ifdef SUBGROUPS
__attribute__((intel_reqd_sub_group_size(LANES)))
#endif
__kernel __attribute__((reqd_work_group_size(LX, PARTS, 1))) void
conv(CONV_ARGS)
{
    __local float4 shared[(SHARED + 3) / 4];
    __local float *rows = (__local float *)shared;
    const int flat = height * pitch;
    const int plane = (height + 2 * pad) * pitch;
    const int lx = get_local_id(0), part = get_local_id(1), item = part * LX + lx;
    const int first = get_group_id(0) * (4 * LX * VT);
    const int group = get_group_id(1) / BLOCKS;
    const int block = get_group_id(1) % BLOCKS;
    const int n = get_global_id(2);
    float4 acc[TO][VT];

#pragma unroll
    for (int o = 0; o < TO; o++)
#pragma unroll
        for (int v = 0; v < VT; v++)
            acc[o][v] = (float4)(0.0f);

    __global const plane_t *xp = x + QTR_LEAD + (size_t)(n * CIN + group * CING) * plane +
                               (pad - KH / 2) * pitch + first - KW / 2;
    __global const float *wp =
        packed + packed_at + (size_t)(group * BLOCKS + block) * (CING * KH * KW * OT);

    for (int c0 = 0; c0 < CING; c0 += CT) {
        const int channels = min(CT, CING - c0);

        stage_rows(rows, xp + (size_t)c0 * plane, channels, plane, pitch, flat - first + KW - 1, item);
#ifdef SUBGROUPS
        __global const float *weights = wp + c0 * (KH * KW * OT);
#else
        __local float *weights = rows + CT * KH * ROW;

        for (int i = item; i < channels * KH * KW * OT; i += ITEMS)
            weights[i] = wp[c0 * (KH * KW * OT) + i];
#endif
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int c = 0; c < channels; c++)
            add_channel(acc, (__local const float4 *)(rows + c * (KH * ROW)) + lx,
                        weights + c * (KH * KW * OT) + part * TO);
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    const Place at = {n, get_group_id(1), lx, part, item,
                      group * COUTG + block * OT + part * TO, COUTG - block * OT - part * TO,
                      flat, plane, pitch, height, width};
#ifdef BACK
    float q[NBITS];

    for (int b = 0; b < NBITS; b++)
        q[b] = mix[mix_at + 1 + b];
#endif
#pragma unroll
    for (int v = 0; v < VT; v++) {
        const int pos = first + (v * LX + lx) * 4;
        const intv ok = inside(pos, width, pitch, flat);
        const size_t out =
            QTR_LEAD + (size_t)(n * COUT + at.channel0) * plane + (size_t)pad * pitch + pos;

#ifdef DOTS
        leave_dots(acc, v, &at, pos, ok, rows, u + out, acts + acts_at, dots + dots_at DOTS_VALUES);
#endif
#pragma unroll
        for (int o = 0; o < TO; o++)
            if (o < at.channels && pos < flat) {
                const size_t to = out + (size_t)o * plane;
                floatv value = select((floatv)(0.0f), acc[o][v], ok);

#ifdef BACK
                value *= SLOPE_AT(u + to, q, acts + acts_at);
#endif
                put_sum(value, to, n, CONV_VALUES);
            }
    }
}
