/* Shared by all kernels: vector types of QTR_VL lanes and the plane layout.
 *
 * Layout of activations and gradients: planes [N][C] of `rows` x `pitch` floats, rows = H + 2*pad,
 * pitch >= W + pad; pixel (n, c, y, x) stands at LEAD + ((n*C + c)*rows + y + pad)*pitch + x.
 * Everything outside the image (pad rows, columns W..pitch-1) is zero: every kernel that writes a
 * plane keeps it so. The columns at the end of a row are the right halo of this row and the left
 * halo of the next. LEAD and as much slack at the end of a buffer make the outermost taps legal.
 * With QTR_HALF planes are kept as halves, of as many elements, and computed with as floats; only what inference in
 * the form for GPUs launches takes them so (plane_t, vloadp, vstorep, loadp, storep). */

/* Where sums and products become one fma is written out: a compiler that chose by itself could choose otherwise in
 * another tile or form of the same expression, whose bits must be equal. */
#pragma OPENCL FP_CONTRACT OFF

#include "shared.h"

#ifndef QTR_VL
#define QTR_VL 16 /* floats in a vector: 16, 8, 4 or 1 */
#endif

#define QTR_CAT_(a, b) a##b
#define QTR_CAT(a, b) QTR_CAT_(a, b)

#if QTR_VL == 1
typedef float floatv;
typedef int intv;
typedef uint uintv;
#define vloadv(p) (*(p))
#define vstorev(v, p) (*(p) = (v))
#define convert_floatv(v) ((float)(v))
#define convert_intv(v) ((int)(v))
#define as_floatv(v) as_float(v)
#define as_intv(v) as_int(v)
#define as_uintv(v) as_uint(v)
#else
typedef QTR_CAT(float, QTR_VL) floatv;
typedef QTR_CAT(int, QTR_VL) intv;
typedef QTR_CAT(uint, QTR_VL) uintv;
#ifdef __clang__
#define vloadv(p) load_whole(p)
#define vstorev(v, p) store_whole((v), (p))
#else
#define vloadv(p) QTR_CAT(vload, QTR_VL)(0, (p))
#define vstorev(v, p) QTR_CAT(vstore, QTR_VL)((v), 0, (p))
#endif
#define convert_floatv(v) QTR_CAT(convert_float, QTR_VL)(v)
#define convert_intv(v) QTR_CAT(convert_int, QTR_VL)(v)
#define as_floatv(v) QTR_CAT(as_float, QTR_VL)(v)
#define as_intv(v) QTR_CAT(as_int, QTR_VL)(v)
#define as_uintv(v) QTR_CAT(as_uint, QTR_VL)(v)
#endif

/* In one instruction: PoCL's vstore16 takes four, of four floats each, and vload16 sometimes. */
#if QTR_VL > 1 && defined(__clang__)
typedef floatv unaligned_floatv __attribute__((aligned(4)));
typedef uintv unaligned_uintv __attribute__((aligned(4)));
#define WHOLE(space, number)                                                                       \
    static inline __attribute__((overloadable)) void store_whole(number##v v, space number *p)     \
    {                                                                                              \
        *(space unaligned_##number##v *)p = v;                                                     \
    }                                                                                              \
    static inline __attribute__((overloadable)) number##v load_whole(space const number *p)        \
    {                                                                                              \
        return *(space const unaligned_##number##v *)p;                                            \
    }
WHOLE(__global, float)
WHOLE(__local, float)
WHOLE(__private, float)
WHOLE(__private, uint)
#endif

/* vstorev past the caches, of what is not read soon: memory is then not read before it is written. p is a multiple of
 * vectors from the beginning of a buffer. Such stores are ordered only by the end of a launch, which takes locks. */
#if QTR_VL > 1 && defined(__clang__) && defined(__has_builtin)
#if __has_builtin(__builtin_nontemporal_store)
#define store_past(v, p) __builtin_nontemporal_store((v), (__global floatv *)(p))
#endif
#endif
#ifndef store_past
#define store_past(v, p) vstorev((v), (p))
#endif

/* Elements of planes, as vectors and one by one. vload_half and its like are part of OpenCL without fp16. */
#ifdef QTR_HALF
typedef half plane_t;
#define loadp(p) vload_half(0, (p))
#define storep(v, p) vstore_half((v), 0, (p))
#if QTR_VL == 1
#define vloadp(p) loadp(p)
#define vstorep(v, p) storep(v, p)
#else
#define vloadp(p) QTR_CAT(vload_half, QTR_VL)(0, (p))
#define vstorep(v, p) QTR_CAT(vstore_half, QTR_VL)((v), 0, (p))
#endif
#else
typedef float plane_t;
#define loadp(p) (*(p))
#define storep(v, p) (*(p) = (v))
#define vloadp(p) vloadv(p)
#define vstorep(v, p) vstorev((v), (p))
#endif

/* Masks: planes of one byte an element, of the same geometry; -1 where a gradient passes, or else 0. */
typedef char mask_t;
#if QTR_VL == 1
#define load_mask(p) ((intv)*(p))
#define store_mask(v, p) (*(p) = (v) ? -1 : 0)
#elif defined(__clang__) && defined(__has_builtin)
typedef QTR_CAT(char, QTR_VL) maskv;
typedef maskv unaligned_maskv __attribute__((aligned(1)));
#define MASK_OF(space)                                                                             \
    static inline __attribute__((overloadable)) void store_mask(intv v, space mask_t *p)           \
    {                                                                                              \
        *(space unaligned_maskv *)p = __builtin_convertvector(v, maskv);                           \
    }                                                                                              \
    static inline __attribute__((overloadable)) intv load_mask(space const mask_t *p)              \
    {                                                                                              \
        return __builtin_convertvector(*(space const unaligned_maskv *)p, intv);                   \
    }
MASK_OF(__global)
MASK_OF(__local)
#else
#define load_mask(p) convert_intv(QTR_CAT(vload, QTR_VL)(0, (p)))
#define store_mask(v, p) QTR_CAT(vstore, QTR_VL)(QTR_CAT(convert_char, QTR_VL)(v), 0, (p))
#endif

/* Numbers of the lanes: 0, 1, 2, ... */
#if QTR_VL == 16
#define QTR_LANES ((int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
#elif QTR_VL == 8
#define QTR_LANES ((int8)(0, 1, 2, 3, 4, 5, 6, 7))
#elif QTR_VL == 4
#define QTR_LANES ((int4)(0, 1, 2, 3))
#else
#define QTR_LANES 0
#endif

/* Which lanes of the vector at flat position `pos` (row * pitch + column) are pixels; for select().
 * A vector crosses at most one row end, because pitch >= QTR_VL. */
static inline intv inside(int pos, int width, int pitch, int flat)
{
    intv x = pos % pitch + QTR_LANES;

    x = select(x, x - pitch, (intv)(x >= pitch));
    return (intv)((x < width) & (pos + QTR_LANES < flat));
}

/* Sum of the lanes, as a tree of fixed shape. */
static inline float lane_sum(floatv v)
{
#if QTR_VL == 16
    float8 a = v.lo + v.hi;
    float4 b = a.lo + a.hi;
    float2 c = b.lo + b.hi;
    return c.x + c.y;
#elif QTR_VL == 8
    float4 b = v.lo + v.hi;
    float2 c = b.lo + b.hi;
    return c.x + c.y;
#elif QTR_VL == 4
    float2 c = v.lo + v.hi;
    return c.x + c.y;
#else
    return v;
#endif
}

/* Asks for the cache line at p before it is needed; `write`: to be written. Results do not depend on it. */
#if QTR_VL > 1 && !defined(QTR_NO_PREFETCH) && defined(__has_builtin)
#if __has_builtin(__builtin_prefetch)
#define QTR_PREFETCH(p, write) __builtin_prefetch((const void *)(size_t)(p), write, 3)
#endif
#endif
#ifndef QTR_PREFETCH
#define QTR_PREFETCH(p, write)
#endif
#define QTR_AHEAD 512 /* floats ahead in a stream: half a page, at whose end fetching by itself stops */
