/* f * phi + skip, where phi is the first of the four floats of an image that adm_phi leaves (norm.cl). */
static inline floatv modulated(floatv f, float phi, floatv skip)
{
    return fma(f, (floatv)(phi), skip);
}
