/* Statistics of planes (norm.cl).
 *
 * They are gathered in blocks of STAT_ROWS x STAT_COLUMNS pixels aligned to the image, one
 * (mean, M2) each, and combined in order (Chan et al. 1979): the result is the same however an
 * image is cut into tiles, as long as cuts follow the blocks. In a block there are four sums, of every
 * fourth row each.
 *   stats[(plane * block_rows + block_row) * block_columns + block_column] = (mean, M2) */
#define STAT_ROWS 32
#define STAT_COLUMNS 256

/* Where the statistics of a tensor belong: `height` x `width` pixels from (top, left) of it are
 * block (row0, column0) onwards of an image of block_rows x block_columns blocks. */
typedef struct {
    int top, left, height, width;
    int row0, column0, block_rows, block_columns;
} Region;

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

typedef struct {
    float count, mean, m2;
} Moments;

/* Adds the blocks of one plane of height x width. */
static inline void add_plane(Moments *m, __global const float *stats, int plane, int height,
                             int width)
{
    const int rows = (height + STAT_ROWS - 1) / STAT_ROWS;
    const int columns = (width + STAT_COLUMNS - 1) / STAT_COLUMNS;
    __global const float *s = stats + 2 * (size_t)plane * rows * columns;

    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++, s += 2) {
            const float count = (float)(min(STAT_ROWS, height - r * STAT_ROWS) *
                                        min(STAT_COLUMNS, width - c * STAT_COLUMNS));
            const float total = m->count + count, delta = s[0] - m->mean;

            m->mean += delta * (count / total);
            m->m2 += s[1] + delta * delta * (m->count * (count / total));
            m->count = total;
        }
}
