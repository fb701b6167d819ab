/* Batch norm of pixels of channel c: norm[c] = (mean, 1/sqrt(var + eps)) of norm.cl, gamma and beta in params. */
#define NORM_ARGS                                                                                  \
    __global const float *restrict norm, __global const float *restrict params, int gamma_at, int beta_at

static inline floatv normal_of(floatv x, int c, NORM_ARGS)
{
    const float factor = norm[2 * c + 1] * params[gamma_at + c];

    return fma(x - norm[2 * c], (floatv)(factor), (floatv)(params[beta_at + c]));
}
#define NORMAL(x, c) normal_of(x, c, norm, params, gamma_at, beta_at)
