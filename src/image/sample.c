#include "image/sample.h"

#include "base/rng.h"

void qtr_sample_cut(const QtrImage *image, const guint32 draw[3], const QtrResize *shrink, int hr,
                    int lr, guint8 *hr_out, guint8 *lr_out)
{
    gsize plane = (gsize)hr * (gsize)hr, lr_plane = (gsize)lr * (gsize)lr;
    gsize x0 = qtr_rng_below(draw[0], (guint32)(image->width - hr + 1));
    gsize y0 = qtr_rng_below(draw[1], (guint32)(image->height - hr + 1));
    gboolean flip = draw[2] >> 31;

    for (gsize y = 0; y < (gsize)hr; y++) {
        const guint8 *in =
            (const guint8 *)image->data + (y0 + y) * qtr_image_stride(image) + 3 * x0;
        guint8 *out = hr_out + y * (gsize)hr;

        for (gsize x = 0; x < (gsize)hr; x++, in += 3) {
            gsize at = flip ? (gsize)hr - 1 - x : x;

            out[at] = in[0];
            out[plane + at] = in[1];
            out[2 * plane + at] = in[2];
        }
    }
    for (gsize c = 0; c < 3; c++)
        qtr_resize_apply8(shrink, hr_out + c * plane, lr_out + c * lr_plane, 1);
}
