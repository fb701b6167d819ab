/* The rows of conv-pair-shape.cl. Before this comes what becomes of sums:
 *
 *   put_between(sum, ok, to, channel, at BETWEEN_VALUES): a vector of a channel of m's row `to`, from its number `at`
 *       on; lanes that are not ok are outside the image
 *   put_sum(sum, y, there, accumulate END_VALUES): y[there] (+)= .. of a vector that is zero outside the image
 *
 * Numeric contract: each sum is one chain of fma over c, kx, ky, whatever the tile and however items overlap. */
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

/* A row of m, of which the first column is `column`, from x's first channel at that pixel's first tap. */
static inline void make_row(__local float *restrict to, __global const float *restrict xp,
                            __global const float *restrict packed, int column, int width, int plane, int pitch
                            BETWEEN_ARGS)
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

                sum_first(acc, xp + (size_t)group * IN1 * plane + at,
                          packed + (group * BLOCKS1 + block) * (IN1 * KH1 * KW1 * OT1), plane, pitch);
#pragma unroll
                for (int o = 0; o < OT1; o++)
                    if (o < MID1 - block * OT1)
#pragma unroll
                        for (int v = 0; v < VT1; v++)
                            put_between(acc[o][v], ok[v], to, group * MID1 + block * OT1 + o, at + v * QTR_VL
                                        BETWEEN_VALUES);
            }
        }
}

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

/* ROWS rows of y, of which the first begins at y[first], from m. */
static inline void make_rows(__global float *restrict y, size_t first, __local const float *restrict ring,
                             const int from[RING], __global const float *restrict packed, int column, int width,
                             int rows, size_t plane, int pitch, int accumulate END_ARGS)
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
                        put_sum(select((floatv)(0.0f), acc[o * ROWS + r][v], (intv)(here + QTR_LANES < width)), y,
                                there, accumulate END_VALUES);
                }
            }
}

/* A row of m beyond the image. */
static inline void clear_row(__local float *to)
{
    for (int i = 0; i < SLOT; i += QTR_VL)
        vstorev((floatv)(0.0f), to + i);
}

/* from[i] = where row i - KH2 / 2 after `row` stands in the ring. */
static inline void find_rows(int from[RING], int row)
{
#pragma unroll
    for (int i = 0; i < RING; i++)
        from[i] = (row - KH2 / 2 + i + RING) % RING * SLOT;
}
