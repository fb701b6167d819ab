/* What becomes of a convolution's sums, of OT channels x ROWS rows x VT vectors, on their way to y (conv.cl):
 * through the gradient of an activation (BACK, DOTS), and as conv-end.cl says. */
#define CHANNELS (G * COUTG)
#include "activation.cl"
#if defined(DOTS) && defined(NOISE)
#include "noise.cl"
/* Channel of its quad that an item's first channel is. */
#if OT % 4 == 0 && (G == 1 || COUTG % 4 == 0)
#define FIRST_OF_QUAD 0
#else
#define FIRST_OF_QUAD ((at.group * COUTG + at.block * OT) % 4)
#endif
#endif
#include "conv-args.cl"
#include "conv-end.cl"

#ifdef DOTS
#define VECTORS_AT_ONCE 1
#define SUM(o, i) stored[i][o]
#else
#define VECTORS_AT_ONCE (ROWS * VT)
#define SUM(o, i) acc[(o)*ROWS + (i) / VT][(i) % VT]
#endif

/* Where sums belong: an image, a group, a block of its channels, and the pixel of the first one, flat and, with
 * ROWS, by row and column. Rows below the image's last are not stored. */
typedef struct {
    int n, group, block, first, row, column;
} Place;

#if ROWS > 1
#define HERE(r, v) (at.row + (r) < height && at.column + (v)*QTR_VL < pitch)
#else
#define HERE(r, v) (pos < flat)
#endif
/* Floats from the first pixel of a channel to vector i. */
#define STEP_TO(i) ((i) / VT * pitch + (i) % VT * (LX * QTR_VL))

static inline size_t first_of(Place at, size_t plane, int pitch, int pad)
{
    return QTR_LEAD + (at.n * COUT + at.group * COUTG + at.block * OT) * plane + (size_t)pad * pitch + at.first;
}

#ifdef DOTS
/* What is done with these sums is long: one copy of it for all vectors, which come from memory. */
static inline void put_down(floatv stored[ROWS * VT][OT], floatv acc[OT * ROWS][VT])
{
#pragma unroll
    for (int i = 0; i < ROWS * VT * OT; i++)
        stored[i / OT][i % OT] = acc[i % OT * ROWS + i / OT / VT][i / OT % VT];
}
#endif

/* Asks for the line at `to`, floats from the beginning of y, of all that put_away will need. */
static inline void ask_for_line(size_t to, CONV_ARGS)
{
    QTR_PREFETCH(y + to, 1);
#ifdef BACK
    QTR_PREFETCH(u + to, 0);
#endif
#if defined(MODULATE) || defined(PLAIN)
    QTR_PREFETCH(skip + to, 0);
#endif
#ifdef KEEP
    QTR_PREFETCH(kept + to, 1);
#endif
}

/* Asks for the lines that put_away will need. */
static inline void ask_for(Place at, CONV_ARGS)
{
    const size_t plane = (y_height + 2 * pad) * pitch, out = first_of(at, plane, pitch, pad) - y_first * pitch;

#pragma unroll
    for (int o = 0; o < OT; o++)
#pragma unroll
        for (int i = 0; i < ROWS * VT; i++)
            if (o < COUTG - at.block * OT)
                ask_for_line(out + o * plane + STEP_TO(i), CONV_VALUES);
}

/* With DOTS adds what the sums leave of each bit width to `dot_sums`. */
static inline void put_away(floatv acc[OT * ROWS][VT], floatv *dot_sums, Place at, CONV_ARGS)
{
    const int flat = height * pitch;
    const size_t plane = (y_height + 2 * pad) * pitch, out = first_of(at, plane, pitch, pad) - y_first * pitch;
#ifdef BACK
    float q[NBITS];

    for (int b = 0; b < NBITS; b++)
        q[b] = mix[mix_at + 1 + b];
#endif
#ifdef DOTS
    floatv stored[ROWS * VT][OT];

    put_down(stored, acc);
#endif
#pragma unroll VECTORS_AT_ONCE
    for (int i = 0; i < ROWS * VT; i++) {
        const int pos = at.first + STEP_TO(i);
        if (HERE(i / VT, i % VT)) {
            const intv ok = inside(pos, width, pitch, flat);
#if defined(DOTS) && defined(NOISE)
            Draws draws;
#endif
#pragma unroll
            for (int o = 0; o < OT; o++)
                if (o < COUTG - at.block * OT) {
                    const size_t to = out + o * plane + STEP_TO(i);
                    floatv value = select((floatv)(0.0f), SUM(o, i), ok);
#ifdef BACK
#ifdef DOTS
                    const floatv uv = vloadv(u + to);
#endif

#if defined(DOTS) && defined(NOISE)
                    const int channel = at.group * COUTG + at.block * OT + o;
                    const int k = (FIRST_OF_QUAD + o) % 4;
#ifndef NOISE_TABLE
                    if (o == 0 || k == 0)
                        draw_quad(&draws,
                                  (uint)(at.n * ((CHANNELS + 3) / 4) + channel / 4) * (uint)flat +
                                      (uint)pos,
                                  conv_id, step);
#endif
                    for (int b = 0; b < NBITS; b++)
                        dot_sums[b] = fma(value,
                                          fma((floatv)(units[b] * range[range_at]),
                                              HALF_NORMAL(draws, b, k, at.n * CHANNELS + channel, pos),
                                              relu(uv)),
                                          dot_sums[b]);
#elif defined(DOTS)
                    for (int b = 0; b < NBITS; b++)
                        dot_sums[b] = fma(value, act(uv, acts + acts_at + NET_ACT_FIELDS * b), dot_sums[b]);
#endif
                    value *= SLOPE_AT(u + to, q, acts + acts_at);
#endif
                    put_sum(value, to, at.n, CONV_VALUES);
                }
        }
    }
}
