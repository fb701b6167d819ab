/* What the device can do at most: src/gpu/peak.c. */
#include "common.cl"

/* Independent chains hide the latency of fma (4 to 8 cycles, two a cycle); 12 vectors and the two
 * factors stay within 32 registers even where a compiler splits each vector into two. */
#define CHAINS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define START(k) floatv r##k = start + (float)k;
#define STEP(k) r##k = fma(r##k, va, vb);
#define SUM(k) +r##k

/* out: QTR_VL floats an item; 12 * QTR_VL * 2 operations an item and step. */
__kernel void peak_fma(__global float *out, float a, float b, int steps)
{
    int i = get_global_id(0);
    floatv va = a, vb = b;
    floatv start = vloadv(out + i * QTR_VL);

    CHAINS(START)
    for (int step = 0; step < steps; step++) {
        CHAINS(STEP)
    }
    vstorev((floatv)(0.0f)CHAINS(SUM), out + i * QTR_VL);
}

/* y = x; an item copies QTR_VL floats, neighbours in turn. */
__kernel void peak_copy(__global const float *restrict x, __global float *restrict y, int n)
{
    int i = get_global_id(0);

    if (i < n)
        vstorev(vloadv(x + i * QTR_VL), y + i * QTR_VL);
}

__kernel void peak_nothing(__global float *out)
{
}
