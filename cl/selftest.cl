/* Known answers: src/gpu/selftest.c computes the same on the host and compares bit for bit. */
#include "common.cl"

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
