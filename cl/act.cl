/* act: activations in front of convolutions where they are not fused (method.md 4 and 5).
 *
 * act_mix:      a = sum_b q_b HWGQ_b(u); over the whole buffer, as zeros stay zeros.
 *               Item: one vector of the buffer.
 * range_planes, range_total: max - min of relu(u) over the images' pixels, in two stages.
 * noise_mix:    a = f*u+ + sum_b q_b (u+ + range*unit_b*n_b), u+ = relu(u), n_b ~ Normal(0,1)/2.
 * noise_back:   du (+)= f*da*[u > 0], dots[plane][b] = sum of da * (u+ + range*unit_b*n_b).
 *
 * Noise is drawn in chunks of 32 flat positions: position 16*h + l of a chunk takes words 2h and
 * 2h+1 of the Philox draw at counter (plane*chunks + chunk)*16 + l, which make the normals of bits
 * 2j and 2j+1 in call j. So the draws depend on neither QTR_VL nor the work distribution. */
#include "common.cl"
#include "activation.cl"
#include "random.cl"
#include "step.cl"

#define PER_CHUNK (16 / QTR_VL)
#define CALLS ((NBITS + 1) / 2)

__kernel void act_mix(__global const float *restrict u, __global float *restrict a, int vectors,
                      __global const float *restrict mix, int mix_at,
                      __global const float *restrict acts, int acts_at)
{
    const int i = get_global_id(0);

    if (i >= vectors)
        return;

    const floatv uv = vloadv(u + QTR_LEAD + (size_t)i * QTR_VL);
    floatv sum = (floatv)(0.0f);

    for (int b = 0; b < NBITS; b++)
        sum += mix[mix_at + 1 + b] * act(uv, acts[acts_at + 2 * b], acts[acts_at + 2 * b + 1]);
    vstorev(sum, a + QTR_LEAD + (size_t)i * QTR_VL);
}

/* Item: one plane; part[plane] = (max, min) of relu(u). */
__kernel void range_planes(__global const float *restrict u, __global float *restrict part,
                           int height, int width, int pitch, int pad)
{
    const int flat = height * pitch;
    const int plane = get_global_id(0);
    __global const float *p =
        u + QTR_LEAD + (size_t)plane * ((height + 2 * pad) * pitch) + pad * pitch;
    floatv top = (floatv)(0.0f), bottom = (floatv)(INFINITY);

    for (int i = 0; i < flat; i += QTR_VL) {
        const floatv v = fmax(vloadv(p + i), (floatv)(0.0f));
        const intv ok = inside(i, width, pitch, flat);

        top = fmax(top, v);
        bottom = fmin(bottom, select((floatv)(INFINITY), v, ok));
    }

    float t[QTR_VL], b[QTR_VL];

    vstorev(top, t);
    vstorev(bottom, b);
    for (int i = 1; i < QTR_VL; i++) {
        t[0] = fmax(t[0], t[i]);
        b[0] = fmin(b[0], b[i]);
    }
    part[2 * plane] = t[0];
    part[2 * plane + 1] = b[0];
}

/* One item: range[range_at] = max - min over the planes. */
__kernel void range_total(__global const float *restrict part, __global float *restrict range,
                          int range_at, int planes)
{
    float top = 0.0f, bottom = INFINITY;

    for (int i = 0; i < planes; i++) {
        top = fmax(top, part[2 * i]);
        bottom = fmin(bottom, part[2 * i + 1]);
    }
    range[range_at] = top - bottom;
}

/* The NBITS normals/2 of one vector in side `side` of a chunk. */
typedef struct {
    floatv n[2 * CALLS][2]; /* bit, half */
} Draws;

static inline void draw_chunk(Draws *draws, uint index, uint conv,
                              __global const Step *restrict step)
{
    for (int j = 0; j < CALLS; j++) {
        uintv c0 = index + as_uintv((intv)(QTR_LANES)), c1 = (uintv)(conv * 8u + j);
        uintv c2 = (uintv)(step->step * 4u + step->phase), c3 = (uintv)(STREAM_NOISE);

        philox(&c0, &c1, &c2, &c3, step->seed_lo, step->seed_hi);
        normal_pair(c0, c1, &draws->n[2 * j][0], &draws->n[2 * j + 1][0]);
        normal_pair(c2, c3, &draws->n[2 * j][1], &draws->n[2 * j + 1][1]);
    }
}

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
#define HALF_NORMAL(b, side)                                                                       \
    (given(table, table_at[draw_at + (b)], plane, pos, height, width, pitch))
#else
#define HALF_NORMAL(b, side) (0.5f * draws.n[b][side])
#endif

#define NOISE_ARGS                                                                                 \
    __global const float *restrict mix, int mix_at, __global const float *restrict units,          \
        __global const float *restrict range, int range_at, __global const Step *restrict step,    \
        int conv, int height, int width, int pitch, int pad, __global const float *restrict table, \
        __global const int *restrict table_at, int draw_at

/* Global (chunks * PER_CHUNK, planes). */
__kernel void noise_mix(__global const float *restrict u, __global float *restrict a, NOISE_ARGS)
{
    const int flat = height * pitch, chunks = (flat + 31) / 32;
    const int item = get_global_id(0), plane = get_global_id(1);
    const int chunk = item / PER_CHUNK, lane = item % PER_CHUNK * QTR_VL;
    const size_t at = QTR_LEAD + (size_t)plane * ((height + 2 * pad) * pitch) + pad * pitch;
    Draws draws;

    if (chunk >= chunks)
        return;
    draw_chunk(&draws, (uint)(plane * chunks + chunk) * 16u + lane, conv, step);
    for (int side = 0; side < 2; side++) {
        const int pos = chunk * 32 + side * 16 + lane;

        if (pos >= flat)
            break;

        const floatv up = fmax(vloadv(u + at + pos), (floatv)(0.0f));
        floatv sum = NOISE_BASE * up;

        for (int b = 0; b < NBITS; b++)
            sum += mix[mix_at + 1 + b] * (up + range[range_at] * units[b] * HALF_NORMAL(b, side));
        vstorev(select((floatv)(0.0f), sum, inside(pos, width, pitch, flat)), a + at + pos);
    }
}

/* Global (planes). */
__kernel void noise_back(__global const float *restrict da, __global const float *restrict u,
                         __global float *restrict du, int accumulate,
                         __global float *restrict dots, int dots_at, NOISE_ARGS)
{
    const int flat = height * pitch, chunks = (flat + 31) / 32;
    const int plane = get_global_id(0);
    const size_t at = QTR_LEAD + (size_t)plane * ((height + 2 * pad) * pitch) + pad * pitch;
    floatv sums[NBITS];
    Draws draws;

    for (int b = 0; b < NBITS; b++)
        sums[b] = (floatv)(0.0f);
    for (int item = 0; item < chunks * PER_CHUNK; item++) {
        const int chunk = item / PER_CHUNK, lane = item % PER_CHUNK * QTR_VL;

        draw_chunk(&draws, (uint)(plane * chunks + chunk) * 16u + lane, conv, step);
        for (int side = 0; side < 2; side++) {
            const int pos = chunk * 32 + side * 16 + lane;

            if (pos >= flat)
                break;

            const intv ok = inside(pos, width, pitch, flat);
            const floatv d = select((floatv)(0.0f), vloadv(da + at + pos), ok);
            const floatv uv = vloadv(u + at + pos), up = fmax(uv, (floatv)(0.0f));
            floatv out = select((floatv)(0.0f), NOISE_BASE * d, (intv)(uv > 0.0f));

            for (int b = 0; b < NBITS; b++)
                sums[b] = fma(d, up + range[range_at] * units[b] * HALF_NORMAL(b, side), sums[b]);
            if (accumulate)
                out += vloadv(du + at + pos);
            vstorev(out, du + at + pos);
        }
    }
    for (int b = 0; b < NBITS; b++)
        dots[dots_at + plane * NBITS + b] = lane_sum(sums[b]);
}
