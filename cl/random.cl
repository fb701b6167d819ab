/* Philox4x32 (Salmon et al., SC 2011), the same function as src/base/rng.c, and normal numbers from it:
 * 7 rounds on vectors of counters for noise, 10 for the rest. */
#define PHILOX_ROUNDS 10
#define PHILOX_NOISE_ROUNDS 7
#define STREAM_NOISE 4u
#define STREAM_GUMBEL 5u

#if QTR_VL == 1
#define mul_high(a, k) mul_hi((uint)(k), (a))
#else
/* Written out, as drivers turn it into the widening multiplication they have; mul_hi often goes lane by lane. */
#define mul_high(a, k) QTR_CAT(convert_uint, QTR_VL)((QTR_CAT(convert_ulong, QTR_VL)(a) * (ulong)(k)) >> 32)
#endif

static inline void philox(uintv *c0, uintv *c1, uintv *c2, uintv *c3, uint k0, uint k1)
{
    for (int round = 0; round < PHILOX_NOISE_ROUNDS; round++) {
        const uintv hi0 = mul_high(*c0, 0xD2511F53u), lo0 = *c0 * 0xD2511F53u;
        const uintv hi1 = mul_high(*c2, 0xCD9E8D57u), lo1 = *c2 * 0xCD9E8D57u;

        *c0 = hi1 ^ *c1 ^ k0;
        *c2 = hi0 ^ *c3 ^ k1;
        *c1 = lo1;
        *c3 = lo0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

/* With all rounds, for one counter. */
static inline uint4 philox_one(uint4 c, uint k0, uint k1)
{
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        const uint hi0 = mul_hi(0xD2511F53u, c.x), lo0 = c.x * 0xD2511F53u;
        const uint hi1 = mul_hi(0xCD9E8D57u, c.z), lo1 = c.z * 0xCD9E8D57u;

        c = (uint4)(hi1 ^ c.y ^ k0, lo1, hi0 ^ c.w ^ k1, lo0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return c;
}

/* A word as a float in (0, 1): 23 bits, as with one more the largest would round to 1. */
static inline float open_unit(uint word)
{
    return fma((float)(word >> 9), 0x1p-23f, 0x1p-24f);
}

/* ln(u) for u in (0, 1): exponent and a polynomial in m - 1, m in [sqrt(1/2), sqrt(2)); relative
 * error below 2e-6, less than the steps of u that noise is drawn from. */
static inline floatv fast_log(floatv u)
{
    const intv bits = as_intv(u) - (intv)(0x3F3504F3);
    const floatv e = convert_floatv(bits >> 23);
    const floatv x = as_floatv((bits & 0x007FFFFF) + 0x3F3504F3) - 1.0f;
    floatv p = (floatv)(0.117818981f);

    p = fma(p, x, (floatv)(-0.184071898f));
    p = fma(p, x, (floatv)(0.204421878f));
    p = fma(p, x, (floatv)(-0.249438331f));
    p = fma(p, x, (floatv)(0.333208621f));
    p = fma(p * x, x * x, (floatv)(-0.5f) * x * x) + x;
    return fma(e, (floatv)(0.69314718056f), p);
}

/* Box-Muller: two independent Normal(0, 1) from u in (0, 1) and a point of the circle. The circle is
 * cut into four arcs of a quarter around the axes: bits 15 and 14 of `arc` choose the arc, t in
 * [-pi/4, pi/4) is the angle in it; sine and cosine to 2e-6. */
static inline void box_muller(floatv u, uintv arc, floatv t, floatv *z0, floatv *z1)
{
    const floatv radius = sqrt((floatv)(-2.0f) * fast_log(u));
    const floatv t2 = t * t;
    floatv s = (floatv)(8.16460885e-3f), c = (floatv)(-1.35978230e-3f);

    s = fma(s, t2, (floatv)(-0.166634589f));
    s = fma(s * t2, t, t) * radius;
    c = fma(c, t2, (floatv)(4.16562930e-2f));
    c = fma(c, t2, (floatv)(-0.499998957f));
    c = fma(c, t2, (floatv)(1.0f)) * radius;
    c = as_floatv(as_uintv(c) ^ (arc << 16 & 0x80000000u));

    const intv swap = as_intv(arc << 17) >> 31;

    *z0 = select(c, s, swap);
    *z1 = select(s, c, swap);
}

/* Two normals from one word: the upper half is u in steps of 2^-16 (so |z| < 4.86), the lower the angle in
 * as many. For noise, whose consumers see sums of many. */
static inline void normal_pair(uintv word, floatv *z0, floatv *z1)
{
    const floatv u = fma(convert_floatv(as_intv(word >> 16)), (floatv)(0x1p-16f), (floatv)(0x1p-17f));
    const floatv t = fma(convert_floatv(as_intv(word & 0x3FFFu)),
                         (floatv)(0x1p-14f * 1.57079632679f),
                         (floatv)(0x1p-15f * 1.57079632679f - 0.785398163397f));

    box_muller(u, word, t, z0, z1);
}
