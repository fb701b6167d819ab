/* winograd: convolutions of kernels of 3 or 5 rows, in strips of four rows (winograd-points.cl), where what they
 * read and write would else take longer than their multiplications: KERNEL + 3 for four rows' KERNEL * 4.
 *
 * conv: as conv.cl, whose arguments, options and store it has. Weights are packed as
 * [COMPONENTS][G * COUTG/OT blocks][CING][KW][OT] of G w. Item: STRIPS strips of all channels of a group; global
 * (ceil(ceil(H / 4) / STRIPS), G, N). Its components stand in local memory, [COMPONENTS][CING][strips of PITCH
 * floats], and those of the sums, [COMPONENTS][OT][..]. With COLUMNS, for images of any width, an item has one strip
 * of so many columns, and a vector beside them on each side; global (ceil(H / 4) * ceil(W / COLUMNS), G, N).
 * Layout: planes as in common.cl, pitches multiples of QTR_VL.
 * Numeric contract: components by the fixed expressions of winograd-points.cl, sums of each by one chain of fma over
 * c, kx, whatever STRIPS, OT and ACROSS. */
#include "common.cl"
#include "conv-shape.cl"
#include "winograd-points.cl"

#ifndef OT
#define OT 4
#endif
#ifndef ACROSS
#define ACROSS 1 /* vectors at a time */
#endif
#ifndef STRIPS
#define STRIPS 1
#endif
/* Floats of a row that an item has, and on each side of them what its components need: those of whole rows, which
 * follow each other, need none. */
#ifdef COLUMNS
#define BESIDE QTR_VL
#define ROW_PITCH pitch
#define ITEMS_ACROSS ((width + COLUMNS - 1) / COLUMNS)
#else
#ifndef PITCH
#define PITCH 16
#endif
#define COLUMNS PITCH
#define BESIDE 0
#define ROW_PITCH PITCH
#define ITEMS_ACROSS 1
#endif
#undef LX
#define LX 1
#undef VT /* of the options, where an item's vectors are ACROSS */
#define VT 1
#define ROWS STRIP
#include "conv-store.cl"

#define TILES ((STRIPS * COLUMNS / QTR_VL + ACROSS - 1) / ACROSS)
#define SUMS (TILES * ACROSS * QTR_VL) /* floats of a channel's sums */
#define CHANNEL (BESIDE + SUMS + BESIDE)
#define SIDE 16 /* zeros beside the first and the last channel */

/* v = components of a strip of one channel from x, that of its first row; `last` as of winograd_take. */
static inline void take_strip_apart(__local float *restrict v, __global const float *restrict x, int pitch, int last)
{
    for (int column = 0; column < COLUMNS + 2 * BESIDE; column += QTR_VL) {
        floatv components[COMPONENTS];

        winograd_take(components, x + column, pitch, last);
#pragma unroll
        for (int t = 0; t < COMPONENTS; t++)
            vstorev(components[t], v + t * (CING * CHANNEL) + column);
    }
}

/* v = components of a group's channels, from x, the first pixel of its columns, and strip `first` on. */
static inline void take_all_apart(__local float *restrict v, __global const float *restrict x, int first, int height,
                                  int pitch, int plane)
{
    x -= BESIDE;
    for (int c = 0; c < CING; c++, x += plane) {
        for (int s = 0; s < STRIPS; s++) {
            const int row = (first + s) * STRIP - KERNEL / 2, last = height - row;

            /* Most strips have all their rows within the image. */
            if (last >= COMPONENTS)
                take_strip_apart(v + c * CHANNEL + s * COLUMNS, x + row * pitch, pitch, COMPONENTS);
            else
                take_strip_apart(v + c * CHANNEL + s * COLUMNS, x + row * pitch, pitch, last);
        }
        for (int t = 0; t < COMPONENTS; t++)
            for (int rest = STRIPS * COLUMNS + 2 * BESIDE; rest < CHANNEL; rest += QTR_VL)
                vstorev((floatv)(0.0f), v + (t * CING + c) * CHANNEL + rest);
    }
}

/* While sums are made, the lines are asked for that their end needs, and those the next item is made of: one of each
 * at a time, as most of many at once are dropped. The lines are of planes that follow each other, of the rows of an
 * item; every turn, of which a block has one a component and tile, has its share. */
#define LINE 16 /* floats */
#define LINES_ACROSS ((COLUMNS + LINE - 1) / LINE)
#define LINES (STRIPS * STRIP * LINES_ACROSS) /* of a plane */
#define TURNS (COMPONENTS * TILES)

/* Floats from the first row of the first plane to line i. */
static inline size_t line_at(uint i, size_t plane, int pitch)
{
    const uint line = i % LINES;

    return i / LINES * plane + line / LINES_ACROSS * pitch + line % LINES_ACROSS * LINE;
}

/* Where y's block of channels and the next item's x begin, and how far their planes are apart. */
typedef struct {
    size_t y, y_plane, x, x_plane;
    int pitch, block;
} Ahead;

static inline void ask_ahead(Ahead ahead, int turn, int i, CONV_ARGS)
{
    const uint y_line = (uint)turn * (OT * LINES) / TURNS + i, y_end = (uint)(turn + 1) * (OT * LINES) / TURNS;
    const uint x_turn = ahead.block * TURNS + turn, all = BLOCKS * TURNS;
    const uint x_line = x_turn * (CING * LINES) / all + i, x_end = (x_turn + 1) * (CING * LINES) / all;

    if (y_line < y_end)
        ask_for_line(ahead.y + line_at(y_line, ahead.y_plane, ahead.pitch), CONV_VALUES);
    if (x_line < x_end)
        QTR_PREFETCH(x + ahead.x + line_at(x_line, ahead.x_plane, ahead.pitch), 0);
}

/* m[o] = the sums of component t and a block of channels. */
static inline void sum_component(__local float *restrict m, __local const float *restrict v,
                                 __global const float *restrict weights, int t, Ahead ahead, CONV_ARGS)
{
    for (int tile = 0; tile < TILES; tile++) {
        __local const float *xp = v + BESIDE + tile * (ACROSS * QTR_VL) - KW / 2;
        __global const float *wp = weights;
        floatv acc[OT][ACROSS];

#pragma unroll
        for (int o = 0; o < OT; o++)
#pragma unroll
            for (int i = 0; i < ACROSS; i++)
                acc[o][i] = (floatv)(0.0f);
        for (int c = 0; c < CING; c++, xp += CHANNEL) {
            ask_ahead(ahead, t * TILES + tile, c, CONV_VALUES);
#pragma unroll
            for (int kx = 0; kx < KW; kx++, wp += OT) {
                floatv xv[ACROSS];

#pragma unroll
                for (int i = 0; i < ACROSS; i++)
                    xv[i] = vloadv(xp + kx + i * QTR_VL);
#pragma unroll
                for (int o = 0; o < OT; o++) {
                    const floatv w = (floatv)(wp[o]);

#pragma unroll
                    for (int i = 0; i < ACROSS; i++)
                        acc[o][i] = fma(xv[i], w, acc[o][i]);
                }
            }
        }
#pragma unroll
        for (int o = 0; o < OT; o++)
#pragma unroll
            for (int i = 0; i < ACROSS; i++)
                vstorev(acc[o][i], m + o * SUMS + (tile * ACROSS + i) * QTR_VL);
    }
}

/* The sums of one vector of four rows from those of their components. */
static inline void put_together(floatv acc[OT * ROWS][VT], __local const float *restrict m)
{
#pragma unroll
    for (int o = 0; o < OT; o++) {
        floatv parts[COMPONENTS], rows[STRIP];

#pragma unroll
        for (int t = 0; t < COMPONENTS; t++)
            parts[t] = vloadv(m + (t * OT + o) * SUMS);
        winograd_rows(rows, parts);
#pragma unroll
        for (int r = 0; r < STRIP; r++)
            acc[o * ROWS + r][0] = rows[r];
    }
}

/* Floats from the beginning of x to the first row of the item behind item `i` along the first dimension. */
static inline size_t next_of(Place at, int i, int height, int width, int pitch, int plane, int pad, int x_first_row)
{
    int row = (i + 1) / ITEMS_ACROSS * (STRIPS * STRIP), column = (i + 1) % ITEMS_ACROSS * COLUMNS;
    int first = at.n * CIN + at.group * CING;

    /* Behind an image's last one the next group's or image's first. */
    if (row >= height) {
        first += CING;
        row = column = 0;
    }
    return QTR_LEAD + (size_t)first * plane + (pad + row - x_first_row) * pitch + column;
}

/* The place of vector i of an item's strips from `at` on. */
static inline Place go_to(Place at, int i, int pitch)
{
    at.row += i / (COLUMNS / QTR_VL) * STRIP;
    at.column += i % (COLUMNS / QTR_VL) * QTR_VL;
    at.first = at.row * pitch + at.column;
    return at;
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
conv(CONV_ARGS)
{
    __local float components[SIDE + COMPONENTS * CING * CHANNEL + SIDE];
    __local float sums[COMPONENTS * OT * SUMS];
    const int first = get_global_id(0) / ITEMS_ACROSS * STRIPS, plane = (x_height + 2 * pad) * ROW_PITCH;
    const int strips = min(STRIPS, (height + STRIP - 1) / STRIP - first);
    Place at;
    Ahead ahead;
    int vectors;
#ifdef DOTS
    const size_t item = ((size_t)get_global_id(2) * G + get_global_id(1)) * get_global_size(0) + get_global_id(0);
    floatv dot_sums[NBITS];

    for (int b = 0; b < NBITS; b++)
        dot_sums[b] = (floatv)(0.0f);
#else
    floatv *dot_sums = 0;
#endif

    at.n = get_global_id(2);
    at.group = get_global_id(1);
    at.row = first * STRIP;
    at.column = get_global_id(0) % ITEMS_ACROSS * COLUMNS;
    vectors = strips * (min(COLUMNS, ROW_PITCH - at.column) / QTR_VL);
    for (int i = 0; i < SIDE; i++)
        components[i] = components[SIDE + COMPONENTS * CING * CHANNEL + i] = 0.0f;
    take_all_apart(components + SIDE,
                   x + QTR_LEAD + (size_t)(at.n * CIN + at.group * CING) * plane + (pad - x_first) * ROW_PITCH +
                       at.column,
                   first, height, ROW_PITCH, plane);
    ahead.pitch = ROW_PITCH;
    ahead.x_plane = plane;
    ahead.y_plane = (y_height + 2 * pad) * ROW_PITCH;
    ahead.x = next_of(at, get_global_id(0), height, width, ROW_PITCH, plane, pad, x_first);
    for (at.block = 0; at.block < BLOCKS; at.block++) {
        ahead.block = at.block;
        ahead.y = first_of(go_to(at, 0, ROW_PITCH), ahead.y_plane, ROW_PITCH, pad) - y_first * ROW_PITCH;
        for (int t = 0; t < COMPONENTS; t++)
            sum_component(sums + t * OT * SUMS, components + SIDE + t * CING * CHANNEL,
                          packed + packed_at +
                              (size_t)((t * G + at.group) * BLOCKS + at.block) * (CING * KW * OT),
                          t, ahead, CONV_VALUES);
        for (int i = 0; i < vectors; i++) {
            floatv acc[OT * ROWS][VT];

            put_together(acc, sums + i * QTR_VL);
            put_away(acc, dot_sums, go_to(at, i, ROW_PITCH), CONV_VALUES);
        }
    }
#ifdef DOTS
    for (int b = 0; b < NBITS; b++)
        dots[dots_at + item * NBITS + b] = lane_sum(dot_sums[b]);
#endif
}
