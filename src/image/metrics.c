#include "image/metrics.h"

#include <math.h>
#include <string.h>

#define WINDOW 11
#define SIGMA 1.5

/* The inner part of an image's luminance, one byte a pixel. */
typedef struct {
    guint8 *y;
    int width, height;
} Luma;

/* Some colours lie exactly between two levels, and there the order of the sum decides. This one is
 * that of the published figures (NumPy's dot product adds the even terms first). */
static guint8 luminance(double r, double g, double b)
{
    return (guint8)rint((65.481 * r + 24.966 * b + 128.553 * g) / 255.0 + 16.0);
}

static Luma luma_new(const QtrImage *image, int border)
{
    Luma luma = {NULL, image->width - 2 * border, image->height - 2 * border};
    guint8 *out;

    if (luma.width < 1 || luma.height < 1)
        return luma;
    out = luma.y = g_new(guint8, (gsize)luma.width * (gsize)luma.height);
    for (int y = 0; y < luma.height; y++) {
        const guint8 *in = (const guint8 *)image->data +
                           (gsize)(y + border) * qtr_image_stride(image) + 3 * (gsize)border;

        for (int x = 0; x < luma.width; x++, in += 3)
            *out++ = luminance(in[0], in[1], in[2]);
    }
    return luma;
}

static void assert_comparable(const QtrImage *a, const QtrImage *b, int border)
{
    g_assert(a->channels == 3 && a->depth == 8 && b->channels == 3 && b->depth == 8);
    g_assert(a->width == b->width && a->height == b->height && border >= 0);
}

double qtr_image_psnr_y(const QtrImage *a, const QtrImage *b, int border)
{
    Luma p, q;
    gsize n;
    guint64 sum = 0;

    assert_comparable(a, b, border);
    p = luma_new(a, border);
    q = luma_new(b, border);
    n = p.y ? (gsize)p.width * (gsize)p.height : 0;
    for (gsize i = 0; i < n; i++) {
        int d = p.y[i] - q.y[i];

        sum += (guint64)(d * d);
    }
    g_free(p.y);
    g_free(q.y);
    if (n == 0)
        return NAN;
    return sum == 0 ? INFINITY : 20.0 * log10(255.0 / sqrt((double)sum / (double)n));
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
static double mean_ssim(const Luma *p, const Luma *q)
{
    gsize n = (gsize)p->width - WINDOW + 1, rows = (gsize)p->height - WINDOW + 1;
    gsize moments = MOMENTS * n;
    g_autofree double *ring = g_new(double, (gsize)WINDOW *moments);
    g_autofree double *m = g_new(double, moments);
    double w[WINDOW], sum = 0;

    gaussian(w);
    for (gsize y = 0; y < (gsize)p->height; y++) {
        gsize at = y * (gsize)p->width;

        blur_row(p->y + at, q->y + at, w, n, ring + y % WINDOW * moments);
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
    Luma p, q;
    double ssim = NAN;

    assert_comparable(a, b, border);
    p = luma_new(a, border);
    q = luma_new(b, border);
    if (p.width >= WINDOW && p.height >= WINDOW)
        ssim = mean_ssim(&p, &q);
    g_free(p.y);
    g_free(q.y);
    return ssim;
}
