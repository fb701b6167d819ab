/* Convolutions in strips of rows against their definition in double, on shapes that meet every
 * edge: images of less than a strip, last strips of every height, channels and vectors that fill no
 * tile.
 *
 * Bound: what a sum of so many products may err in float32, times 16: components are sums of up to
 * six rows with factors up to 5.25, and meet again with factors up to 8. */
#include "compare.h"
#include "launch.h"
#include "ops/winograd.h"
#include "planes.h"
#include "ref-conv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define AMPLIFIED 16.0

/* Widths whose pitch is a multiple of 16; `strips` an item's. */
typedef struct {
    QtrConvShape shape;
    int images, height, width, strips, vectors;
} Case;

static const Case cases[] = {
    {{5, 7, 5, 5, 1}, 2, 1, 14, 1, 1},   {{5, 7, 5, 5, 1}, 1, 2, 14, 2, 3},
    {{4, 4, 3, 3, 1}, 16, 3, 30, 1, 2},  {{12, 6, 5, 5, 3}, 8, 4, 13, 1, 1},
    {{3, 9, 3, 3, 3}, 1, 5, 46, 2, 2},   {{7, 3, 5, 3, 1}, 4, 6, 12, 3, 2},
    {{13, 12, 3, 5, 1}, 1, 7, 62, 1, 2}, {{1, 1, 5, 5, 1}, 1, 8, 45, 2, 2},
    {{8, 20, 5, 5, 2}, 6, 9, 14, 2, 1},  {{2, 5, 3, 9, 1}, 1, 13, 27, 4, 2},
    {{29, 14, 3, 3, 1}, 2, 1, 1, 1, 1},  {{18, 53, 3, 3, 1}, 8, 18, 30, 3, 1},
};

typedef struct {
    const Case *c;
    QtrConvShape back;
    int components;
    RefSize size;
    Launch *l;
    QtrTensor *x, *dy;
    float *x_dense, *dy_dense;
    double *w;
} Setup;

static double *in_double(const float *values, gsize n)
{
    double *result = g_new(double, n);

    for (gsize i = 0; i < n; i++)
        result[i] = (double)values[i];
    return result;
}

static Setup setup(QtrDevice *device, const Case *c)
{
    gsize n = qtr_conv_shape_weights(&c->shape);
    Setup s = {.c = c,
               .back = qtr_conv_transposed(&c->shape),
               .components = c->shape.kh + 3,
               .size = {c->images, c->height, c->width},
               .l = launch_new(device, MAX(c->shape.kh, c->shape.kw) / 2),
               .w = g_new(double, n)};

    s.x = launch_tensor(s.l, c->images, c->shape.in, c->height, c->width, 2, &s.x_dense);
    s.dy = launch_tensor(s.l, c->images, c->shape.out, c->height, c->width, 3, &s.dy_dense);
    for (gsize i = 0; i < n; i++)
        s.w[i] = (double)kernel_draw(1, i);
    return s;
}

static void teardown(Setup *s)
{
    launch_free(s->l);
    g_free(s->x_dense);
    g_free(s->dy_dense);
    g_free(s->w);
}

static QtrConvTile tile_of(const Setup *s)
{
    int lanes = qtr_emit_lanes(&s->l->emit);

    return (QtrConvTile){.channels = 4,
                         .vectors = s->c->vectors * (lanes == 16 ? 3 : 1),
                         .items_x = 1,
                         .components = s->components,
                         .strips = s->c->strips};
}

/* Component t of a weight in row k: of Lagrange's polynomials through 0, 1, -1, 2, -2 (, 1/2, -1/2)
 * and infinity (Winograd 1980), with the signs and scales of cl/winograd-points.cl. */
static double component_of(int kh, int t, int k)
{
    static const double points[] = {0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5};
    int n = kh + 2;
    double product = 1.0;

    if (t == n)
        return k == kh - 1 ? 1.0 : 0.0;
    for (int i = 0; i < n; i++)
        if (i != t)
            product *= points[t] - points[i];
    return (k == 0 ? 1.0 : pow(points[t], k)) / product;
}

/* Weight of output o and input i of a group at a tap, or of the data gradient's convolution. */
static double weight_at(const Setup *s, gboolean back, int group, int o, int i, int tap)
{
    int in = s->c->shape.in / s->c->shape.groups, out = s->c->shape.out / s->c->shape.groups;
    int taps = s->c->shape.kh * s->c->shape.kw;

    return back ? s->w[((group * out + i) * in + o) * taps + taps - 1 - tap]
                : s->w[((group * out + o) * in + i) * taps + tap];
}

/* [component][group][block][in][kx][channel], as cl/winograd.cl has it. */
static QtrBuffer *pack(const Setup *s, gboolean back)
{
    const QtrConvShape *shape = back ? &s->back : &s->c->shape;
    QtrConvTile tile = tile_of(s);
    int in = shape->in / shape->groups, out = shape->out / shape->groups;
    int blocks = qtr_ceil_div(out, tile.channels);
    gsize n = qtr_conv_packed_size(shape, tile);
    g_autofree float *packed = g_new0(float, n);

    for (int i = 0; i < s->components * shape->groups * out * in * shape->kw; i++) {
        int kx = i % shape->kw, c = i / shape->kw % in, o = i / shape->kw / in % out;
        int group = i / shape->kw / in / out % shape->groups;
        int t = i / shape->kw / in / out / shape->groups;
        int block = (t * shape->groups + group) * blocks + o / tile.channels;
        double sum = 0.0;

        for (int k = 0; k < shape->kh; k++)
            sum +=
                component_of(shape->kh, t, k) * weight_at(s, back, group, o, c, k * shape->kw + kx);
        packed[((block * in + c) * shape->kw + kx) * tile.channels + o % tile.channels] =
            (float)sum;
    }
    return launch_buffer(s->l, packed, n);
}

/* What every sum may err: as many products as it has, of magnitudes `a` and `b`. */
static void bound_from(double *magnitudes, gsize n, int products)
{
    for (gsize i = 0; i < n; i++)
        magnitudes[i] *= AMPLIFIED * sqrt((double)products) * 0x1p-23;
}

static double *magnitudes_of(const double *values, gsize n)
{
    double *result = g_new(double, n);

    for (gsize i = 0; i < n; i++)
        result[i] = fabs(values[i]);
    return result;
}

typedef void (*Reference)(const QtrConvShape *shape, RefSize size, const double *a, const double *b,
                          double *out);

/* The reference's result, added to `start`; NULL: 0. */
static void compare(const char *what, const Setup *s, const float *got, gsize n,
                    Reference reference, const double *a, gsize n_a, const double *b, gsize n_b,
                    int products, const float *start)
{
    g_autofree double *wanted = g_new0(double, n), *doubt = g_new0(double, n);
    g_autofree double *a_size = magnitudes_of(a, n_a), *b_size = magnitudes_of(b, n_b);

    reference(&s->c->shape, s->size, a, b, wanted);
    reference(&s->c->shape, s->size, a_size, b_size, doubt);
    for (gsize i = 0; i < n; i++)
        wanted[i] = wanted[i] + (start ? (double)start[i] : 0.0);
    bound_from(doubt, n, products);
    kernel_compare(what, got, wanted, n, 1e-6, doubt);
}

static void check_forward(Setup *s)
{
    const Case *c = s->c;
    gsize n = ref_count(s->size, c->shape.out), n_x = ref_count(s->size, c->shape.in);
    g_autofree float *start = NULL, *got = g_new(float, n);
    QtrTensor *y = launch_tensor(s->l, c->images, c->shape.out, c->height, c->width, 4, &start);
    g_autoptr(QtrBuffer) packed = pack(s, FALSE);
    g_autofree double *x = in_double(s->x_dense, n_x);
    int products = c->shape.in / c->shape.groups * c->shape.kh * c->shape.kw;

    qtr_conv_emit(&s->l->emit, &c->shape, tile_of(s), s->x, packed, 0, y, TRUE, NULL);
    launch_run(s->l);
    planes_read(y, got);
    compare("outputs", s, got, n, ref_conv, x, n_x, s->w, qtr_conv_shape_weights(&c->shape),
            products, start);
}

/* Tiles of columns, for images of any width, have the bits of whole rows. */
static void check_columns(Setup *s)
{
    const Case *c = s->c;
    gsize n = ref_count(s->size, c->shape.out);
    g_autofree float *rows = g_new(float, n), *columns = g_new(float, n);
    QtrTensor *y = launch_tensor(s->l, c->images, c->shape.out, c->height, c->width, 4, NULL);
    QtrTensor *z = launch_tensor(s->l, c->images, c->shape.out, c->height, c->width, 5, NULL);
    g_autoptr(QtrBuffer) packed = pack(s, FALSE);
    QtrConvTile tile = tile_of(s);

    qtr_conv_emit(&s->l->emit, &c->shape, tile, s->x, packed, 0, y, FALSE, NULL);
    tile.strips = 1;
    tile.columns = tile.vectors * qtr_emit_lanes(&s->l->emit);
    qtr_conv_emit(&s->l->emit, &c->shape, tile, s->x, packed, 0, z, FALSE, NULL);
    launch_run(s->l);
    planes_read(y, rows);
    planes_read(z, columns);
    assert_memory_equal(rows, columns, n * sizeof(float));
}

/* Through the gradient of one quantizer: u below 0, within its range and beyond by turns. */
static void check_data(Setup *s)
{
    static const float mix[] = {1.0f, 0.75f}, acts[] = {0.02f, 0.8f, 1.0f / 0.02f};
    const Case *c = s->c;
    gsize n = ref_count(s->size, c->shape.in), n_dy = ref_count(s->size, c->shape.out);
    g_autofree float *u_dense = NULL, *got = g_new(float, n);
    QtrTensor *u = launch_tensor(s->l, c->images, c->shape.in, c->height, c->width, 6, &u_dense);
    QtrTensor *du = launch_tensor(s->l, c->images, c->shape.in, c->height, c->width, 7, NULL);
    g_autoptr(QtrBuffer) packed = pack(s, TRUE), mixed = launch_buffer(s->l, mix, 2);
    g_autoptr(QtrBuffer) acted = launch_buffer(s->l, acts, 3);
    int lanes = qtr_emit_lanes(&s->l->emit);
    gsize n_dots = (gsize)qtr_conv_back_items(&c->shape, tile_of(s), du, lanes);
    g_autoptr(QtrBuffer) dots = launch_buffer(s->l, NULL, n_dots);
    g_autofree double *dy = in_double(s->dy_dense, n_dy), *dx = g_new0(double, n);
    g_autofree double *doubt = g_new0(double, n), *dy_size = magnitudes_of(dy, n_dy);
    g_autofree double *w_size = magnitudes_of(s->w, qtr_conv_shape_weights(&c->shape));
    g_autofree float *left = NULL;
    const QtrConvActivation activation = {
        .options = "-DNBITS=1", .u = u, .mix = mixed, .acts = acted, .dots = dots};
    double wanted_dot = 0.0, dot = 0.0, dot_doubt = 0.0;

    qtr_conv_emit_back(&s->l->emit, &c->shape, tile_of(s), s->dy, packed, 0, &activation, du,
                       FALSE);
    launch_run(s->l);
    planes_read(du, got);
    ref_conv_data(&c->shape, s->size, dy, s->w, dx);
    ref_conv_data(&c->shape, s->size, dy_size, w_size, doubt);
    bound_from(doubt, n, c->shape.out / c->shape.groups * c->shape.kh * c->shape.kw);
    for (gsize i = 0; i < n; i++) {
        float clamped = CLAMP(u_dense[i], 0.0f, 0.8f);
        double step = (double)0.02f;

        wanted_dot += dx[i] * rint((double)clamped / step) * step;
        dot_doubt += doubt[i];
        dx[i] *= clamped == u_dense[i] ? 0.75 : 0.0;
        doubt[i] *= clamped == u_dense[i] ? 1.0 : 0.0;
    }
    kernel_compare("data gradients", got, dx, n, 1e-6, doubt);
    left = launch_read(dots, n_dots);
    for (gsize i = 0; i < n_dots; i++)
        dot += (double)left[i];
    kernel_compare("dots", &(float){(float)dot}, &wanted_dot, 1, 1e-5, &dot_doubt);
}

/* The gradient of so many images after each other, 0: of all, with so much local memory, 0: as
 * the device has. */
static float *weight_gradient(Setup *s, int part, gsize bytes)
{
    const Case *c = s->c;
    QtrEmit *emit = &s->l->emit;
    gsize n = qtr_conv_shape_weights(&c->shape);
    g_autoptr(QtrBuffer) dw = launch_buffer(s->l, NULL, n);
    g_autoptr(QtrBuffer) scratch = launch_buffer(
        s->l, NULL, qtr_conv_wgrad_scratch(emit->device, &c->shape, s->components, c->images));

    emit->strips_bytes = bytes;
    for (int i = 0; i<c->images; i += part> 0 ? part : c->images) {
        if (part > 0)
            emit->images = (QtrImages){i, MIN(part, c->images - i)};
        qtr_conv_emit_wgrad(emit, &c->shape, s->components, s->x, s->dy, scratch, 0, dw, 0);
    }
    emit->images = (QtrImages){0};
    launch_run(s->l);
    return launch_read(dw, n);
}

static void check_weights(Setup *s, int part, gsize bytes)
{
    const Case *c = s->c;
    gsize n_x = ref_count(s->size, c->shape.in), n_dy = ref_count(s->size, c->shape.out);
    g_autofree double *x = in_double(s->x_dense, n_x), *dy = in_double(s->dy_dense, n_dy);
    g_autofree float *got = weight_gradient(s, part, bytes);

    compare("weight gradients", s, got, qtr_conv_shape_weights(&c->shape), ref_conv_weights, x, n_x,
            dy, n_dy, c->images * c->height * c->width, NULL);
}

/* How many output channels an item has changes nothing: of images of one strip, one by one, that
 * is all that memory decides. */
static void check_items(Setup *s)
{
    gsize n = qtr_conv_shape_weights(&s->c->shape);
    g_autofree float *most = weight_gradient(s, 1, 0), *least = weight_gradient(s, 1, 1);

    if (s->c->height <= QTR_WINOGRAD_ROWS)
        assert_memory_equal(most, least, n * sizeof(float));
}

static void test_strips(void **state)
{
    static const int widths[] = {16, 8, 4};

    kernel_skip_without_cpu("strips of rows are for CPUs");
    for (gsize i = 0; i < G_N_ELEMENTS(widths); i++) {
        g_autoptr(QtrDevice) device = kernel_device(widths[i]);

        /* The code is the same for all vectors. */
        for (gsize k = 0; k < G_N_ELEMENTS(cases); k += i == 0 ? 1 : 3) {
            Setup s = setup(device, &cases[k]);

            check_forward(&s);
            check_columns(&s);
            check_data(&s);
            check_weights(&s, 0, 0);
            check_weights(&s, 0, 1);
            check_weights(&s, 0, 4096);
            check_weights(&s, 0, 65536);
            check_weights(&s, 2, 0);
            check_items(&s);
            teardown(&s);
        }
    }
}

/* Where strips are taken: large kernels of many channels, not what they would slow down, and never
 * where rows do not begin with a vector. */
static void test_choice(void **state)
{
    g_autoptr(QtrDevice) device = kernel_device(16);
    const QtrConvShape large = {36, 36, 5, 5, 1}, few = {3, 36, 5, 5, 1}, flat = {36, 36, 1, 5, 1};
    const QtrConvShape upright = {36, 36, 5, 1, 1}, widest = {36, 36, 9, 9, 1};
    QtrConvTile tile = qtr_winograd_choose(device, &large, 45, 48);

    kernel_skip_without_cpu("strips of rows are for CPUs");
    assert_int_equal(tile.components, 8);
    assert_in_range(tile.strips, 1, 12);
    assert_int_equal(qtr_winograd_choose(device, &large, 45, 52).components, 0);
    assert_int_equal(qtr_winograd_choose(device, &large, 1, 48).components, 0);
    assert_int_equal(qtr_winograd_choose(device, &few, 45, 48).components, 0);
    assert_int_equal(qtr_winograd_choose(device, &flat, 45, 48).components, 0);
    assert_int_equal(qtr_winograd_choose(device, &upright, 45, 48).components, 0);
    assert_int_equal(qtr_winograd_choose(device, &widest, 45, 48).components, 0);
}

/* In inference the choice looks at shape and device alone, so that tiles have the bits of the
 * whole; the width of an image decides how its strips are cut. */
static void test_choice_for_any_image(void **state)
{
    g_autoptr(QtrDevice) device = kernel_device(16), scalar = kernel_device(1);
    const QtrConvShape body = {36, 36, 3, 3, 1}, grouped = {36, 48, 5, 5, 3},
                       few = {3, 36, 5, 5, 1};

    kernel_skip_without_cpu("strips of rows are for CPUs");
    for (int width = 1; width < 3000; width = width * 3 + 1) {
        assert_int_equal(qtr_winograd_choose_any(device, &body, width).components, 6);
        assert_int_equal(qtr_winograd_choose_any(device, &grouped, width).components, 8);
        assert_int_equal(qtr_winograd_choose_any(device, &few, width).components, 0);
        assert_int_equal(qtr_winograd_choose_any(scalar, &body, width).components, 0);
    }
    assert_true(qtr_winograd_choose_any(device, &body, 60).columns <
                qtr_winograd_choose_any(device, &body, 270).columns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strips),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_choice_for_any_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
