/* The end of a sum of a convolution, in all its forms: onto what y has (accumulate) and into y, or, where only what
 * follows is read, that in place of it: with ACT the next activation of it, with MODULATE modulated(sum, phi_n,
 * skip), with PLAIN sum + skip. With KEEP the sum itself goes to `kept`, which then is what it is added to, or with
 * ACT and MASK, not added to anything, whether a gradient passes the activation. Same bits as passes of their own, but
 * where planes are halves and the sum is not rounded in between. */
#include "modulation.cl"

#if defined(KEEP) && !defined(MASK)
#define SUMS_OF kept
#else
#define SUMS_OF y
#endif

/* `to`: floats from the beginning of y, and of skip and kept, which are of the same geometry; of image n. */
static inline void put_sum(floatv value, size_t to, int n, CONV_ARGS)
{
    if (accumulate)
        value += vloadp(SUMS_OF + to);
#if defined(KEEP) && defined(MASK)
    store_mask(act_passes(value, acts + acts_at), kept + to);
#elif defined(KEEP)
    vstorep(value, kept + to);
#endif
#if defined(ACT)
    value = act_mixed(value, mix, mix_at, acts, acts_at);
#elif defined(MODULATE)
    value = modulated(value, adm[4 * n], vloadp(skip + to));
#elif defined(PLAIN)
    value += vloadp(skip + to);
#endif
    vstorep(value, y + to);
}
