/* Philox4x32-10 (Salmon et al., SC 2011), the same function as src/base/rng.c, on vectors of
 * counters, and normal numbers from it. */
#define STREAM_NOISE 4u
#define STREAM_GUMBEL 5u

static inline void philox(uintv *c0, uintv *c1, uintv *c2, uintv *c3, uint k0, uint k1)
{
    for (int round = 0; round < 10; round++) {
        const uintv hi0 = mul_hi((uintv)(0xD2511F53u), *c0), lo0 = *c0 * 0xD2511F53u;
        const uintv hi1 = mul_hi((uintv)(0xCD9E8D57u), *c2), lo1 = *c2 * 0xCD9E8D57u;

        *c0 = hi1 ^ *c1 ^ k0;
        *c2 = hi0 ^ *c3 ^ k1;
        *c1 = lo1;
        *c3 = lo0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

/* The same for one counter. */
static inline uint4 philox_one(uint4 c, uint k0, uint k1)
{
    for (int round = 0; round < 10; round++) {
        const uint hi0 = mul_hi(0xD2511F53u, c.x), lo0 = c.x * 0xD2511F53u;
        const uint hi1 = mul_hi(0xCD9E8D57u, c.z), lo1 = c.z * 0xCD9E8D57u;

        c = (uint4)(hi1 ^ c.y ^ k0, lo1, hi0 ^ c.w ^ k1, lo0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return c;
}

/* A word as a float in (0, 1). */
static inline float open_unit(uint word)
{
    return fma((float)(word >> 8), 0x1p-24f, 0x1p-25f);
}

/* Two independent Normal(0, 1) from two words (Box-Muller; the first word is never 0 or 1). */
static inline void normal_pair(uintv w0, uintv w1, floatv *z0, floatv *z1)
{
    const floatv u = fma(convert_floatv(w0 >> 8), (floatv)(0x1p-24f), (floatv)(0x1p-25f));
    const floatv angle = convert_floatv(w1 >> 8) * (floatv)(0x1p-24f * 6.28318530717958648f);
    const floatv radius = sqrt((floatv)(-2.0f) * log(u));

    *z0 = radius * cos(angle);
    *z1 = radius * sin(angle);
}
