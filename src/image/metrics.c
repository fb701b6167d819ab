#include "image/metrics.h"

#include <math.h>
#include <string.h>

#define WINDOW 11
#define SIGMA 1.5

/* The inner part of two images of one size. */
typedef struct {
    const QtrImage *a, *b;
    int border;
    gsize width, height; /* 0 if nothing is left */
} Inner;

/* Some colours lie exactly between two levels, and there the order of the sum decides. This one is
 * that of the published figures (NumPy's dot product adds the even terms first). */
static guint8 luminance(double r, double g, double b)
{
    return (guint8)rint((65.481 * r + 24.966 * b + 128.553 * g) / 255.0 + 16.0);
}

static Inner inner_of(const QtrImage *a, const QtrImage *b, int border)
{
    Inner inner = {.a = a, .b = b, .border = border};

    g_assert(a->channels == 3 && a->depth == 8 && b->channels == 3 && b->depth == 8);
    g_assert(a->width == b->width && a->height == b->height && border >= 0);
    if (MIN(a->width, a->height) > 2 * border) {
        inner.width = (gsize)(a->width - 2 * border);
        inner.height = (gsize)(a->height - 2 * border);
    }
    return inner;
}

/* Row by row, so that two large images need no third and fourth. */
static void luma_row(const Inner *inner, const QtrImage *image, gsize y, guint8 *out)
{
    const guint8 *in = (const guint8 *)image->data +
                       (y + (gsize)inner->border) * qtr_image_stride(image) +
                       3 * (gsize)inner->border;

    for (gsize x = 0; x < inner->width; x++, in += 3)
        out[x] = luminance(in[0], in[1], in[2]);
}

double qtr_image_psnr_y(const QtrImage *a, const QtrImage *b, int border)
{
    const Inner inner = inner_of(a, b, border);
    g_autofree guint8 *p = g_new(guint8, inner.width + 1);
    g_autofree guint8 *q = g_new(guint8, inner.width + 1);
    double n = (double)inner.width * (double)inner.height;
    guint64 sum = 0;

    if (n == 0)
        return NAN;
    for (gsize y = 0; y < inner.height; y++) {
        luma_row(&inner, a, y, p);
        luma_row(&inner, b, y, q);
        for (gsize x = 0; x < inner.width; x++)
            sum += (guint64)((p[x] - q[x]) * (p[x] - q[x]));
    }
    return sum == 0 ? INFINITY : 20.0 * log10(255.0 / sqrt((double)sum / n));
}

/* Sliding moments: of a, b, a*a, b*b and a*b. */
enum { MEAN_A, MEAN_B, SQUARE_A, SQUARE_B, PRODUCT, MOMENTS };

static void gaussian(double w[WINDOW])
{
    double total = 0;

    for (int i = 0; i < WINDOW; i++) {
        int d = i - WINDOW / 2;

        w[i] = exp(-(double)(d * d) / (2 * SIGMA * SIGMA));
        total += w[i];
    }
    for (int i = 0; i < WINDOW; i++)
        w[i] /= total;
}

/* The moments of one row, blurred along it; `out` holds MOMENTS rows of `n`. */
static void blur_row(const guint8 *a, const guint8 *b, const double w[WINDOW], gsize n, double *out)
{
    memset(out, 0, MOMENTS * n * sizeof *out);
    for (int i = 0; i < WINDOW; i++)
        for (gsize x = 0; x < n; x++) {
            double p = a[x + (gsize)i], q = b[x + (gsize)i], wp = w[i] * p, wq = w[i] * q;

            out[MEAN_A * n + x] += wp;
            out[MEAN_B * n + x] += wq;
            out[SQUARE_A * n + x] += wp * p;
            out[SQUARE_B * n + x] += wq * q;
            out[PRODUCT * n + x] += wp * q;
        }
}

static double similarity(const double *m, gsize n, gsize x)
{
    const double c1 = (0.01 * 255) * (0.01 * 255), c2 = (0.03 * 255) * (0.03 * 255);
    double a = m[MEAN_A * n + x], b = m[MEAN_B * n + x];
    double var_a = m[SQUARE_A * n + x] - a * a, var_b = m[SQUARE_B * n + x] - b * b;
    double covariance = m[PRODUCT * n + x] - a * b;

    return ((2 * a * b + c1) * (2 * covariance + c2)) /
           ((a * a + b * b + c1) * (var_a + var_b + c2));
}

/* A ring of the last WINDOW blurred rows makes every output row cost one row of each pass. */
static double mean_ssim(const Inner *inner)
{
    gsize n = inner->width - WINDOW + 1, rows = inner->height - WINDOW + 1;
    gsize moments = MOMENTS * n;
    g_autofree double *ring = g_new(double, (gsize)WINDOW *moments);
    g_autofree double *m = g_new(double, moments);
    g_autofree guint8 *p = g_new(guint8, inner->width);
    g_autofree guint8 *q = g_new(guint8, inner->width);
    double w[WINDOW], sum = 0;

    gaussian(w);
    for (gsize y = 0; y < inner->height; y++) {
        luma_row(inner, inner->a, y, p);
        luma_row(inner, inner->b, y, q);
        blur_row(p, q, w, n, ring + y % WINDOW * moments);
        if (y < WINDOW - 1)
            continue;
        memset(m, 0, moments * sizeof *m);
        for (gsize i = 0; i < WINDOW; i++) {
            const double *row = ring + (y - WINDOW + 1 + i) % WINDOW * moments;

            for (gsize x = 0; x < moments; x++)
                m[x] += w[i] * row[x];
        }
        for (gsize x = 0; x < n; x++)
            sum += similarity(m, n, x);
    }
    return sum / ((double)n * (double)rows);
}

double qtr_image_ssim_y(const QtrImage *a, const QtrImage *b, int border)
{
    const Inner inner = inner_of(a, b, border);

    return MIN(inner.width, inner.height) >= WINDOW ? mean_ssim(&inner) : NAN;
}
