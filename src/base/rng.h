#pragma once
#include <glib.h>

/* Counter-based random numbers: Philox4x32 (Salmon et al., SC 2011). A draw is a pure function of
 * seed, stream, step and index, so results do not depend on threads, order or resumption.
 * cl/random.cl computes the same function on the device. */

/* Philox4x32-10 for all streams but noise, of which hundreds of millions are drawn a step: 7 rounds
 * are the fewest that pass BigCrush (table 2 there). */
#define QTR_RNG_ROUNDS 10
#define QTR_RNG_NOISE_ROUNDS 7

/* What a draw is for; part of the counter, so no two uses ever share a number. */
typedef enum {
    QTR_RNG_INIT = 1,    /* initial weights; step: tensor, index: element */
    QTR_RNG_SHUFFLE = 2, /* order of samples; step: epoch of the split */
    QTR_RNG_CROP = 3,    /* crops and flips; step: sample's place in the run */
    QTR_RNG_NOISE = 4,   /* quantization noise, drawn on the device alone */
    QTR_RNG_GUMBEL = 5,  /* Gumbel draws of the selector */
    QTR_RNG_SPLIT = 6,   /* the split into weight, alpha and validation samples */
    QTR_RNG_SAMPLE = 7,  /* the random baseline */
} QtrRngStream;

typedef struct {
    guint32 v[4];
} QtrRng4;

QtrRng4 qtr_rng_philox(const guint32 counter[4], const guint32 key[2], int rounds);

/* Four words at (seed, stream, step, index): key = seed, counter = index lo, index hi, step,
 * stream. */
QtrRng4 qtr_rng_at(guint64 seed, QtrRngStream stream, guint32 step, guint64 index);

/* Uniform in [0, 1) with 24 bits, from a word. */
static inline float qtr_rng_unit(guint32 word)
{
    return (float)(word >> 8) * 0x1p-24f;
}

/* Uniform in [0, n), unbiased up to 2^-32 (multiply-shift); n > 0. */
static inline guint32 qtr_rng_below(guint32 word, guint32 n)
{
    return (guint32)(((guint64)word * n) >> 32);
}

/* Fisher-Yates of `n` indices with draws (seed, stream, step, i). */
void qtr_rng_shuffle(guint64 seed, QtrRngStream stream, guint32 step, guint32 *items, guint32 n);
