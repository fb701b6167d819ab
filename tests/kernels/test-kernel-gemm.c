/* 1x1 convolutions are products of matrices, which CLBlast computes too: outputs, data and weight
 * gradients of both, over planes with their zeros.
 *
 * Bound: two sums of k products in float32 differ by at most k * 2^-23 of the sum of magnitudes. */
#include "compare.h"
#include "gpu/gemm.h"
#include "launch.h"
#include "ops/conv.h"
#include "planes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    int in, out, groups, images, height, width;
} Case;

/* One of everything, single rows and columns, sizes around tiles and vectors, many to one and one
 * to many, groups, and the search's own. */
static const Case cases[] = {
    {1, 1, 1, 1, 1, 1},     {1, 7, 1, 2, 1, 5},    {7, 1, 1, 1, 6, 1},    {3, 36, 1, 1, 4, 17},
    {36, 3, 1, 2, 5, 31},   {37, 53, 1, 1, 3, 33}, {129, 2, 1, 1, 2, 65}, {12, 12, 3, 2, 7, 13},
    {36, 36, 1, 2, 45, 45}, {36, 36, 3, 1, 9, 64},
};

/* A case on the device: x, dy and weights, dense and as tensors. */
typedef struct {
    const Case *c;
    Launch *l;
    QtrConvShape shape;
    QtrTensor *x, *dy;
    float *x_dense, *dy_dense, *w_dense;
    QtrBuffer *w;
} Setup;

/* Channels of very different size and either sign, so that sums cancel. */
static float *draw_planes(guint32 stream, int images, int channels, int pixels)
{
    gsize n = (gsize)images * (gsize)channels * (gsize)pixels;
    float *values = kernel_draws(stream, n);

    for (gsize i = 0; i < n; i++)
        values[i] *= ldexpf(1.0f, (int)(i / (gsize)pixels) % 7 * 2);
    return values;
}

static QtrTensor *tensor(Launch *l, const Case *c, int channels, const float *dense)
{
    QtrTensor *t = qtr_tensor_pool_get(l->pool, c->images, channels, c->height, c->width, NULL);

    assert_non_null(t);
    planes_write(t, dense);
    return t;
}

static Setup setup_new(QtrDevice *device, const Case *c)
{
    int pixels = c->height * c->width;
    gsize n_w = (gsize)c->out * (gsize)(c->in / c->groups);
    Setup s = {.c = c,
               .l = launch_new(device, 1),
               .shape = {c->in, c->out, 1, 1, c->groups},
               .x_dense = draw_planes(2, c->images, c->in, pixels),
               .dy_dense = draw_planes(3, c->images, c->out, pixels),
               .w_dense = kernel_draws(1, n_w)};

    s.x = tensor(s.l, c, c->in, s.x_dense);
    s.dy = tensor(s.l, c, c->out, s.dy_dense);
    s.w = launch_buffer(s.l, s.w_dense, n_w);
    return s;
}

static void setup_clear(Setup *s)
{
    qtr_buffer_unref(s->w);
    launch_free(s->l);
    g_free(s->x_dense);
    g_free(s->dy_dense);
    g_free(s->w_dense);
}

/* weight[o][i] of a group, or of the transposed convolution. */
static float weight_at(const Setup *s, int group, int o, int i)
{
    int in = s->c->in / s->c->groups, out = s->c->out / s->c->groups;

    return s->w_dense[(group * out + o) * in + i];
}

/* As cl/conv.cl wants them for a tile; `back`: of the data gradient. */
static QtrBuffer *pack(const Setup *s, const QtrConvShape *shape, QtrConvTile tile, gboolean back)
{
    int in = shape->in / shape->groups, out = shape->out / shape->groups;
    int blocks = (out + tile.channels - 1) / tile.channels;
    gsize n = qtr_conv_packed_size(shape, tile);
    g_autofree float *packed = g_new0(float, n);

    for (int g = 0; g < shape->groups; g++)
        for (int o = 0; o < out; o++)
            for (int i = 0; i < in; i++)
                packed[((g * blocks + o / tile.channels) * in + i) * tile.channels +
                       o % tile.channels] = back ? weight_at(s, g, i, o) : weight_at(s, g, o, i);
    return launch_buffer(s->l, packed, n);
}

static QtrGpuMatrix planes_of(const QtrTensor *t, int image, int channel, gboolean transposed)
{
    gsize plane = (gsize)qtr_tensor_plane_size(t);

    return (QtrGpuMatrix){.buffer = t->buffer,
                          .at = QTR_LEAD + (gsize)(image * t->channels + channel) * plane,
                          .row = plane,
                          .transposed = transposed};
}

static QtrGpuMatrix weights_of(const Setup *s, QtrBuffer *buffer, int group, gboolean transposed)
{
    gsize in = (gsize)(s->c->in / s->c->groups), out = (gsize)(s->c->out / s->c->groups);

    return (QtrGpuMatrix){
        .buffer = buffer, .at = (gsize)group * out * in, .row = in, .transposed = transposed};
}

static void gemm(const QtrGpuMatrix *a, const QtrGpuMatrix *b, const QtrGpuMatrix *c, gsize m,
                 gsize n, gsize k, gboolean accumulate)
{
    g_autoptr(GError) error = NULL;

    if (!qtr_gpu_gemm(a, b, c, m, n, k, accumulate, &error))
        fail_msg("%s", error->message);
}

/* What a sum of `k` products may err, for every output: the same sum over magnitudes. */
static double *doubts(const Case *c, const float *from, int n_from, const Setup *s, gboolean back)
{
    int to = (back ? c->in : c->out) / c->groups, of = n_from / c->groups;
    int pixels = c->height * c->width;
    double *doubt = g_new0(double, (gsize)c->images *(gsize)(to * c->groups) * (gsize)pixels);
    double *at = doubt;

    for (int image = 0; image < c->images; image++)
        for (int g = 0; g < c->groups; g++)
            for (int t = 0; t < to; t++, at += pixels)
                for (int f = 0; f < of; f++) {
                    const float *plane =
                        from + (gsize)(image * n_from + g * of + f) * (gsize)pixels;
                    double w = fabs((double)(back ? weight_at(s, g, f, t) : weight_at(s, g, t, f)));

                    for (int p = 0; p < pixels; p++)
                        at[p] += w * fabs((double)plane[p]) * of * 0x1p-23;
                }
    return doubt;
}

static void compare_tensors(const char *what, const QtrTensor *ours, const QtrTensor *theirs,
                            const double *doubt)
{
    gsize n = planes_count(ours);
    g_autofree float *a = g_new(float, n), *b = g_new(float, n);
    g_autofree double *wanted = g_new(double, n);

    planes_read(ours, a);
    planes_read(theirs, b);
    for (gsize i = 0; i < n; i++)
        wanted[i] = (double)b[i];
    kernel_compare(what, a, wanted, n, 0.0, doubt);
}

static void check_forward(Setup *s)
{
    const Case *c = s->c;
    int in = c->in / c->groups, out = c->out / c->groups;
    QtrTensor *ours = launch_tensor(s->l, c->images, c->out, c->height, c->width, 4, NULL);
    QtrTensor *theirs = launch_tensor(s->l, c->images, c->out, c->height, c->width, 5, NULL);
    QtrConvTile tile = qtr_conv_tile(s->l->emit.device, &s->shape);
    g_autoptr(QtrBuffer) packed = pack(s, &s->shape, tile, FALSE);
    g_autofree double *doubt = doubts(c, s->x_dense, c->in, s, FALSE);

    qtr_conv_emit(&s->l->emit, &s->shape, tile, s->x, packed, 0, ours, FALSE, NULL);
    launch_run(s->l);
    for (int image = 0; image < c->images; image++)
        for (int g = 0; g < c->groups; g++) {
            const QtrGpuMatrix w = weights_of(s, s->w, g, FALSE);
            const QtrGpuMatrix x = planes_of(s->x, image, g * in, FALSE);
            const QtrGpuMatrix y = planes_of(theirs, image, g * out, FALSE);

            gemm(&w, &x, &y, (gsize)out, x.row, (gsize)in, FALSE);
        }
    compare_tensors("outputs", ours, theirs, doubt);
}

/* The activation in front has slope one everywhere: u lies within its range. */
static void check_data(Setup *s)
{
    static const float mix[] = {1.0f, 1.0f}, acts[] = {0.02f, 0.8f, 1.0f / 0.02f};
    const Case *c = s->c;
    int in = c->in / c->groups, out = c->out / c->groups;
    const QtrConvShape t = qtr_conv_transposed(&s->shape);
    QtrTensor *u = launch_tensor(s->l, c->images, c->in, c->height, c->width, 6, NULL);
    QtrTensor *ours = launch_tensor(s->l, c->images, c->in, c->height, c->width, 7, NULL);
    QtrTensor *theirs = launch_tensor(s->l, c->images, c->in, c->height, c->width, 8, NULL);
    QtrConvTile tile = qtr_conv_tile(s->l->emit.device, &t);
    g_autoptr(QtrBuffer) packed = pack(s, &t, tile, TRUE);
    g_autoptr(QtrBuffer) mixed = launch_buffer(s->l, mix, G_N_ELEMENTS(mix));
    g_autoptr(QtrBuffer) acted = launch_buffer(s->l, acts, G_N_ELEMENTS(acts));
    g_autofree float *half = g_new(float, planes_count(u));
    g_autofree double *doubt = doubts(c, s->dy_dense, c->out, s, TRUE);
    const QtrConvActivation activation = {
        .options = "-DNBITS=1", .u = u, .mix = mixed, .acts = acted};

    for (gsize i = 0; i < planes_count(u); i++)
        half[i] = 0.5f;
    planes_write(u, half);
    qtr_conv_emit_back(&s->l->emit, &s->shape, tile, s->dy, packed, 0, &activation, ours, FALSE);
    launch_run(s->l);
    for (int image = 0; image < c->images; image++)
        for (int g = 0; g < c->groups; g++) {
            const QtrGpuMatrix w = weights_of(s, s->w, g, TRUE);
            const QtrGpuMatrix dy = planes_of(s->dy, image, g * out, FALSE);
            const QtrGpuMatrix dx = planes_of(theirs, image, g * in, FALSE);

            gemm(&w, &dy, &dx, (gsize)in, dy.row, (gsize)out, FALSE);
        }
    compare_tensors("data gradients", ours, theirs, doubt);
}

/* Sums over all images' pixels. */
static double weight_doubt(const Setup *s, int o, int i)
{
    const Case *c = s->c;
    int in = c->in / c->groups, g = o / (c->out / c->groups);
    gsize pixels = (gsize)c->height * (gsize)c->width;
    double sum = 0.0;

    for (int image = 0; image < c->images; image++)
        for (gsize p = 0; p < pixels; p++)
            sum += fabs((double)s->dy_dense[(gsize)(image * c->out + o) * pixels + p] *
                        (double)s->x_dense[(gsize)(image * c->in + g * in + i) * pixels + p]);
    return sum * c->images * (double)pixels * 0x1p-23;
}

static void check_weights(Setup *s)
{
    const Case *c = s->c;
    QtrEmit *emit = &s->l->emit;
    int in = c->in / c->groups, out = c->out / c->groups;
    gsize n = (gsize)c->out * (gsize)in;
    g_autoptr(QtrBuffer) ours = launch_buffer(s->l, NULL, n), theirs = launch_buffer(s->l, NULL, n);
    g_autoptr(QtrBuffer) scratch =
        launch_buffer(s->l, NULL, qtr_conv_wgrad_scratch(emit->device, &s->shape, 0, c->images));
    g_autofree double *wanted = g_new(double, n), *doubt = g_new(double, n);
    g_autofree float *a = NULL, *b = NULL;

    qtr_conv_emit_wgrad(emit, &s->shape, 0, s->x, s->dy, scratch, 0, ours, 0);
    launch_run(s->l);
    for (int image = 0; image < c->images; image++)
        for (int g = 0; g < c->groups; g++) {
            const QtrGpuMatrix dy = planes_of(s->dy, image, g * out, FALSE);
            const QtrGpuMatrix x = planes_of(s->x, image, g * in, TRUE);
            const QtrGpuMatrix dw = weights_of(s, theirs, g, FALSE);

            gemm(&dy, &x, &dw, (gsize)out, (gsize)in, dy.row, image > 0);
        }
    a = launch_read(ours, n);
    b = launch_read(theirs, n);
    for (gsize i = 0; i < n; i++) {
        wanted[i] = (double)b[i];
        doubt[i] = weight_doubt(s, (int)i / in, (int)i % in);
    }
    kernel_compare("weight gradients", a, wanted, n, 0.0, doubt);
}

static void check_all(void **state, void (*check)(Setup *))
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Setup s = setup_new(*state, &cases[i]);

        check(&s);
        setup_clear(&s);
    }
}

static void outputs_are_products(void **state)
{
    check_all(state, check_forward);
}

static void data_gradients_are_products(void **state)
{
    check_all(state, check_data);
}

static void weight_gradients_are_products(void **state)
{
    check_all(state, check_weights);
}

static int open_device(void **state)
{
    *state = kernel_device(0);
    return 0;
}

static int close_device(void **state)
{
    qtr_device_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_products),
        cmocka_unit_test(data_gradients_are_products),
        cmocka_unit_test(weight_gradients_are_products),
    };

    return cmocka_run_group_tests(tests, open_device, close_device);
}
