/* Minimal filtering of four rows (Winograd 1980; Lavin and Gray 2016), along columns alone: four rows of
 * y = sum_k w[k] x[k..k+3] are A^T [(G w) (B^T x)] with KERNEL + 3 products, KERNEL 3 or 5. The matrices are
 * those of the points 0, 1, -1, 2, -2 (, 1/2, -1/2) and infinity; sums of products of floats then err some
 * 2.5 times as much as plain ones. */
#ifndef COMPONENTS
#define COMPONENTS 8
#endif
#define STRIP 4 /* rows of y */
#define KERNEL (COMPONENTS - STRIP + 1)

/* Columns of G, one a weight, a component each. */
__constant float winograd_of_3[3 * 8] = {
    1.0f / 4, -1.0f / 6, -1.0f / 6, 1.0f / 24, 1.0f / 24,  0.0f, 0.0f, 0.0f,
    0.0f,     -1.0f / 6, 1.0f / 6,  2.0f / 24, -2.0f / 24, 0.0f, 0.0f, 0.0f,
    0.0f,     -1.0f / 6, -1.0f / 6, 4.0f / 24, 4.0f / 24,  1.0f, 0.0f, 0.0f,
};
__constant float winograd_of_5[5 * 8] = {
    -1.0f, -2.0f / 9, -2.0f / 9, 1.0f / 90,  1.0f / 90,  32.0f / 45, 32.0f / 45,  0.0f,
    0.0f,  -2.0f / 9, 2.0f / 9,  2.0f / 90,  -2.0f / 90, 16.0f / 45, -16.0f / 45, 0.0f,
    0.0f,  -2.0f / 9, -2.0f / 9, 4.0f / 90,  4.0f / 90,  8.0f / 45,  8.0f / 45,   0.0f,
    0.0f,  -2.0f / 9, 2.0f / 9,  8.0f / 90,  -8.0f / 90, 4.0f / 45,  -4.0f / 45,  0.0f,
    0.0f,  -2.0f / 9, -2.0f / 9, 16.0f / 90, 16.0f / 90, 2.0f / 45,  2.0f / 45,   1.0f,
};

/* The column of weight k of a kernel of kh rows; components that are not there are 0. */
static inline float8 winograd_column(int kh, int k)
{
    return kh == 5 ? vload8(k, winograd_of_5) : vload8(k, winograd_of_3);
}

/* v = B^T d of COMPONENTS rows. */
static inline void winograd_of_rows(floatv v[COMPONENTS], const floatv d[COMPONENTS])
{
    floatv even, odd;

#if COMPONENTS == 8
    v[0] = fma((floatv)(5.25f), d[2] - d[4], d[6] - d[0]);
    even = fma((floatv)(-4.25f), d[4], d[2] + d[6]);
    odd = fma((floatv)(-4.25f), d[3], d[1] + d[5]);
    v[1] = even + odd;
    v[2] = even - odd;
    even = fma((floatv)(0.25f), d[2], fma((floatv)(-1.25f), d[4], d[6]));
    odd = fma((floatv)(0.5f), d[1], fma((floatv)(-2.5f), d[3], 2.0f * d[5]));
    v[3] = even + odd;
    v[4] = even - odd;
    even = fma((floatv)(4.0f), d[2], fma((floatv)(-5.0f), d[4], d[6]));
    odd = fma((floatv)(2.0f), d[1], fma((floatv)(-2.5f), d[3], 0.5f * d[5]));
    v[5] = even + odd;
    v[6] = even - odd;
    v[7] = fma((floatv)(5.25f), d[3] - d[5], d[7] - d[1]);
#else
    v[0] = fma((floatv)(4.0f), d[0], fma((floatv)(-5.0f), d[2], d[4]));
    even = fma((floatv)(-4.0f), d[2], d[4]);
    odd = fma((floatv)(-4.0f), d[1], d[3]);
    v[1] = even + odd;
    v[2] = even - odd;
    even = d[4] - d[2];
    odd = 2.0f * (d[3] - d[1]);
    v[3] = even + odd;
    v[4] = even - odd;
    v[5] = fma((floatv)(4.0f), d[1], fma((floatv)(-5.0f), d[3], d[5]));
#endif
}

/* The same of one vector of a strip, from that of its first row; none beyond row `last` from there is read, which is one
 * of zeros. */
static inline void winograd_take(floatv v[COMPONENTS], __global const float *restrict x, int pitch, int last)
{
    floatv d[COMPONENTS];

#pragma unroll
    for (int i = 0; i < COMPONENTS; i++)
        d[i] = vloadv(x + min(i, last) * pitch);
    winograd_of_rows(v, d);
}

/* y = A^T m */
static inline void winograd_rows(floatv y[STRIP], const floatv m[COMPONENTS])
{
    const floatv sum = m[1] + m[2], difference = m[1] - m[2];
    const floatv sum2 = m[3] + m[4], difference2 = m[3] - m[4];

#if COMPONENTS == 8
    const floatv sum3 = m[5] + m[6], difference3 = m[5] - m[6];

    y[0] = m[0] + sum + (sum2 + sum3);
    y[1] = fma((floatv)(0.5f), difference3, fma((floatv)(2.0f), difference2, difference));
    y[2] = fma((floatv)(0.25f), sum3, fma((floatv)(4.0f), sum2, sum));
    y[3] = fma((floatv)(0.125f), difference3, fma((floatv)(8.0f), difference2, difference)) + m[7];
#else
    y[0] = m[0] + sum + sum2;
    y[1] = fma((floatv)(2.0f), difference2, difference);
    y[2] = fma((floatv)(4.0f), sum2, sum);
    y[3] = fma((floatv)(8.0f), difference2, difference) + m[5];
#endif
}

/* m = A y, for the weights' gradient. */
static inline void winograd_back(floatv m[COMPONENTS], const floatv y[STRIP])
{
    floatv even = y[0] + y[2], odd = y[1] + y[3];

    m[0] = y[0];
    m[1] = even + odd;
    m[2] = even - odd;
    even = fma((floatv)(4.0f), y[2], y[0]);
    odd = fma((floatv)(8.0f), y[3], 2.0f * y[1]);
    m[3] = even + odd;
    m[4] = even - odd;
#if COMPONENTS == 8
    even = fma((floatv)(0.25f), y[2], y[0]);
    odd = fma((floatv)(0.125f), y[3], 0.5f * y[1]);
    m[5] = even + odd;
    m[6] = even - odd;
    m[7] = y[3];
#else
    m[5] = y[3];
#endif
}
