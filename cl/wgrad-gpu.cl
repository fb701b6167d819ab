/* wgrad-gpu: weight gradient of conv for GPUs, in two stages of fixed order.
 *
 *   dw[o, c, ky, kx] = sum over n, p of dy[n, o, p] * a[n, c, p + (ky - KH/2)*pitch + kx - KW/2]
 *
 * Group: OT output x CT input channels of one conv group, all taps, over one of SEGMENTS parts of
 * the flat pixels of one image, which pass through local memory QTR_GPU_STEP at a time.
 * Item (column, part): TO output channels x CN input channels x one kernel row; local
 * (CT/CN * KH, OT/TO), global (CING/CT groups, G * blocks groups, N * SEGMENTS).
 * First stage to part[n * SEGMENTS + segment][COUT][CING][KH][KW]; wgrad_sum adds these in order.
 * Numeric contract: a segment's sum is one chain of fma over its pixels, so nothing depends on OT,
 * TO, CT and CN. */
#undef QTR_VL
#define QTR_VL 4
#include "common.cl"
#include "conv-shape.cl"

#ifndef OT
#define OT 36
#endif
#ifndef TO
#define TO 12
#endif
#ifndef CT
#define CT 12
#endif
#ifndef CN
#define CN 1
#endif
#ifndef SEGMENTS
#define SEGMENTS 8
#endif
#define PARTS (OT / TO)
#define COLUMNS (CT / CN * KH)
#define ITEMS (COLUMNS * PARTS)
#define WEIGHTS (COUT * CING * KH * KW)
#define WINDOW ((KW + 6) / 4)
/* Neighbouring items read quads of neighbouring rows: an odd number of quads a row keeps them in
 * different banks. */
#define ROW (4 * ((QTR_GPU_STEP / 4 + WINDOW - 1) | 1))
#define ROW_DY (4 * ((QTR_GPU_STEP / 4) | 1))

/* Adds the products of 4 pixels to the item's sums. */
static inline void add_quad(float acc[TO][CN][KW], __local const float *restrict a,
                            __local const float *restrict dy)
{
    float pixels[CN][4 * WINDOW];

#pragma unroll
    for (int c = 0; c < CN; c++)
#pragma unroll
        for (int i = 0; i < WINDOW; i++) {
            const float4 quad = *(__local const float4 *)(a + c * (KH * ROW) + 4 * i);

            pixels[c][4 * i] = quad.x;
            pixels[c][4 * i + 1] = quad.y;
            pixels[c][4 * i + 2] = quad.z;
            pixels[c][4 * i + 3] = quad.w;
        }
#pragma unroll
    for (int o = 0; o < TO; o++) {
        const float4 quad = *(__local const float4 *)(dy + o * ROW_DY);
        const float d[4] = {quad.x, quad.y, quad.z, quad.w};

#pragma unroll
        for (int i = 0; i < 4; i++)
#pragma unroll
            for (int c = 0; c < CN; c++)
#pragma unroll
                for (int kx = 0; kx < KW; kx++)
                    acc[o][c][kx] = fma(d[i], pixels[c][i + kx], acc[o][c][kx]);
    }
}

__kernel __attribute__((reqd_work_group_size(COLUMNS, PARTS, 1))) void
wgrad(__global const float *restrict a, __global const float *restrict dy,
      __global float *restrict part, int height, int pitch, int pad)
{
    __local float4 rows4[CT * KH * ROW / 4], dys4[OT * ROW_DY / 4];
    __local float *rows = (__local float *)rows4, *dys = (__local float *)dys4;
    const int flat = height * pitch;
    const int plane = (height + 2 * pad) * pitch;
    const int length = (flat + SEGMENTS * QTR_GPU_STEP - 1) / (SEGMENTS * QTR_GPU_STEP) * QTR_GPU_STEP;
    const int column = get_local_id(0), my_part = get_local_id(1);
    const int item = my_part * COLUMNS + column;
    const int c0 = get_group_id(0) * CT;
    const int group = get_group_id(1) / BLOCKS, block = get_group_id(1) % BLOCKS;
    const int n = get_global_id(2) / SEGMENTS;
    const int begin = get_global_id(2) % SEGMENTS * length, end = min(flat, begin + length);
    const int outputs = min(OT, COUTG - block * OT);
    const int my_c = column / KH * CN, ky = column % KH;
    float acc[TO][CN][KW];

#pragma unroll
    for (int o = 0; o < TO; o++)
#pragma unroll
        for (int c = 0; c < CN; c++)
#pragma unroll
            for (int kx = 0; kx < KW; kx++)
                acc[o][c][kx] = 0.0f;

    __global const float *ap = a + QTR_LEAD + (size_t)(n * CIN + group * CING + c0) * plane +
                               (pad - KH / 2) * pitch - KW / 2;
    __global const float *dp =
        dy + QTR_LEAD + (size_t)(n * COUT + group * COUTG + block * OT) * plane + pad * pitch;

    for (int p = begin; p < end; p += QTR_GPU_STEP) {
        for (int i = item; i < CT * KH * ROW; i += ITEMS) {
            const int at = p + i % ROW, row = i / ROW;

            rows[i] = at < end + KW - 1
                          ? ap[(size_t)(row / KH) * plane + row % KH * pitch + at]
                          : 0.0f;
        }
        for (int i = item; i < OT * ROW_DY; i += ITEMS) {
            const int at = p + i % ROW_DY, o = i / ROW_DY;

            dys[i] = at < end && o < outputs ? dp[(size_t)o * plane + at] : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int i = 0; i < QTR_GPU_STEP; i += 4)
            add_quad(acc, rows + (my_c * KH + ky) * ROW + i, dys + my_part * (TO * ROW_DY) + i);
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    __global float *out =
        part + (size_t)get_global_id(2) * WEIGHTS +
        ((size_t)(group * COUTG + block * OT + my_part * TO) * CING + c0 + my_c) * (KH * KW) + ky * KW;

#pragma unroll
    for (int o = 0; o < TO; o++)
        if (my_part * TO + o < outputs)
#pragma unroll
            for (int c = 0; c < CN; c++)
#pragma unroll
                for (int kx = 0; kx < KW; kx++)
                    out[(o * CING + c) * (KH * KW) + kx] = acc[o][c][kx];
}

/* Item: one weight. */
__kernel void wgrad_sum(__global const float *restrict part, __global float *restrict dw, int dw_at,
                        int parts)
{
    const int i = get_global_id(0);

    if (i >= WEIGHTS)
        return;

    float sum = part[i];

    for (int k = 1; k < parts; k++)
        sum += part[(size_t)k * WEIGHTS + i];
    dw[dw_at + i] = sum;
}
