/* The arguments of conv in all forms (conv.cl, conv-gpu.cl, winograd.cl), which ops/conv.c binds: with ACT,
 * MODULATE or PLAIN those of what follows (conv-end.cl), with BACK those of the activation in front, with DOTS and
 * NOISE also what its noise is drawn from. With MASK, u and kept are masks (activation.cl). With WINDOWS x and y have
 * x_height and y_height rows, from the image's row x_first and y_first on. */
#if defined(ACT) || defined(MODULATE) || defined(PLAIN)
#define CONV_MORE_ARGS                                                                             \
    , __global const float *restrict mix, int mix_at, __global const float *restrict acts, int acts_at, \
        __global const plane_t *restrict skip, __global const float *restrict adm, __global known_t *restrict kept
#elif defined(BACK)
#define CONV_BACK_ARGS                                                                             \
    , __global const known_t *restrict u, __global const float *restrict mix, int mix_at,          \
        __global const float *restrict acts, int acts_at, __global float *restrict dots, int dots_at
#if defined(DOTS) && defined(NOISE)
#define CONV_MORE_ARGS CONV_BACK_ARGS, NOISE_ARGS
#else
#define CONV_MORE_ARGS CONV_BACK_ARGS
#endif
#else
#define CONV_MORE_ARGS
#endif
#ifdef WINDOWS
#define CONV_WINDOWS , int x_first, int x_height, int y_first, int y_height
#define CONV_WINDOW_VALUES , x_first, x_height, y_first, y_height
#else
#define CONV_WINDOWS
#define CONV_WINDOW_VALUES
#define x_first 0
#define x_height height
#define y_first 0
#define y_height height
#endif
#define CONV_ARGS                                                                                  \
    __global const plane_t *restrict x, __global const float *restrict packed,                     \
        __global plane_t *restrict y, int packed_at, int height, int width, int pitch, int pad,      \
        int accumulate CONV_WINDOWS CONV_MORE_ARGS

/* The same as arguments of a function. */
#if defined(ACT) || defined(MODULATE) || defined(PLAIN)
#define CONV_MORE_VALUES , mix, mix_at, acts, acts_at, skip, adm, kept
#elif defined(BACK)
#if defined(DOTS) && defined(NOISE)
#define CONV_MORE_VALUES , u, mix, mix_at, acts, acts_at, dots, dots_at, NOISE_VALUES
#else
#define CONV_MORE_VALUES , u, mix, mix_at, acts, acts_at, dots, dots_at
#endif
#else
#define CONV_MORE_VALUES
#endif
#define CONV_VALUES x, packed, y, packed_at, height, width, pitch, pad, accumulate CONV_WINDOW_VALUES CONV_MORE_VALUES
