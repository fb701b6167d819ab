/* Quotients of weights by a step as an exact division rounds them, so that ties fall where the reference's fall. The
 * division of some drivers errs by up to 2.5 units in the last place (QTR_ROUGH_DIVIDE); one correction by the
 * remainder mends that (Markstein 1990). */
static inline float corrected(float guess, float w, float s)
{
    return fma(fma(-guess, s, w), 1.0f / s, guess);
}

static inline float quotient(float w, float s)
{
#ifdef QTR_ROUGH_DIVIDE
    return corrected(w / s, w, s);
#else
    return w / s;
#endif
}

static inline floatv quotients(floatv w, float s)
{
#ifdef QTR_ROUGH_DIVIDE
    const floatv guess = w / s;

    return fma(fma(-guess, (floatv)(s), w), (floatv)(1.0f / s), guess);
#else
    return w / s;
#endif
}
