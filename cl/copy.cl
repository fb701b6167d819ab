/* copy: y[i] = x[i]; the bandwidth yardstick. */
#include "common.cl"

__kernel void copy(__global const float *restrict x, __global float *restrict y, int n)
{
    int i = get_global_id(0);

    if (i < n)
        y[i] = x[i];
}
