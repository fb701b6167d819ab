/* The activation quantizer HWGQ and its slope (method.md 4). A table entry is (step, clip); step 0
 * means plain ReLU (clip infinite). */
#ifndef NBITS
#define NBITS 1
#endif
#ifndef NOISE_BASE
#define NOISE_BASE 0.33333333f /* f = 1/(B+1) of the noise formula */
#endif

static inline floatv act(floatv u, float step, float clip)
{
    const floatv clamped = fmin(fmax(u, (floatv)(0.0f)), (floatv)(clip));

    return step > 0.0f ? rint(clamped / step) * step : clamped;
}

/* d/du of sum_b q_b act_b(u), straight through the rounding; with NOISE, of f * relu(u). At u = 0 a
 * clamp passes the gradient and plain ReLU does not. */
static inline floatv act_slope(floatv u, const float *q, __global const float *table)
{
    floatv slope = (floatv)(0.0f);

#ifdef NOISE
    slope = select(slope, (floatv)(NOISE_BASE), (intv)(u > 0.0f));
#else
    for (int b = 0; b < NBITS; b++) {
        const intv above = table[2 * b] > 0.0f ? (intv)(u >= 0.0f) : (intv)(u > 0.0f);

        slope += select((floatv)(0.0f), (floatv)(q[b]), above & (intv)(u <= table[2 * b + 1]));
    }
#endif
    return slope;
}
