#include "qtr-sampler.h"

#include <math.h>
#include <string.h>

#define ONE 256 /* weights are parts of it */
#define RUN 32

/* Two neighbours, and how much of the second. */
typedef struct {
    int first, second;
    guint weight;
} Blend;

static Blend blend_at(int i, double step, int limit)
{
    double at = CLAMP((i + 0.5) * step - 0.5, 0.0, limit - 1.0);
    int first = (int)at;

    return (Blend){first, MIN(first + 1, limit - 1), (guint)((at - first) * ONE)};
}

/* In runs of a length that the compiler knows, so that it takes vectors. */
static void blend_rows(const guint8 *restrict a, const guint8 *restrict b, guint weight, int n,
                       guint8 *restrict out)
{
    guint16 to_b = (guint16)weight, to_a = (guint16)(ONE - weight);
    int i = 0;

    for (; i + RUN <= n; i += RUN)
        for (int k = 0; k < RUN; k++)
            out[i + k] = (guint8)((guint16)(a[i + k] * to_a + b[i + k] * to_b) >> 8);
    for (; i < n; i++)
        out[i] = (guint8)((guint16)(a[i] * to_a + b[i] * to_b) >> 8);
}

static void blend_pixels(const guint8 *a, const guint8 *b, guint weight, guint8 *out)
{
    for (int c = 0; c < 3; c++)
        out[c] = (guint8)((a[c] * (ONE - weight) + b[c] * weight) >> 8);
}

static void fill_blended(const QtrSampler *s, int x, int y, int width, int height, guint8 *out,
                         gsize stride)
{
    gsize in_stride = qtr_image_stride(s->image);
    g_autofree Blend *columns = g_new(Blend, width);
    g_autofree guint8 *row = NULL;
    int begin = blend_at(x, s->step_x, s->image->width).first;
    int end = blend_at(x + width - 1, s->step_x, s->image->width).second + 1;

    for (int i = 0; i < width; i++) {
        columns[i] = blend_at(x + i, s->step_x, s->image->width);
        columns[i].first = 3 * (columns[i].first - begin);
        columns[i].second = 3 * (columns[i].second - begin);
    }
    row = g_malloc((gsize)(end - begin) * 3);
    for (int j = 0; j < height; j++) {
        Blend rows = blend_at(y + j, s->step_y, s->image->height);
        const guint8 *in = (const guint8 *)s->image->data + (gsize)begin * 3;
        guint8 *to = out + (gsize)j * stride;

        blend_rows(in + (gsize)rows.first * in_stride, in + (gsize)rows.second * in_stride,
                   rows.weight, (end - begin) * 3, row);
        for (int i = 0; i < width; i++)
            blend_pixels(row + columns[i].first, row + columns[i].second, columns[i].weight,
                         to + 3 * i);
    }
}

static int nearest(int i, double step, int limit)
{
    return CLAMP((int)floor((i + 0.5) * step), 0, limit - 1);
}

static void fill_nearest(const QtrSampler *s, int x, int y, int width, int height, guint8 *out,
                         gsize stride)
{
    gsize in_stride = qtr_image_stride(s->image);
    g_autofree int *columns = g_new(int, width);
    int last = -1;

    for (int i = 0; i < width; i++)
        columns[i] = 3 * nearest(x + i, s->step_x, s->image->width);
    for (int j = 0; j < height; j++) {
        int from = nearest(y + j, s->step_y, s->image->height);
        const guint8 *in = (const guint8 *)s->image->data + (gsize)from * in_stride;
        guint8 *to = out + (gsize)j * stride;

        if (from == last) {
            memcpy(to, to - stride, (gsize)width * 3);
            continue;
        }
        for (int i = 0; i < width; i++, to += 3)
            memcpy(to, in + columns[i], 3);
        last = from;
    }
}

void qtr_sampler_fill(const QtrSampler *sampler, int x, int y, int width, int height, guint8 *out,
                      gsize stride)
{
    double step = MAX(sampler->step_x, sampler->step_y);

    if (width <= 0 || height <= 0)
        return;
    if (step > 1 && step <= 2.1)
        fill_blended(sampler, x, y, width, height, out, stride);
    else
        fill_nearest(sampler, x, y, width, height, out, stride);
}
