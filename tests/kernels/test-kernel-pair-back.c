/* The gradients of two convolutions as one launch: those of the data have the bits of two launches,
 * whatever the tile, those of the weights follow their definition; and where that is done. */
#include "compare.h"
#include "gpu/private.h"
#include "launch.h"
#include "ops/conv-pair.h"
#include "planes.h"
#include "ref-conv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    QtrConvShape first, second;
    int images, height, width;
} Case;

/* One pixel, one row, one column; widths that fill no vector; channels that fill no block; parts of
 * several groups; depthwise; kernels that are gone through row by row. */
static const Case cases[] = {
    {{3, 36, 3, 3, 3}, {36, 3, 5, 5, 3}, 2, 19, 61},
    {{3, 36, 1, 1, 1}, {36, 3, 5, 5, 1}, 1, 5, 50},
    {{3, 14, 3, 3, 1}, {14, 3, 3, 3, 1}, 3, 1, 1},
    {{12, 12, 5, 5, 12}, {12, 12, 1, 1, 1}, 1, 9, 37},
    {{8, 12, 3, 3, 4}, {12, 10, 3, 3, 2}, 2, 6, 33},
    {{5, 7, 3, 1, 1}, {7, 13, 1, 3, 1}, 1, 1, 40},
    {{2, 2, 9, 9, 1}, {2, 2, 1, 9, 2}, 1, 23, 14},
    {{6, 6, 3, 3, 6}, {6, 6, 5, 5, 6}, 2, 37, 1},
};

typedef struct {
    const Case *c;
    Launch *l;
    QtrConvPair back;
    QtrTensor *dy, *du, *dx, *a; /* of the two launches; start is what dx is added to */
    float *a_dense, *start;
    QtrTensor *mask;
    QtrBuffer *packed, *mix, *acts;
    QtrConvActivation between, end;
} Setup;

/* A mask of random bytes, around the images too, where nothing may come of it. */
static QtrTensor *new_mask(Setup *s, int channels, guint32 stream)
{
    const Case *c = s->c;
    QtrTensor *mask =
        qtr_tensor_pool_get_mask(s->l->pool, c->images, channels, c->height, c->width, NULL);
    gsize size;
    g_autofree gint8 *bytes = NULL;

    assert_non_null(mask);
    size = (gsize)qtr_tensor_planes(mask) * (gsize)qtr_tensor_plane_size(mask);
    bytes = g_new(gint8, size);
    for (gsize i = 0; i < size; i++)
        bytes[i] = kernel_draw(stream, i) < 0.3f ? -1 : 0;
    assert_true(qtr_buffer_write(mask->buffer, QTR_LEAD, bytes, size, NULL));
    return mask;
}

static QtrTensor *new_tensor(const Setup *s, int channels, guint32 stream, float **dense)
{
    return launch_tensor(s->l, s->c->images, channels, s->c->height, s->c->width, stream, dense);
}

static QtrConvHalf half_of(QtrDevice *device, const QtrConvShape *shape, gsize at)
{
    const QtrConvShape back = qtr_conv_transposed(shape);

    return (QtrConvHalf){back, qtr_conv_tile(device, &back), at};
}

static void setup(Setup *s, QtrDevice *device, const Case *c)
{
    static const float mix[] = {1.0f, 0.75f, 0.5f};
    static const float acts[] = {0.04f, 0.6f, 1.0f / 0.04f};
    int reach = MAX(MAX(c->first.kh, c->first.kw), MAX(c->second.kh, c->second.kw)) / 2;
    g_autofree float *weights = NULL;
    gsize n;

    *s = (Setup){.c = c, .l = launch_new_whole(device, reach)};
    s->back.first = half_of(device, &c->second, 8);
    n = 8 + qtr_conv_packed_size(&s->back.first.shape, s->back.first.tile);
    s->back.second = half_of(device, &c->first, n);
    n += qtr_conv_packed_size(&s->back.second.shape, s->back.second.tile);
    weights = kernel_draws(1, n);
    s->packed = launch_buffer(s->l, weights, n);
    s->mix = launch_buffer(s->l, mix, G_N_ELEMENTS(mix));
    s->acts = launch_buffer(s->l, acts, G_N_ELEMENTS(acts));
    s->dy = new_tensor(s, c->second.out, 2, NULL);
    s->du = new_tensor(s, c->first.out, 3, NULL);
    s->a = new_tensor(s, c->first.in, 4, &s->a_dense);
    s->between = (QtrConvActivation){.options = "-DNBITS=1",
                                     .u = s->du,
                                     .mask = new_mask(s, c->first.out, 5),
                                     .mix = s->mix,
                                     .acts = s->acts};
    s->end = (QtrConvActivation){.options = "-DNBITS=1",
                                 .u = new_tensor(s, c->first.in, 6, NULL),
                                 .mix = s->mix,
                                 .mix_at = 1,
                                 .acts = s->acts};
}

static void teardown(Setup *s)
{
    qtr_buffer_unref(s->packed);
    qtr_buffer_unref(s->mix);
    qtr_buffer_unref(s->acts);
    launch_free(s->l);
    g_free(s->a_dense);
}

static float *read_dense(const QtrTensor *t)
{
    float *values = g_new(float, planes_count(t));

    planes_read(t, values);
    return values;
}

/* dx by two launches, and *dw from its definition. */
static float *two_launches(Setup *s, gboolean accumulate, double **dw)
{
    const Case *c = s->c;
    const QtrTensor *dx = new_tensor(s, c->first.in, 7, NULL);
    gsize n_weights = (gsize)qtr_conv_shape_weights(&c->first);
    g_autofree float *du = NULL;
    g_autofree double *a64 = g_new(double, planes_count(s->a));
    g_autofree double *du64 = g_new(double, planes_count(s->du));

    qtr_conv_emit_back(&s->l->emit, &c->second, s->back.first.tile, s->dy, s->packed,
                       s->back.first.at, &s->between, s->du, FALSE);
    qtr_conv_emit_back(&s->l->emit, &c->first, s->back.second.tile, s->du, s->packed,
                       s->back.second.at, &s->end, dx, accumulate);
    launch_run(s->l);
    du = read_dense(s->du);
    for (gsize i = 0; i < planes_count(s->a); i++)
        a64[i] = (double)s->a_dense[i];
    for (gsize i = 0; i < planes_count(s->du); i++)
        du64[i] = (double)du[i];
    *dw = g_new0(double, n_weights);
    ref_conv_weights(&c->first, (RefSize){c->images, c->height, c->width}, a64, du64, *dw);
    return read_dense(dx);
}

static void check_tile(Setup *s, const char *what, gboolean accumulate, const float *dx,
                       const double *dw)
{
    const Case *c = s->c;
    gsize scratch_size =
        qtr_conv_pair_scratch(s->l->emit.device, &s->back, c->images, c->height, c->width);
    gsize n_weights = (gsize)qtr_conv_shape_weights(&c->first);
    g_autofree float *nans = g_new(float, MAX(scratch_size, n_weights + 1));
    g_autofree float *got = NULL, *got_weights = NULL;
    QtrConvPairGradients to = {.end = &s->end,
                               .a = s->a,
                               .dx = new_tensor(s, c->first.in, 7, NULL),
                               .accumulate = accumulate,
                               .at = 1};
    QtrBuffer *scratch;

    for (gsize i = 0; i < MAX(scratch_size, n_weights + 1); i++)
        nans[i] = NAN;
    scratch = launch_buffer(s->l, nans, scratch_size);
    to.dw = launch_buffer(s->l, nans, n_weights + 1);
    qtr_conv_pair_emit_back(&s->l->emit, &s->back, s->dy, s->packed, &s->between, scratch, &to);
    launch_run(s->l);
    got = read_dense(to.dx);
    got_weights = launch_read(to.dw, n_weights + 1);
    for (gsize i = 0; i < planes_count(to.dx); i++)
        if (memcmp(got + i, dx + i, sizeof *got) != 0)
            fail_msg("%s, %d lanes, %d>%d>%d: element %d of dx is %.9g and should be %.9g", what,
                     qtr_emit_lanes(&s->l->emit), c->second.out, c->first.out, c->first.in, (int)i,
                     (double)got[i], (double)dx[i]);
    kernel_compare(what, got_weights + 1, dw, n_weights, 1e-5, NULL);
    qtr_buffer_unref(scratch);
    qtr_buffer_unref(to.dw);
}

/* The tile of a large image, with the activation in front known by its input, and the smallest
 * one, so that items meet everywhere, with that known by its mask. */
static void check_case(QtrDevice *device, const Case *c)
{
    Setup s;

    setup(&s, device, c);
    for (int small = 0; small < 2; small++) {
        g_autofree float *dx = NULL;
        g_autofree double *dw = NULL;

        qtr_conv_pair_choose_back(device, &s.back, c->images, 4096, 4096);
        assert_true(s.back.tile.across > 0);
        if (small) {
            s.back.tile.across = s.back.tile.vectors2;
            s.back.tile.down = s.back.tile.rows;
            s.end.mask = new_mask(&s, c->first.in, 8);
        }
        dx = two_launches(&s, small, &dw);
        check_tile(&s, small ? "small tile" : "large tile", small, dx, dw);
    }
    teardown(&s);
}

static void test_gradients(void **state)
{
    for (gsize w = 0; w < G_N_ELEMENTS(kernel_widths); w++) {
        g_autoptr(QtrDevice) device = kernel_device(kernel_widths[w]);

        /* The code is the same for all vectors. */
        for (gsize i = 0; kernel_widths[w] > 1 && i < G_N_ELEMENTS(cases); i += w == 0 ? 1 : 3)
            check_case(device, &cases[i]);
    }
}

/* Of the gradients of `first` and `second`; *tile is what they are computed with. */
static gboolean chosen(QtrDevice *device, const QtrConvShape *first, const QtrConvShape *second,
                       int height, int width, QtrConvPairTile *tile)
{
    QtrConvPair back = {half_of(device, second, 0), half_of(device, first, 0), {0}};
    gboolean is_chosen = qtr_conv_pair_choose_back(device, &back, 1, height, width);

    *tile = back.tile;
    return is_chosen;
}

/* As for the forward pass where little is computed for what is between. The tile, from which the
 * order of the sums of weights follows, is the same on any number of cores. */
static void test_choice(void **state)
{
    g_autoptr(QtrDevice) device = kernel_device(16);
    g_autoptr(QtrDevice) scalars = kernel_device(1);
    const QtrConvShape in = {3, 36, 3, 3, 3}, out = {36, 3, 5, 5, 3};
    const QtrConvShape up = {36, 36, 3, 1, 1}, flat = {36, 36, 1, 3, 1};
    QtrConvPairTile few, many;

    assert_false(chosen(scalars, &in, &out, 180, 180, &few));
    assert_false(chosen(device, &up, &flat, 4096, 4096, &few));
    device->info->compute_units = 2;
    assert_true(chosen(device, &in, &out, 180, 180, &few));
    device->info->compute_units = 9;
    assert_true(chosen(device, &in, &out, 180, 180, &many));
    assert_memory_equal(&few, &many, sizeof few);
    device->info->compute_units = 10; /* more than 3 parts of 3 times 60 rows */
    assert_false(chosen(device, &in, &out, 180, 180, &many));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_choice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
