/* What the weights' gradients leave of their accumulators: the sum of the lanes of each, as a tree of fixed shape.
 * TAPS sums fill GROUPS16 vectors of 16; what is behind the last one means nothing. */
#define GROUPS16 ((TAPS + 15) / 16)

#if QTR_VL == 16
/* Of a and b as one vector of 32; as a builtin an instruction each. */
#ifdef __clang__
#define OF_TWO(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define OF_TWO(a, b, ...) shuffle2(a, b, (uint16)(__VA_ARGS__))
#endif
/* Halves of so many lanes of a and b added: the sum of a's beside that of b's. */
#define FOLD8(a, b)                                                                                                   \
    (OF_TWO(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) + \
     OF_TWO(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#define FOLD4(a, b)                                                                                                   \
    (OF_TWO(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27) + \
     OF_TWO(a, b, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
#define FOLD2(a, b)                                                                                                   \
    (OF_TWO(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29) + \
     OF_TWO(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
#define FOLD1(a, b)                                                                                                   \
    (OF_TWO(a, b, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30) + \
     OF_TWO(a, b, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))

/* Lane j of the result is the sum of the lanes of v[j]: a transposing tree. */
static inline float16 lane_sums16(const float16 *v)
{
    float16 a[8], b[4], c[2];

#pragma unroll
    for (int i = 0; i < 8; i++)
        a[i] = FOLD8(v[i], v[i + 8]);
#pragma unroll
    for (int i = 0; i < 4; i++)
        b[i] = FOLD4(a[i], a[i + 4]);
#pragma unroll
    for (int i = 0; i < 2; i++)
        c[i] = FOLD2(b[i], b[i + 2]);
    return FOLD1(c[0], c[1]);
}
#endif

/* out (+)= the sums of `acc`. */
static inline void store_sums(__global float *restrict out, const floatv acc[GROUPS16 * 16], bool add)
{
#if QTR_VL == 16
#pragma unroll
    for (int i = 0; i < GROUPS16; i++) {
        const float16 sums = lane_sums16(acc + 16 * i);

        vstorev(add ? vloadv(out + 16 * i) + sums : sums, out + 16 * i);
    }
#else
#pragma unroll
    for (int i = 0; i < TAPS; i++) {
        const float sum = lane_sum(acc[i]);

        out[i] = add ? out[i] + sum : sum;
    }
#endif
}
