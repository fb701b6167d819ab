#include "run/validation-psnr.h"

#include "image/codec.h"
#include "image/metrics.h"
#include "image/resize.h"

#include <math.h>

/* The PSNR of one image of val.list: made a multiple of the scale, reduced, enlarged by the net. */
static gboolean image_psnr(QtrInfer *infer, const char *path, double *psnr, GError **error)
{
    int s = qtr_infer_scale(infer);
    g_autoptr(QtrImage) file = qtr_image_load(path, error);
    g_autoptr(QtrImage) rgb = file ? qtr_image_to_rgb8(file, error) : NULL;
    g_autoptr(QtrImage) hr = NULL;
    g_autoptr(QtrImage) lr = NULL;
    g_autoptr(QtrImage) sr = NULL;

    if (!file)
        return FALSE;
    if (!rgb ||
        !(hr = qtr_image_resize_bicubic(rgb, rgb->width / s * s, rgb->height / s * s, error)) ||
        !(lr = qtr_image_resize_bicubic(hr, hr->width / s, hr->height / s, error)) ||
        !(sr = qtr_infer_rgb8(infer, lr, error))) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    *psnr = qtr_image_psnr_y(sr, hr, QTR_METRICS_BORDER);
    return TRUE;
}

gboolean qtr_validation_psnr(QtrInfer *infer, const GPtrArray *paths, double *mean, GError **error)
{
    double sum = 0;
    guint n = 0;

    for (guint i = 0; i < paths->len; i++) {
        double psnr;

        if (!image_psnr(infer, g_ptr_array_index(paths, i), &psnr, error))
            return FALSE;
        if (isfinite(psnr)) { /* one that comes out exactly has none */
            sum += psnr;
            n++;
        }
    }
    *mean = n ? sum / n : NAN;
    return TRUE;
}
