#pragma once
#include "image/image.h"

/* Pillow's BICUBIC (as of version 10) of 8-bit images, bit for bit (method.md 1): a = -0.5, the
 * support scales with a reduction, horizontal pass first, 22-bit fixed-point coefficients, rounded
 * and clipped after each pass. Pictures with alpha are weighted by it, as Pillow does. 16-bit
 * images take the same steps in 16 bits. Profile and EXIF go along. Fails as qtr_image_try_new. */
QtrImage *qtr_image_resize_bicubic(const QtrImage *image, int width, int height, GError **error);

/* The coefficients of one pair of sizes, for resizing many pictures. Immutable, so any threads may
 * share it. */
typedef struct QtrResize QtrResize;
QtrResize *qtr_resize_new(int in_width, int in_height, int out_width, int out_height);
void qtr_resize_free(QtrResize *resize); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrResize, qtr_resize_free)

/* `in` and `out`: packed rows of `channels` (1 to 4) interleaved samples, each channel on its own;
 * they must not overlap. For pictures of the size of a crop: without memory the program ends. */
void qtr_resize_apply8(const QtrResize *resize, const guint8 *in, guint8 *out, int channels);
