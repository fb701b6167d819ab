/* Statistics of planes (norm.cl).
 *
 * They are gathered in blocks of NET_STAT_ROWS x NET_STAT_COLUMNS pixels aligned to the image, one
 * (mean, M2) each, and combined in order (Chan et al. 1979): the result is the same however an
 * image is cut into tiles, as long as cuts follow the blocks. In a block there are four sums, of every
 * fourth row each; on GPUs one an item of the group, which adds blocks together too (group.cl).
 *   stats[(plane * block_rows + block_row) * block_columns + block_column] = (mean, M2) */
#include "tables.h"

/* Where the statistics of a tensor belong: `height` x `width` pixels from (top, left) of it are
 * block (row0, column0) onwards of an image of block_rows x block_columns blocks. */
typedef struct {
    int top, left, height, width;
    int row0, column0, block_rows, block_columns;
} Region;

#if QTR_GROUP > 1
/* The sum of the block that begins at p, or of the squares of its differences from mean. */
GROUP_FUNCTION float block_sum(__global const plane_t *p, int rows, int columns, int pitch, float mean,
                               bool squares GROUP_PARAM)
{
    const int across = (columns + QTR_VL - 1) / QTR_VL;
    floatv sum = (floatv)(0.0f);

    for (int i = GROUP_ITEM; i < rows * across; i += QTR_GROUP) {
        const int c = i % across * QTR_VL;
        const floatv x = vloadp(p + (size_t)(i / across) * pitch + c);
        const floatv d = select((floatv)(0.0f), x - mean, (intv)(c + QTR_LANES < columns));

        sum = squares ? fma(d, d, sum) : sum + d;
    }
    return GROUP_SUM(lane_sum(sum));
}

/* stats = (mean, M2) of the block that begins at p. */
GROUP_FUNCTION void leave_stats(__global float *stats, __global const plane_t *p, int rows, int columns,
                                int pitch GROUP_PARAM)
{
    const float mean = block_sum(p, rows, columns, pitch, 0.0f, false GROUP_VALUE) / (float)(rows * columns);
    const float m2 = block_sum(p, rows, columns, pitch, mean, true GROUP_VALUE);

    if (GROUP_ITEM == 0) {
        stats[0] = mean;
        stats[1] = m2;
    }
}
#else
#define CHAINS 4

/* Adds the block that begins at p, or the squares of its differences from mean. */
static inline void add_block(floatv sums[CHAINS], __global const plane_t *p, int rows, int columns, int pitch, float mean,
                             bool squares)
{
    for (int y = 0; y < rows; y += CHAINS)
        for (int c = 0; c < columns; c += QTR_VL) {
            const intv ok = (intv)(c + QTR_LANES < columns);

#pragma unroll
            for (int i = 0; i < CHAINS; i++)
                if (y + i < rows) {
                    const floatv x = vloadp(p + (size_t)(y + i) * pitch + c);
                    const floatv d = select((floatv)(0.0f), x - mean, ok);

                    sums[i] = squares ? fma(d, d, sums[i]) : sums[i] + d;
                }
        }
}

/* stats = (mean, M2) of the block that begins at p. */
static inline void leave_stats(__global float *stats, __global const plane_t *p, int rows, int columns, int pitch)
{
    floatv sums[CHAINS], squares[CHAINS];

#pragma unroll
    for (int i = 0; i < CHAINS; i++)
        sums[i] = squares[i] = (floatv)(0.0f);
    add_block(sums, p, rows, columns, pitch, 0.0f, false);

    const float mean = lane_sum((sums[0] + sums[1]) + (sums[2] + sums[3])) / (float)(rows * columns);

    add_block(squares, p, rows, columns, pitch, mean, true);
    stats[0] = mean;
    stats[1] = lane_sum((squares[0] + squares[1]) + (squares[2] + squares[3]));
}
#endif

typedef struct {
    float count, mean, m2;
} Moments;

static inline void add_moments(Moments *m, float count, float mean, float m2)
{
    const float total = m->count + count, delta = mean - m->mean;

    m->mean = fma(delta, count / total, m->mean);
    m->m2 += fma(delta * delta, m->count * (count / total), m2);
    m->count = total;
}

/* *m = those of all blocks of `planes` planes of height x width, which begin `apart` planes after each other, from
 * plane `first` on. In a group its first item has them. */
GROUP_FUNCTION void moments_of(Moments *m, __global const float *stats, int first, int apart, int planes, int height,
                               int width GROUP_PARAM)
{
    const int rows = (height + NET_STAT_ROWS - 1) / NET_STAT_ROWS;
    const int columns = (width + NET_STAT_COLUMNS - 1) / NET_STAT_COLUMNS, blocks = rows * columns;

    m->count = m->mean = m->m2 = 0.0f;
    for (int i = GROUP_ITEM; i < planes * blocks; i += QTR_GROUP) {
        const int block = i % blocks, r = block / columns, c = block % columns;
        __global const float *s = stats + 2 * ((size_t)(first + i / blocks * apart) * blocks + block);

        add_moments(m,
                    (float)(min(NET_STAT_ROWS, height - r * NET_STAT_ROWS) * min(NET_STAT_COLUMNS, width - c * NET_STAT_COLUMNS)),
                    s[0], s[1]);
    }
#if QTR_GROUP > 1
    __local float *mine = group_memory + GROUP_ITEM;

    for (int n = QTR_GROUP; n > 0; n /= 2) {
        if (GROUP_ITEM < n) {
            /* Of those beyond the last block there are none. */
            if (n < QTR_GROUP && mine[n] > 0.0f)
                add_moments(m, mine[n], mine[QTR_GROUP + n], mine[2 * QTR_GROUP + n]);
            mine[0] = m->count;
            mine[QTR_GROUP] = m->mean;
            mine[2 * QTR_GROUP] = m->m2;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
#endif
}
