#include "image/resize.h"

#include "base/error.h"

#include <math.h>

#define PRECISION (32 - 8 - 2)
#define HALF (1 << (PRECISION - 1))
#define A (-0.5)
#define SUPPORT 2.0

/* How one direction is resampled: output i is the sum of `count[i]` inputs from `first[i]` on,
 * weighted by `weights[i * taps ...]`. */
typedef struct {
    int in, out;
    int taps;
    int *first, *count;
    gint32 *weights;
} Axis;

struct QtrResize {
    Axis x, y;
};

static double cubic(double x)
{
    x = fabs(x);
    if (x < 1.0)
        return ((A + 2.0) * x - (A + 3.0)) * x * x + 1;
    if (x < 2.0)
        return (((x - 5) * x + 8) * x - 4) * A;
    return 0.0;
}

/* The order of the floating-point operations is part of the bit-for-bit promise. */
static void weigh(Axis *axis, int i, double scale, double widen, double *w)
{
    double support = SUPPORT * widen, centre = (i + 0.5) * scale, shrink = 1.0 / widen, total = 0;
    int first = MAX(0, (int)(centre - support + 0.5));
    int end = MIN(axis->in, (int)(centre + support + 0.5));

    axis->first[i] = first;
    axis->count[i] = end - first;
    for (int j = 0; j < end - first; j++) {
        w[j] = cubic((j + first - centre + 0.5) * shrink);
        total += w[j];
    }
    for (int j = 0; j < end - first; j++) {
        double k = total != 0.0 ? w[j] / total : w[j];

        axis->weights[(gsize)i * (gsize)axis->taps + (gsize)j] =
            (gint32)((k < 0 ? -0.5 : 0.5) + k * (1 << PRECISION));
    }
}

static void axis_init(Axis *axis, int in, int out)
{
    double scale = (double)in / out, widen = MAX(scale, 1.0);
    g_autofree double *w = NULL;

    g_assert(in > 0 && out > 0);
    axis->in = in;
    axis->out = out;
    axis->taps = (int)ceil(SUPPORT * widen) * 2 + 1;
    axis->first = g_new(int, out);
    axis->count = g_new(int, out);
    axis->weights = g_new0(gint32, (gsize)out * (gsize)axis->taps);
    w = g_new(double, axis->taps);
    for (int i = 0; i < out; i++)
        weigh(axis, i, scale, widen, w);
}

static void axis_finish(Axis *axis)
{
    g_free(axis->first);
    g_free(axis->count);
    g_free(axis->weights);
}

#define SAMPLE guint8
#define SUM gint32
#define LARGEST 255
#define NAME(x) x##8
#include "image/resize-passes.h"
#undef SAMPLE
#undef SUM
#undef LARGEST
#undef NAME

#define SAMPLE guint16
#define SUM gint64
#define LARGEST 65535
#define NAME(x) x##16
#include "image/resize-passes.h"
#undef SAMPLE
#undef SUM
#undef LARGEST
#undef NAME

QtrResize *qtr_resize_new(int in_width, int in_height, int out_width, int out_height)
{
    QtrResize *resize = g_new0(QtrResize, 1);

    axis_init(&resize->x, in_width, out_width);
    axis_init(&resize->y, in_height, out_height);
    return resize;
}

void qtr_resize_free(QtrResize *resize)
{
    if (!resize)
        return;
    axis_finish(&resize->x);
    axis_finish(&resize->y);
    g_free(resize);
}

/* The picture after the first pass. */
static gsize between_samples(const QtrResize *resize, int channels)
{
    return (gsize)resize->x.out * (gsize)resize->y.in * (gsize)channels;
}

void qtr_resize_apply8(const QtrResize *resize, const guint8 *in, guint8 *out, int channels)
{
    g_autofree guint8 *between = g_new(guint8, between_samples(resize, channels));

    g_assert(channels >= 1 && channels <= 4);
    apply8(resize, in, between, out, channels);
}

static guint32 sample_get(const QtrImage *image, gsize i)
{
    return image->depth == 8 ? ((const guint8 *)image->data)[i] : ((const guint16 *)image->data)[i];
}

static void sample_set(QtrImage *image, gsize i, guint32 value)
{
    if (image->depth == 8)
        ((guint8 *)image->data)[i] = (guint8)value;
    else
        ((guint16 *)image->data)[i] = (guint16)value;
}

/* Colour of transparent pixels must not bleed into its neighbours: resize colour times alpha.
 * Rounded one way and truncated the other, as Pillow does. */
static void multiply_alpha(QtrImage *image, gboolean undo)
{
    gsize n = (gsize)image->width * (gsize)image->height * (gsize)image->channels;
    guint32 largest = image->depth == 8 ? 255 : 65535;

    for (gsize i = 0; i < n; i += (gsize)image->channels) {
        guint64 alpha = sample_get(image, i + (gsize)image->channels - 1);

        for (gsize c = i; c < i + (gsize)image->channels - 1; c++) {
            guint64 v = sample_get(image, c);

            if (!undo)
                v = (v * alpha + largest / 2) / largest;
            else if (alpha != 0)
                v = MIN(v * largest / alpha, largest);
            sample_set(image, c, (guint32)v);
        }
    }
}

static gboolean resize_samples(const QtrImage *image, QtrImage *out, GError **error)
{
    g_autoptr(QtrResize) resize =
        qtr_resize_new(image->width, image->height, out->width, out->height);
    gsize samples = between_samples(resize, image->channels);
    g_autofree void *between = g_try_malloc_n(samples, (gsize)image->depth / 8);

    if (!between) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_MEMORY,
                    "not enough memory to bring an image of %d x %d pixels to %d x %d",
                    image->width, image->height, out->width, out->height);
        return FALSE;
    }
    if (image->depth == 8)
        apply8(resize, image->data, between, out->data, image->channels);
    else
        apply16(resize, image->data, between, out->data, image->channels);
    return TRUE;
}

QtrImage *qtr_image_resize_bicubic(const QtrImage *image, int width, int height, GError **error)
{
    g_autoptr(QtrImage) weighted = NULL;
    g_autoptr(QtrImage) out = NULL;
    gboolean alpha = image->channels == 2 || image->channels == 4;

    if (width == image->width && height == image->height)
        return qtr_image_copy(image, error);
    out = qtr_image_try_new(width, height, image->channels, image->depth, error);
    if (!out)
        return NULL;
    out->icc = image->icc ? g_bytes_ref(image->icc) : NULL;
    out->exif = image->exif ? g_bytes_ref(image->exif) : NULL;
    if (alpha) {
        weighted = qtr_image_copy(image, error);
        if (!weighted)
            return NULL;
        multiply_alpha(weighted, FALSE);
        image = weighted;
    }
    if (!resize_samples(image, out, error))
        return NULL;
    if (alpha)
        multiply_alpha(out, TRUE);
    return g_steal_pointer(&out);
}
