#include "ref-conv.h"

#include <string.h>

/* What meets in one product: places in x, w and y. */
typedef void (*Meet)(gsize x, gsize w, gsize y, void *data);

/* Visits all triples of one output channel of one image and one tap. */
static void visit_tap(const QtrConvShape *s, RefSize size, int n, int o, int c, int ky, int kx,
                      Meet meet, void *data)
{
    int in = s->in / s->groups, group = o / (s->out / s->groups);
    int w = ((o * in + c) * s->kh + ky) * s->kw + kx;
    int dy = ky - s->kh / 2, dx = kx - s->kw / 2;

    for (int y = MAX(0, -dy); y < MIN(size.height, size.height - dy); y++)
        for (int x = MAX(0, -dx); x < MIN(size.width, size.width - dx); x++) {
            int from = ((n * s->in + group * in + c) * size.height + y + dy) * size.width + x + dx;
            int to = ((n * s->out + o) * size.height + y) * size.width + x;

            meet((gsize)from, (gsize)w, (gsize)to, data);
        }
}

static void visit(const QtrConvShape *s, RefSize size, Meet meet, void *data)
{
    for (int n = 0; n < size.images; n++)
        for (int o = 0; o < s->out; o++)
            for (int c = 0; c < s->in / s->groups; c++)
                for (int ky = 0; ky < s->kh; ky++)
                    for (int kx = 0; kx < s->kw; kx++)
                        visit_tap(s, size, n, o, c, ky, kx, meet, data);
}

/* Two operands, and the sums. */
typedef struct {
    const double *a, *b;
    double *out;
} Sums;

static void to_y(gsize x, gsize w, gsize y, void *data)
{
    Sums *s = data;

    s->out[y] += s->a[x] * s->b[w];
}

static void to_x(gsize x, gsize w, gsize y, void *data)
{
    Sums *s = data;

    s->out[x] += s->a[y] * s->b[w];
}

static void to_w(gsize x, gsize w, gsize y, void *data)
{
    Sums *s = data;

    s->out[w] += s->a[x] * s->b[y];
}

void ref_conv(const QtrConvShape *shape, RefSize size, const double *x, const double *w, double *y)
{
    Sums sums = {x, w, y};

    memset(y, 0, sizeof(double) * ref_count(size, shape->out));
    visit(shape, size, to_y, &sums);
}

void ref_conv_data(const QtrConvShape *shape, RefSize size, const double *dy, const double *w,
                   double *dx)
{
    Sums sums = {dy, w, dx};

    memset(dx, 0, sizeof(double) * ref_count(size, shape->in));
    visit(shape, size, to_x, &sums);
}

void ref_conv_weights(const QtrConvShape *shape, RefSize size, const double *x, const double *dy,
                      double *dw)
{
    Sums sums = {x, dy, dw};

    memset(dw, 0, sizeof(double) * qtr_conv_shape_weights(shape));
    visit(shape, size, to_w, &sums);
}
