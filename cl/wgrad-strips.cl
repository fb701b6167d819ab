/* wgrad-strips: weight gradients of kernels of 3 or 5 rows in strips of four rows (winograd-points.cl), whose
 * components are made where they are multiplied.
 *
 *   dw[o, c, k, kx] = sum over t of G[t, k] * sum over strips and columns x of
 *                     (A dy[o])[t, x] * (B^T a[c])[t, x + kx - KW/2]
 *
 * Item of wgrad: the strips of `each` images, one after another, for a group and OUT_TILES blocks of OT of its output
 * channels; global (ceil(BLOCKS / OUT_TILES), G, images / each). Strips are taken STRIPS at a time, a range. Local
 * memory, which is a core's cache, has a range's components of dy of all those channels,
 * [COMPONENTS][OUT_TILES][STRIPS rows of PITCH in vectors][OT], and of CT input channels at a time,
 * [COMPONENTS][CT][STRIPS rows of PITCH], where the zeros at a row's end are those before the next one. Meanwhile the
 * lines are asked for that the next ones are made of, one in every turn of the innermost loop: many at once are dropped.
 * Partial sums: part[image / each][COMPONENTS][G * BLOCKS][COLUMNS][GROUPS16 * 16]. wgrad_sum adds them and puts the
 * kernel's rows together.
 * Layout: planes as in common.cl, pitches multiples of QTR_VL.
 * Numeric contract: components by the fixed expressions of winograd-points.cl; of each a lane sums every QTR_VL-th
 * column of a range by fma, lanes are added as a tree, then an item's ranges, items and components in order. Sums
 * depend on STRIPS and `each`, which follow from shape, images and device, and not on tiles and OUT_TILES. */
#include "common.cl"
#include "conv-shape.cl"
#include "winograd-points.cl"

#ifndef OT
#define OT 3
#endif
#ifndef CT
#define CT 1
#endif
#ifndef OUT_TILES
#define OUT_TILES 1
#endif
#ifndef STRIPS
#define STRIPS 1
#endif
#ifndef PITCH
#define PITCH 16
#endif
#define COLUMNS ((CING + CT - 1) / CT)
#define TAPS (OT * CT * KW)
#include "lane-sums.cl"

#define RANGE (STRIPS * PITCH) /* floats of a channel's component */
#define SIDE 16                /* zeros beside the first and the last channel */

/* `strips` strips of the images from n on, from the first one of all on. */
typedef struct {
    int n, first, strips;
    int height, image; /* an image's rows and strips */
    int pad, plane;
} Range;

/* Where strip s of the range begins in channel c of so many. */
static inline size_t strip_at(Range r, int s, int c, int channels)
{
    const int strip = r.first + s;

    return QTR_LEAD + ((size_t)(r.n + strip / r.image) * channels + c) * r.plane +
           (r.pad + strip % r.image * STRIP) * PITCH;
}

/* v[t] = components of a strip of a channel from x, that of its first row; `last` as of winograd_take. */
static inline void take_x_apart(__local float *restrict v, __global const float *restrict x, int last)
{
#pragma unroll 1
    for (int column = 0; column < PITCH; column += QTR_VL) {
        floatv components[COMPONENTS];

        winograd_take(components, x + column, PITCH, last);
#pragma unroll
        for (int t = 0; t < COMPONENTS; t++)
            vstorev(components[t], v + t * (CT * RANGE) + column);
    }
}

/* The same of CT input channels from c0 on; behind the last one it is repeated, and wgrad_sum drops it. */
static inline void take_x(__local float *restrict v, __global const float *restrict a, int c0, Range r)
{
    for (int c = 0; c < CT; c++)
        for (int s = 0; s < r.strips; s++) {
            const int row = (r.first + s) % r.image * STRIP - KERNEL / 2, last = r.height - row;
            __global const float *x = a + strip_at(r, s, min(c0 + c, CING - 1), CIN) - KERNEL / 2 * PITCH;
            __local float *to = v + c * RANGE + s * PITCH;

            /* Most strips have all their rows within the image. */
            if (last >= COMPONENTS)
                take_x_apart(to, x, COMPONENTS);
            else
                take_x_apart(to, x, last);
        }
    /* What is beside the next channel. */
    if (r.strips < STRIPS)
        for (int c = 0; c < COMPONENTS * CT; c++)
            for (int rest = r.strips * PITCH; rest < RANGE; rest += QTR_VL)
                vstorev((floatv)(0.0f), v + c * RANGE + rest);
}

static inline void take_dy_apart(__local float *restrict v, __global const float *restrict dy, int last)
{
#pragma unroll 1
    for (int column = 0; column < PITCH; column += QTR_VL) {
        floatv rows[STRIP], components[COMPONENTS];

#pragma unroll
        for (int i = 0; i < STRIP; i++)
            rows[i] = vloadv(dy + min(i, last) * PITCH + column);
        winograd_back(components, rows);
#pragma unroll
        for (int t = 0; t < COMPONENTS; t++)
            vstorev(components[t], v + t * (OUT_TILES * OT * RANGE) + column * OT);
    }
}

/* Components of dy of an item's channels, from o0 on. */
static inline void take_dy(__local float *restrict v, __global const float *restrict dy, int o0, Range r)
{
    for (int o = 0; o < OUT_TILES * OT; o++)
        for (int s = 0; s < r.strips; s++) {
            const int last = r.height - (r.first + s) % r.image * STRIP;

            take_dy_apart(v + o / OT * (RANGE * OT) + s * (PITCH * OT) + o % OT * QTR_VL,
                          dy + strip_at(r, s, min(o0 + o, COUTG - 1), COUT), last);
        }
}

/* Lines to ask for, a vector after another; share i of n of what so many channels of a range from c on are made of, or
 * `none` if there is not that much. A share is a quarter of a channel's rows. */
static inline __global const float *share_of(__global const float *x, int c, int count, int channels, Range r, int i,
                                             int n, __global const float *none)
{
    const uint quarters = count * STRIP;
    const int quarter = i * quarters / n, row = quarter % STRIP * r.strips;

    if (r.strips <= 0 || quarter == (int)((i + 1) * quarters / n))
        return none;
    return x + strip_at(r, row / STRIP, c + quarter / STRIP, channels) + row % STRIP * PITCH;
}

/* out (+)= the sums of a tile of one component over so many vectors. */
static inline void sum_tile(__global float *restrict out, __local const float *restrict x,
                            __local const float *restrict dy, int vectors, bool add, __global const float *next_x,
                            __global const float *next_dy)
{
    floatv acc[GROUPS16 * 16];

#pragma unroll
    for (int i = 0; i < GROUPS16 * 16; i++)
        acc[i] = (floatv)(0.0f);
    x -= KW / 2;
#pragma unroll 1
    for (int i = 0; i < vectors; i++, x += QTR_VL, dy += OT * QTR_VL) {
        floatv d[OT];

        QTR_PREFETCH(next_x + i * QTR_VL, 0);
        QTR_PREFETCH(next_dy + i * QTR_VL, 0);
#pragma unroll
        for (int o = 0; o < OT; o++)
            d[o] = vloadv(dy + o * QTR_VL);
#pragma unroll
        for (int k = 0; k < CT * KW; k++) {
            const floatv xv = vloadv(x + k / KW * RANGE + k % KW);

#pragma unroll
            for (int o = 0; o < OT; o++)
                acc[o * (CT * KW) + k] = fma(d[o], xv, acc[o * (CT * KW) + k]);
        }
    }
    store_sums(out, acc, add);
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
wgrad(__global const float *restrict a, __global const float *restrict dy, __global float *restrict part, int part_at,
      int height, int pad, int each, int images)
{
    __local float of_dy[COMPONENTS * OUT_TILES * OT * RANGE];
    __local float of_x[SIDE + COMPONENTS * CT * RANGE + SIDE];
    const int z = get_global_id(2), group = get_global_id(1), first_tile = get_global_id(0) * OUT_TILES;
    const int tiles = min(OUT_TILES, BLOCKS - first_tile), o0 = first_tile * OT;
    Range r;

    r.n = z * each;
    r.height = height;
    r.image = (height + STRIP - 1) / STRIP;
    r.pad = pad;
    r.plane = (height + 2 * pad) * PITCH;
    r.first = 0;
    a += (size_t)(group * CING) * r.plane;
    dy += (size_t)(group * COUTG) * r.plane;
    part += part_at +
            (((size_t)z * COMPONENTS * G + group) * BLOCKS + first_tile) * (COLUMNS * GROUPS16 * 16);
    for (int i = 0; i < SIDE; i++)
        of_x[i] = of_x[SIDE + COMPONENTS * CT * RANGE + i] = 0.0f;

    /* Behind an item's last strip those of the next images follow, which the same core may well compute. */
    const int mine = each * r.image, all = OUT_TILES < BLOCKS ? mine : (images - r.n) * r.image;

    for (r.strips = min(STRIPS, mine); r.first < mine; r.first += r.strips, r.strips = min(STRIPS, mine - r.first)) {
        Range next = r;
        int turn = 0;

        next.first += r.strips;
        next.strips = min(STRIPS, all - next.first);
        take_dy(of_dy, dy, o0, r);
        for (int c0 = 0; c0 < CING; c0 += CT) {
            const bool last = c0 + CT >= CING;

            take_x(of_x + SIDE, a, c0, r);
            /* As one loop the sums leave their registers. */
            for (int t = 0, i = 0; t < COMPONENTS; t++)
                for (int tile = 0; tile < tiles; tile++, i++, turn++)
                    sum_tile(part + (((size_t)t * (G * BLOCKS) + tile) * COLUMNS + c0 / CT) * (GROUPS16 * 16),
                             of_x + SIDE + t * (CT * RANGE), of_dy + (t * OUT_TILES + tile) * (OT * RANGE),
                             r.strips * (PITCH / QTR_VL), r.first > 0,
                             share_of(a, last ? 0 : c0 + CT, CT, CIN, last ? next : r, i, COMPONENTS * tiles, part),
                             share_of(dy, o0, tiles * OT, COUT, next, turn, COLUMNS * COMPONENTS * tiles, part));
        }
    }
}

/* Item: 16 sums of every component; global (G * BLOCKS * COLUMNS * GROUPS16); `items` along z left some. */
__kernel void wgrad_sum(__global const float *restrict part, int part_at, __global float *restrict dw, int dw_at,
                        int items)
{
    const int tile = get_global_id(0) / GROUPS16, first = get_global_id(0) % GROUPS16 * 16;
    const int tiles = G * BLOCKS * COLUMNS;
    float16 kernel_sums[KERNEL];
    float sums[KERNEL][16];

    if (tile >= tiles)
        return;

    for (int k = 0; k < KERNEL; k++)
        kernel_sums[k] = (float16)(0.0f);
    for (int t = 0; t < COMPONENTS; t++) {
        __global const float *p = part + part_at + (size_t)(t * tiles + tile) * (GROUPS16 * 16) + first;
        float16 sum = vload16(0, p);

        for (int n = 1; n < items; n++)
            sum += vload16(0, p + (size_t)n * COMPONENTS * tiles * (GROUPS16 * 16));
        for (int k = 0; k < KERNEL; k++) {
            float column[8];

            vstore8(winograd_column(KERNEL, k), 0, column);
            kernel_sums[k] = fma((float16)(column[t]), sum, kernel_sums[k]);
        }
    }
    for (int k = 0; k < KERNEL; k++)
        vstore16(kernel_sums[k], 0, sums[k]);

    const int c0 = tile % COLUMNS * CT;
    const int group = tile / COLUMNS / BLOCKS;
    const int block = tile / COLUMNS % BLOCKS;

    for (int i = 0; i < 16 && first + i < TAPS; i++) {
        const int c = c0 + (first + i) / KW % CT, o = block * OT + (first + i) / (KW * CT);

        for (int k = 0; k < KERNEL && o < COUTG && c < CING; k++)
            dw[dw_at + ((size_t)(group * COUTG + o) * CING + c) * (KERNEL * KW) + k * KW + (first + i) % KW] =
                sums[k][i];
    }
}
