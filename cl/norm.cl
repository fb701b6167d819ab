/* norm: batch norm and ADM (method.md 2).
 *
 * Statistics: moments.cl.
 * norm[c] = (mean, 1/sqrt(var + eps)); adm[n] = (phi, std, mean, k), k the factor of (x - mean) in
 * the gradient through std. */
#include "common.cl"
#include "group.cl"
#include "modulation.cl"
#include "moments.cl"
#include "normal.cl"

#define EPS 1e-5f
#define MOMENTUM 0.1f

/* A loop a block; global (block columns, block rows, planes), at least as many as the region has. */
GROUP_KERNEL void plane_stats(__global const plane_t *restrict x, __global float *restrict stats,
                          __global const Region *restrict region, int pitch, int plane_size,
                          int pad)
{
    GROUP_MEMORY(1)
    const int y = get_global_id(1) * NET_STAT_ROWS, c = GROUP_ID * NET_STAT_COLUMNS, plane = get_global_id(2);

    if (y >= region->height || c >= region->width)
        return;

    const size_t at =
        ((size_t)plane * region->block_rows + region->row0 + get_global_id(1)) *
            region->block_columns +
        region->column0 + GROUP_ID;

    leave_stats(stats + 2 * at,
                x + QTR_LEAD + (size_t)plane * plane_size + (size_t)(pad + region->top + y) * pitch +
                    region->left + c,
                min(NET_STAT_ROWS, region->height - y), min(NET_STAT_COLUMNS, region->width - c), pitch GROUP_VALUE);
}

/* A loop a channel: batch statistics over n, and the running ones in params. */
GROUP_KERNEL void bn_train(__global const float *restrict stats, __global float *restrict norm,
                       __global float *restrict params, int mean_at, int var_at, int images,
                       int channels, int height, int width)
{
    GROUP_MEMORY(3)
    const int c = GROUP_ID;
    Moments m;

    moments_of(&m, stats, c, channels, images, height, width GROUP_VALUE);
    if (GROUP_ITEM > 0)
        return;
    norm[2 * c] = m.mean;
    norm[2 * c + 1] = 1.0f / sqrt(m.m2 / m.count + EPS);
    params[mean_at + c] += MOMENTUM * (m.mean - params[mean_at + c]);
    params[var_at + c] += MOMENTUM * (m.m2 / fmax(m.count - 1.0f, 1.0f) - params[var_at + c]);
}

/* Global (channels): the running statistics. */
__kernel void bn_eval(__global const float *restrict params, __global float *restrict norm,
                      int mean_at, int var_at, int channels)
{
    const int c = get_global_id(0);

    if (c >= channels)
        return;
    norm[2 * c] = params[mean_at + c];
    norm[2 * c + 1] = 1.0f / sqrt(params[var_at + c] + EPS);
}

#define PLANE_ARGS int channels, int height, int width, int pitch, int pad

/* Flat vectors of planes: global (vectors, planes). */
#define PLANE_PLACE                                                                                \
    const int flat = height * pitch, pos = get_global_id(0) * QTR_VL, plane = get_global_id(1);    \
    const size_t at =                                                                              \
        QTR_LEAD + (size_t)plane * ((height + 2 * pad) * pitch) + (size_t)pad * pitch + pos;       \
    if (pos >= flat)                                                                               \
        return;                                                                                    \
    const intv ok = inside(pos, width, pitch, flat)

/* z = (x - mean_c) * inv_c * gamma_c + beta_c */
__kernel void bn_apply(__global const plane_t *restrict x, __global plane_t *restrict z,
                       NORM_ARGS, PLANE_ARGS)
{
    PLANE_PLACE;
    vstorep(select((floatv)(0.0f), NORMAL(vloadp(x + at), plane % channels), ok), z + at);
}

/* A loop an image: adm[n] from the statistics of the skip tensor. */
GROUP_KERNEL void adm_phi(__global const float *restrict stats, __global float *restrict adm,
                      __global const float *restrict params, int w_at, int b_at,
                      int channels, int height, int width)
{
    GROUP_MEMORY(3)
    const int n = GROUP_ID;
    Moments m;

    moments_of(&m, stats, n * channels, 1, channels, height, width GROUP_VALUE);
    if (GROUP_ITEM > 0)
        return;

    const float std = sqrt(m.m2 / fmax(m.count - 1.0f, 1.0f));

    adm[4 * n] = params[w_at] * std + params[b_at];
    adm[4 * n + 1] = std;
    adm[4 * n + 2] = m.mean;
    adm[4 * n + 3] = 0.0f;
}

/* y = f * phi_n + skip */
__kernel void adm_apply(__global const plane_t *restrict f, __global const plane_t *restrict skip,
                        __global plane_t *restrict y, __global const float *restrict adm, PLANE_ARGS)
{
    PLANE_PLACE;
    (void)ok;
    vstorep(modulated(vloadp(f + at), adm[4 * (plane / channels)], vloadp(skip + at)), y + at);
}

#if QTR_GROUP == 1
/* The same in blocks, whose statistics it leaves as plane_stats does. Global (block columns, block rows, planes). */
__kernel void adm_apply_stats(__global const plane_t *restrict f, __global const plane_t *restrict skip,
                              __global plane_t *restrict y, __global const float *restrict adm,
                              __global float *restrict stats, PLANE_ARGS)
{
    const int top = get_global_id(1) * NET_STAT_ROWS, left = get_global_id(0) * NET_STAT_COLUMNS, plane = get_global_id(2);
    const int rows = min(NET_STAT_ROWS, height - top), columns = min(NET_STAT_COLUMNS, width - left);
    const size_t first = QTR_LEAD + ((size_t)plane * (height + 2 * pad) + pad + top) * pitch;
    const float phi = adm[4 * (plane / channels)];
    /* The last block of a row has the zeros behind it too, in a vector that may begin early. */
    const int end = left + columns < width ? left + columns : pitch;

    for (int r = 0; r < rows; r++)
        for (int i = left; i < end; i += QTR_VL) {
            const size_t at = first + (size_t)r * pitch + min(i, end - QTR_VL);

            vstorep(modulated(vloadp(f + at), phi, vloadp(skip + at)), y + at);
        }
    leave_stats(stats + 2 * (((size_t)plane * get_global_size(1) + get_global_id(1)) * get_global_size(0) +
                             get_global_id(0)),
                y + first + left, rows, columns, pitch);
}
#endif

/* df = dy * phi_n and part[plane] = sum of dy * f; a loop a plane. */
GROUP_KERNEL void adm_back_f(__global const float *restrict dy, __global const float *restrict f,
                         __global float *restrict df, __global const float *restrict adm,
                         __global float *restrict part, PLANE_ARGS)
{
    GROUP_MEMORY(1)
    const int flat = height * pitch, plane = GROUP_ID;
    const size_t at =
        QTR_LEAD + (size_t)plane * ((height + 2 * pad) * pitch) + (size_t)pad * pitch;
    const floatv phi = (floatv)(adm[4 * (plane / channels)]);
    floatv sum = (floatv)(0.0f);

    (void)width;
    for (int i = GROUP_ITEM * QTR_VL; i < flat; i += QTR_GROUP * QTR_VL) {
        const floatv d = vloadv(dy + at + i);

        sum = fma(d, vloadv(f + at + i), sum);
        vstorev(d * phi, df + at + i);
    }

    const float total = GROUP_SUM(lane_sum(sum));

    if (GROUP_ITEM == 0)
        part[plane] = total;
}

/* A loop a plane: part[plane] = sum of a*b. */
GROUP_KERNEL void plane_dots(__global const float *restrict a, __global const float *restrict b,
                         __global float *restrict part, int part_at, int height, int pitch, int pad)
{
    GROUP_MEMORY(1)
    const int flat = height * pitch, plane = GROUP_ID;
    const size_t at =
        QTR_LEAD + (size_t)plane * ((height + 2 * pad) * pitch) + (size_t)pad * pitch;
    floatv sum = (floatv)(0.0f);

    for (int i = GROUP_ITEM * QTR_VL; i < flat; i += QTR_GROUP * QTR_VL)
        sum = fma(vloadv(a + at + i), vloadv(b + at + i), sum);

    const float total = GROUP_SUM(lane_sum(sum));

    if (GROUP_ITEM == 0)
        part[part_at + plane] = total;
}

/* One loop: gradients of phi's w and b, and k_n, from part[n * channels + c] = <dy, f>. */
GROUP_KERNEL void adm_back_phi(__global const float *restrict part, __global float *restrict adm,
                           __global const float *restrict params, __global float *restrict grads,
                           int w_at, int b_at, int images, int channels, int pixels)
{
    GROUP_MEMORY(1)
    float dw = 0.0f, db = 0.0f;

    for (int n = GROUP_ITEM; n < images; n += QTR_GROUP) {
        const float std = adm[4 * n + 1];
        float dphi = 0.0f;

        for (int c = 0; c < channels; c++)
            dphi += part[n * channels + c];
        dw += dphi * std;
        db += dphi;
        /* A constant sample has no direction in which its deviation grows. */
        adm[4 * n + 3] =
            std > 0.0f ? dphi * params[w_at] / ((float)(channels * pixels - 1) * std) : 0.0f;
    }
    dw = GROUP_SUM(dw);
    db = GROUP_SUM(db);
    if (GROUP_ITEM == 0) {
        grads[w_at] = dw;
        grads[b_at] = db;
    }
}

/* A loop a plane: part[plane] = (sum of dz, sum of dz * xhat). */
GROUP_KERNEL void bn_back_planes(__global const float *restrict dz, __global const float *restrict x,
                             __global const float *restrict norm, __global float *restrict part,
                             PLANE_ARGS)
{
    GROUP_MEMORY(1)
    const int flat = height * pitch, plane = GROUP_ID, c = plane % channels;
    const size_t at =
        QTR_LEAD + (size_t)plane * ((height + 2 * pad) * pitch) + (size_t)pad * pitch;
    floatv sum = (floatv)(0.0f), dot = (floatv)(0.0f);

    (void)width;
    for (int i = GROUP_ITEM * QTR_VL; i < flat; i += QTR_GROUP * QTR_VL) {
        const floatv d = vloadv(dz + at + i);

        sum += d;
        dot = fma(d, (vloadv(x + at + i) - norm[2 * c]) * norm[2 * c + 1], dot);
    }

    const float all = GROUP_SUM(lane_sum(sum)), dots = GROUP_SUM(lane_sum(dot));

    if (GROUP_ITEM == 0) {
        part[2 * plane] = all;
        part[2 * plane + 1] = dots;
    }
}

/* Global (channels): gradients of gamma and beta; back[c] = their shares of dx. */
__kernel void bn_back_channels(__global const float *restrict part, __global float *restrict back,
                               __global float *restrict grads, int gamma_at, int beta_at,
                               int images, int channels, int pixels)
{
    const int c = get_global_id(0);
    float sum = 0.0f, dot = 0.0f;

    if (c >= channels)
        return;
    for (int n = 0; n < images; n++) {
        sum += part[2 * (n * channels + c)];
        dot += part[2 * (n * channels + c) + 1];
    }
    grads[gamma_at + c] = dot;
    grads[beta_at + c] = sum;
    back[2 * c] = sum / (float)(images * pixels);
    back[2 * c + 1] = dot / (float)(images * pixels);
}

/* dx = dy + k_n (x - mean_n) + gamma*inv*(dz - back0 - xhat*back1) */
__kernel void adm_back_x(__global const float *restrict dy, __global const float *restrict dz,
                         __global const float *restrict x, __global float *restrict dx,
                         __global const float *restrict norm, __global const float *restrict back,
                         __global const float *restrict adm, __global const float *restrict params,
                         int gamma_at, PLANE_ARGS)
{
    PLANE_PLACE;
    const int c = plane % channels, n = plane / channels;
    const float inv = norm[2 * c + 1];
    const floatv xv = vloadv(x + at), hat = (xv - norm[2 * c]) * inv;
    const floatv through_bn =
        (params[gamma_at + c] * inv) * (vloadv(dz + at) - back[2 * c] - hat * back[2 * c + 1]);
    const floatv through_std = adm[4 * n + 3] * (xv - adm[4 * n + 2]);

    vstorev(select((floatv)(0.0f), vloadv(dy + at) + through_std + through_bn, ok), dx + at);
}
