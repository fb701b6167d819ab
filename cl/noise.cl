/* Quantization noise of activations (method.md 4): copies u+ + range*unit_b*n_b of u+ = relu(u) with
 * n_b ~ Normal(0,1)/2.
 *
 * Draws are made for four channels, a quad, at once: the Philox draw at counter
 * (image*quads + channel/4)*height*pitch + position has a word for each of them, which makes the
 * normals of bits 2j and 2j+1 in call j. So draws depend neither on QTR_VL nor on who makes them,
 * and the backward pass makes those of an alpha step again. */
#include "random.cl"

#define CALLS ((NBITS + 1) / 2)

typedef struct {
    floatv n[2 * CALLS][4]; /* Normal(0, 1) of a bit and a channel of the quad */
} Draws;

static inline void draw_words(uint counter, uint conv, uint call, __global const QtrStep *restrict step,
                              uintv *words)
{
    words[0] = counter + as_uintv((intv)(QTR_LANES));
    words[1] = (uintv)(conv * 8u + call);
    words[2] = (uintv)(step->step * 4u + step->phase);
    words[3] = (uintv)(STREAM_NOISE);
    philox(&words[0], &words[1], &words[2], &words[3], step->seed_lo, step->seed_hi);
}

static inline void draw_quad(Draws *draws, uint counter, uint conv, __global const QtrStep *restrict step)
{
    for (int j = 0; j < CALLS; j++) {
        uintv words[4];

        draw_words(counter, conv, j, step, words);
#pragma unroll
        for (int k = 0; k < 4; k++)
            normal_pair(words[k], &draws->n[2 * j][k], &draws->n[2 * j + 1][k]);
    }
}

#define NOISE_ARGS                                                                                 \
    __global const float *restrict units, __global const float *restrict range, int range_at,      \
        __global const QtrStep *restrict step, int conv_id, __global const float *restrict table,     \
        __global const int *restrict table_at, int draw_at
#define NOISE_VALUES units, range, range_at, step, conv_id, table, table_at, draw_at

#ifdef NOISE_TABLE
/* Tests give the draws themselves, in N x C x H x W order per bit. */
static inline floatv given(__global const float *table, int at, int plane, int pos, int height,
                           int width, int pitch)
{
    float v[QTR_VL];

    for (int l = 0; l < QTR_VL; l++) {
        const int y = (pos + l) / pitch, x = (pos + l) % pitch;

        v[l] = y < height && x < width ? table[at + (plane * height + y) * width + x] : 0.0f;
    }
    return vloadv(v);
}
/* n_b of channel k of a quad, in plane `plane` of the tensor. */
#define HALF_NORMAL(draws, b, k, plane, pos)                                                       \
    (given(table, table_at[draw_at + (b)], plane, pos, height, width, pitch))
#else
#define HALF_NORMAL(draws, b, k, plane, pos) (0.5f * (draws).n[b][k])
#endif
