/* Known answers: src/gpu/selftest.c computes the same on the host and compares bit for bit. */
#include "common.cl"
#include "quotient.cl"
#include "random.cl"

/* out[i]: 64 steps of acc = fma(acc, a, b) from acc = i; a product rounded by itself differs. */
__kernel void fma_chain(__global float *out, float a, float b, int n)
{
    int i = get_global_id(0);
    float acc = i;

    if (i >= n)
        return;
    for (int step = 0; step < 64; step++)
        acc = fma(acc, a, b);
    out[i] = acc;
}

/* out[group]: the sum of the group's x, halving the group in each step. */
__kernel void reduce(__global const float *x, __global float *out, __local float *part)
{
    int l = get_local_id(0);

    part[l] = x[get_global_id(0)];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int half_size = get_local_size(0) / 2; half_size > 0; half_size /= 2) {
        if (l < half_size)
            part[l] += part[l + half_size];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (l == 0)
        out[get_group_id(0)] = part[0];
}

/* out[i]: wrapping products, their high words, shifts of both kinds and truncating division, from
 * key + i. */
__kernel void integers(__global uint *out, uint key, int n)
{
    int i = get_global_id(0);
    uint u = key + (uint)i;
    int s;

    if (i >= n)
        return;
    for (int round = 0; round < 10; round++) {
        uint product = u * 0xD2511F53u;
        uint high = mul_hi(u, 0xCD9E8D57u);

        s = as_int(high ^ product);
        u = product ^ (high >> 7) ^ as_uint(s >> 3) ^ as_uint(s / 7) ^ (u % 11u);
    }
    out[i] = u;
}

/* y[offset + j] = rint(x[offset + j] * scale) clamped to [-8, 7] where x is not negative, else x:
 * QTR_VL lanes at any alignment. */
__kernel void vectors(__global const float *x, __global float *y, float scale, int offset, int n)
{
    int i = offset + get_global_id(0) * QTR_VL;

    if (i + QTR_VL > n)
        return;
    floatv v = vloadv(x + i);
    floatv q = clamp(rint(v * scale), (floatv)(-8.0f), (floatv)(7.0f));
    vstorev(v >= 0.0f ? q : v, y + i);
}

/* out[i] = a[i] / b[i]; out[n + i] = sqrt(b[i]), b > 0. */
__kernel void divide(__global const float *a, __global const float *b, __global float *out, int n)
{
    int i = get_global_id(0);

    if (i >= n)
        return;
    out[i] = a[i] / b[i];
    out[n + i] = sqrt(b[i]);
}

/* out[i] = a[i] / b[i], from a quotient that is up to two units in the last place off. */
__kernel void correct(__global const float *a, __global const float *b, __global float *out, int n)
{
    int i = get_global_id(0);

    if (i < n)
        out[i] = corrected(as_float(as_int(a[i] / b[i]) + i % 5 - 2), a[i], b[i]);
}

/* out: the words of noise at counters (i, c1, c2, c3), four a counter, i < n, a multiple of QTR_VL. */
__kernel void philox_words(__global uint *out, uint c1, uint c2, uint c3, uint key0, uint key1, int n)
{
    const int i = get_global_id(0) * QTR_VL;
    uintv w0 = (uint)i + as_uintv((intv)(QTR_LANES)), w1 = (uintv)(c1), w2 = (uintv)(c2),
          w3 = (uintv)(c3);
    uint words[4][QTR_VL];

    if (i >= n)
        return;
    philox(&w0, &w1, &w2, &w3, key0, key1);
    vstorev(w0, words[0]);
    vstorev(w1, words[1]);
    vstorev(w2, words[2]);
    vstorev(w3, words[3]);
    for (int l = 0; l < QTR_VL; l++)
        for (int k = 0; k < 4; k++)
            out[4 * (i + l) + k] = words[k][l];
}

/* Those of everything else, a counter an item. */
__kernel void philox_words_one(__global uint *out, uint c1, uint c2, uint c3, uint key0, uint key1,
                               int n)
{
    const int i = get_global_id(0);

    if (i < n)
        vstore4(philox_one((uint4)((uint)i, c1, c2, c3), key0, key1), i, out);
}

/* out[2*i], out[2*i + 1]: the normal numbers of words[4*i]; i < n. */
__kernel void normals(__global const uint *words, __global float *out, int n)
{
    const int i = get_global_id(0) * QTR_VL;
    uint first[QTR_VL];
    float a[QTR_VL], b[QTR_VL];
    floatv z0, z1;

    if (i >= n)
        return;
    for (int l = 0; l < QTR_VL; l++)
        first[l] = words[4 * (i + l)];
    normal_pair(vloadv(first), &z0, &z1);
    vstorev(z0, a);
    vstorev(z1, b);
    for (int l = 0; l < QTR_VL; l++) {
        out[2 * (i + l)] = a[l];
        out[2 * (i + l) + 1] = b[l];
    }
}
