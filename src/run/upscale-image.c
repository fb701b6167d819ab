#include "run/upscale-image.h"

#include "base/error.h"

#include <math.h>

static double largest_of(const QtrImage *image)
{
    return image->depth == 16 ? 65535 : 255;
}

static guint sample(const QtrImage *image, gsize at)
{
    return image->depth == 16 ? ((const guint16 *)image->data)[at]
                              : ((const guint8 *)image->data)[at];
}

static void set_sample(QtrImage *image, gsize at, float value)
{
    float largest = (float)largest_of(image);
    float rounded = rintf(CLAMP(value, 0.0f, 1.0f) * largest);

    if (image->depth == 16)
        ((guint16 *)image->data)[at] = (guint16)rounded;
    else
        ((guint8 *)image->data)[at] = (guint8)rounded;
}

static gsize pixels_of(const QtrImage *image)
{
    return (gsize)image->width * (gsize)image->height;
}

/* Channel `from[c]` of the image as plane c. */
static void get_planes(const QtrImage *image, const int from[3], float *planes)
{
    gsize pixels = pixels_of(image), n = (gsize)image->channels;
    float largest = (float)largest_of(image);

    for (gsize c = 0; c < 3; c++)
        for (gsize i = 0; i < pixels; i++)
            planes[c * pixels + i] = (float)sample(image, i * n + (gsize)from[c]) / largest;
}

static void put_colour(QtrImage *image, const float *planes)
{
    gsize pixels = pixels_of(image), n = (gsize)image->channels;

    for (gsize c = 0; c < 3; c++)
        for (gsize i = 0; i < pixels; i++)
            set_sample(image, i * n + c, planes[c * pixels + i]);
}

static void put_grey(QtrImage *image, int channel, const float *planes)
{
    gsize pixels = pixels_of(image), n = (gsize)image->channels;

    for (gsize i = 0; i < pixels; i++)
        set_sample(image, i * n + (gsize)channel,
                   (planes[i] + planes[pixels + i] + planes[2 * pixels + i]) / 3);
}

static gboolean is_constant(const QtrImage *image, int channel)
{
    gsize n = (gsize)image->channels;

    for (gsize i = 1; i < pixels_of(image); i++)
        if (sample(image, i * n + (gsize)channel) != sample(image, (gsize)channel))
            return FALSE;
    return TRUE;
}

static void fill(QtrImage *image, int channel, float value)
{
    gsize n = (gsize)image->channels;

    for (gsize i = 0; i < pixels_of(image); i++)
        set_sample(image, i * n + (gsize)channel, value);
}

/* Colours or grey, then alpha, through the same planes. */
static gboolean enlarge(QtrInfer *infer, const QtrImage *image, QtrImage *result, float *lr,
                        float *sr, GError **error)
{
    gboolean grey = image->channels <= 2;
    int alpha = image->channels % 2 == 0 ? image->channels - 1 : -1;
    const int colour[] = {0, grey ? 0 : 1, grey ? 0 : 2};
    const int opacity[] = {alpha, alpha, alpha};

    get_planes(image, colour, lr);
    if (!qtr_infer_run(infer, lr, image->height, image->width, sr, error))
        return FALSE;
    if (grey)
        put_grey(result, 0, sr);
    else
        put_colour(result, sr);
    if (alpha < 0)
        return TRUE;
    get_planes(image, opacity, lr);
    if (is_constant(image, alpha)) {
        fill(result, alpha, lr[0]);
        return TRUE;
    }
    if (!qtr_infer_run(infer, lr, image->height, image->width, sr, error))
        return FALSE;
    put_grey(result, alpha, sr);
    return TRUE;
}

QtrImage *qtr_upscale_image(QtrInfer *infer, const QtrImage *image, GError **error)
{
    int s = qtr_infer_scale(infer);
    gsize pixels = pixels_of(image);
    g_autoptr(QtrImage) result = qtr_image_try_new(s * image->width, s * image->height,
                                                   image->channels, image->depth, error);
    g_autofree float *lr = NULL;
    g_autofree float *sr = NULL;

    if (!result)
        return NULL;
    lr = g_try_new(float, 3 * pixels);
    sr = g_try_new(float, 3 * pixels * (gsize)(s * s));
    if (!lr || !sr) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_MEMORY,
                    "not enough memory to enlarge %dx%d pixels by %d; cut the image up first",
                    image->width, image->height, s);
        return NULL;
    }
    if (!enlarge(infer, image, result, lr, sr, error))
        return NULL;
    result->icc = image->icc ? g_bytes_ref(image->icc) : NULL;
    result->exif = image->exif ? g_bytes_ref(image->exif) : NULL;
    return g_steal_pointer(&result);
}
