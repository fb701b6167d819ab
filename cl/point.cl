/* point: data movement, the loss, and sums of tensors. Flat kernels run over whole buffers, one
 * vector an item, as the zeros around images stay zeros. */
#include "common.cl"
#include "group.cl"

/* Dense images[N][C][H][W] -> planes; global (width, height, planes). */
__kernel void load_planes(__global const float *restrict images, __global plane_t *restrict x,
                          int height, int width, int pitch, int pad)
{
    const int c = get_global_id(0), y = get_global_id(1), plane = get_global_id(2);

    if (c < width && y < height)
        storep(images[((size_t)plane * height + y) * width + c],
               x + QTR_LEAD + ((size_t)plane * (height + 2 * pad) + pad + y) * pitch + c);
}

/* What an item of the next two has of the larger image: a row, on GPUs a pixel of it, neighbours in turn. */
#if QTR_GROUP > 1
#define SHUFFLED_ROW ((int)get_global_id(0) / (width * scale))
#define FOR_SHUFFLED(j, c)                                                                         \
    for (int i = (int)get_global_id(0) % (width * scale), j = i % scale, c = i / scale, once = 1; once; once = 0)
#else
#define SHUFFLED_ROW ((int)get_global_id(0))
#define FOR_SHUFFLED(j, c)                                                                         \
    for (int j = 0; j < scale; j++)                                                                \
        for (int c = 0; c < width; c++)
#endif

/* y[n][c][Y][X] = x[n][c*s*s + (Y%s)*s + X%s][Y/s][X/s]; global (rows or pixels of y, planes of y). */
__kernel void pixel_shuffle(__global const plane_t *restrict x, __global plane_t *restrict y, int scale,
                            int height, int width, int pitch, int pad, int pitch_out)
{
    const int row = SHUFFLED_ROW, plane = get_global_id(1);

    if (row >= height * scale)
        return;

    __global const plane_t *from =
        x + QTR_LEAD +
        (size_t)(plane * scale * scale + row % scale * scale) * ((height + 2 * pad) * pitch) +
        (size_t)(pad + row / scale) * pitch;
    __global plane_t *to =
        y + QTR_LEAD + ((size_t)plane * (height * scale + 2 * pad) + pad + row) * pitch_out;

    FOR_SHUFFLED(j, c)
        storep(loadp(from + (size_t)j * ((height + 2 * pad) * pitch) + c), to + c * scale + j);
}

/* The inverse, for gradients; global (rows or pixels of dy, planes of dy). */
__kernel void pixel_unshuffle(__global const float *restrict dy, __global float *restrict dx,
                              int scale, int height, int width, int pitch, int pad, int pitch_out)
{
    const int row = SHUFFLED_ROW, plane = get_global_id(1);

    if (row >= height * scale)
        return;

    __global float *to =
        dx + QTR_LEAD +
        (size_t)(plane * scale * scale + row % scale * scale) * ((height + 2 * pad) * pitch) +
        (size_t)(pad + row / scale) * pitch;
    __global const float *from =
        dy + QTR_LEAD + ((size_t)plane * (height * scale + 2 * pad) + pad + row) * pitch_out;

    FOR_SHUFFLED(j, c)
        to[(size_t)j * ((height + 2 * pad) * pitch) + c] = from[c * scale + j];
}

/* Mean absolute error: part[plane] and dy = sign(y - t) / count; a loop a plane. */
GROUP_KERNEL void l1_planes(__global const float *restrict y, __global const float *restrict target,
                        __global float *restrict dy, __global float *restrict part, int height,
                        int pitch, int pad, float per_count)
{
    GROUP_MEMORY(1)
    const int flat = height * pitch, plane = GROUP_ID;
    const size_t at =
        QTR_LEAD + (size_t)plane * ((height + 2 * pad) * pitch) + (size_t)pad * pitch;
    floatv sum = (floatv)(0.0f);

    for (int i = GROUP_ITEM * QTR_VL; i < flat; i += QTR_GROUP * QTR_VL) {
        const floatv d = vloadv(y + at + i) - vloadv(target + at + i);

        sum += fabs(d);
        vstorev(sign(d) * per_count, dy + at + i);
    }

    const float total = GROUP_SUM(lane_sum(sum));

    if (GROUP_ITEM == 0)
        part[plane] = total;
}

__kernel void l1_total(__global const float *restrict part, __global float *restrict results,
                       int planes, float per_count)
{
    float sum = 0.0f, lost = 0.0f;

    for (int i = 0; i < planes; i++) {
        const float v = part[i] - lost, t = sum + v;

        lost = (t - sum) - v;
        sum = t;
    }
    results[QTR_RESULT_LOSS] = sum * per_count;
}

/* y (+)= P * x: the identity primitive. */
__kernel void identity(__global const plane_t *restrict x, __global plane_t *restrict y, int vectors,
                       __global const float *restrict mix, int mix_at, int accumulate)
{
    const int i = get_global_id(0);
    const size_t at = QTR_LEAD + (size_t)i * QTR_VL;

    if (i >= vectors)
        return;

    floatv v = mix[mix_at] * vloadp(x + at);

    if (accumulate)
        v += vloadp(y + at);
    vstorep(v, y + at);
}

__kernel void add(__global const plane_t *restrict a, __global const plane_t *restrict b,
                  __global plane_t *restrict y, int vectors)
{
    const int i = get_global_id(0);
    const size_t at = QTR_LEAD + (size_t)i * QTR_VL;

    if (i < vectors)
        vstorep(vloadp(a + at) + vloadp(b + at), y + at);
}

__kernel void clear(__global plane_t *restrict y, int vectors)
{
    const int i = get_global_id(0);

    if (i < vectors)
        vstorep((floatv)(0.0f), y + QTR_LEAD + (size_t)i * QTR_VL);
}
