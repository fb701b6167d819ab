/* Two convolutions as one launch: the bits of two launches, whatever the tile, also of what is kept
 * in between, and where that is done. */
#include "compare.h"
#include "gpu/private.h"
#include "launch.h"
#include "ops/conv-pair.h"
#include "planes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    QtrConvShape first, second;
    int images, height, width, n_bits;
} Case;

/* One pixel, one row, one column; widths that fill no vector; channels that fill no block; parts of
 * several groups; depthwise; many and few channels behind. */
static const Case cases[] = {
    {{3, 36, 3, 3, 3}, {36, 3, 5, 5, 3}, 2, 19, 61, 1},
    {{3, 36, 1, 1, 1}, {36, 3, 5, 5, 1}, 1, 5, 50, 1},
    {{3, 14, 3, 3, 1}, {14, 3, 3, 3, 1}, 3, 1, 1, 2},
    {{12, 12, 5, 5, 12}, {12, 12, 1, 1, 1}, 1, 9, 37, 1},
    {{8, 12, 3, 3, 4}, {12, 10, 3, 3, 2}, 2, 6, 33, 2},
    {{5, 7, 3, 1, 1}, {7, 13, 1, 3, 1}, 1, 1, 40, 1},
    {{2, 2, 1, 9, 2}, {2, 2, 9, 9, 1}, 1, 23, 14, 1},
    {{6, 6, 3, 3, 6}, {6, 6, 5, 5, 6}, 2, 37, 1, 1},
};

typedef struct {
    const Case *c;
    Launch *l;
    QtrConvPair pair;
    QtrTensor *x;
    float *x_dense;
    QtrTensor *skip;
    QtrBuffer *packed, *mix, *acts, *phi;
    QtrConvActivation between;
} Setup;

static void setup(Setup *s, QtrDevice *device, const Case *c)
{
    static const float mix[] = {1.0f, 0.75f, 0.5f};
    static const float phi[] = {0.3f, 0, 0, 0, -1.7f, 0, 0, 0, 2.9f, 0, 0, 0};
    static const float acts[] = {0.04f, 1.24f, 1.0f / 0.04f, 0.0f, INFINITY, 0.0f};
    int reach = MAX(MAX(c->first.kh, c->first.kw), MAX(c->second.kh, c->second.kw)) / 2;
    g_autofree float *weights = NULL;
    gsize n;

    *s = (Setup){.c = c, .l = launch_new_whole(device, reach)};
    s->pair.first = (QtrConvHalf){c->first, qtr_conv_tile(device, &c->first), 8};
    s->pair.second = (QtrConvHalf){c->second, qtr_conv_tile(device, &c->second), 0};
    s->pair.second.at = 8 + qtr_conv_packed_size(&c->first, s->pair.first.tile);
    n = s->pair.second.at + qtr_conv_packed_size(&c->second, s->pair.second.tile);
    weights = kernel_draws(1, n);
    s->packed = launch_buffer(s->l, weights, n);
    s->mix = launch_buffer(s->l, mix, G_N_ELEMENTS(mix));
    s->acts = launch_buffer(s->l, acts, G_N_ELEMENTS(acts));
    s->between = (QtrConvActivation){
        .options = c->n_bits == 2 ? "-DNBITS=2" : "-DNBITS=1", .mix = s->mix, .acts = s->acts};
    s->x = launch_tensor(s->l, c->images, c->first.in, c->height, c->width, 2, &s->x_dense);
    s->skip = launch_tensor(s->l, c->images, c->second.out, c->height, c->width, 6, NULL);
    s->phi = launch_buffer(s->l, phi, G_N_ELEMENTS(phi));
}

static void teardown(Setup *s)
{
    qtr_buffer_unref(s->packed);
    qtr_buffer_unref(s->mix);
    qtr_buffer_unref(s->acts);
    qtr_buffer_unref(s->phi);
    launch_free(s->l);
    g_free(s->x_dense);
}

static QtrTensor *new_output(const Setup *s)
{
    return launch_tensor(s->l, s->c->images, s->c->second.out, s->c->height, s->c->width, 3, NULL);
}

static float *read_output(const Setup *s, const QtrTensor *y)
{
    float *values = g_new(float, planes_count(y));

    launch_run(s->l);
    planes_read(y, values);
    return values;
}

static float *two_launches(Setup *s, gboolean accumulate, const QtrConvEnd *end)
{
    const QtrConvEnd activated = {.next = &s->between};
    const Case *c = s->c;
    QtrTensor *y = new_output(s);
    QtrTensor *m = launch_tensor(s->l, c->images, c->first.out, c->height, c->width, 4, NULL);

    qtr_conv_emit(&s->l->emit, &c->first, s->pair.first.tile, s->x, s->packed, s->pair.first.at, m,
                  FALSE, &activated);
    qtr_conv_emit(&s->l->emit, &c->second, s->pair.second.tile, m, s->packed, s->pair.second.at, y,
                  accumulate, end);
    return read_output(s, y);
}

static void check_same(const Setup *s, const char *what, const float *got, const float *expected)
{
    int n = s->c->images * s->c->second.out * s->c->height * s->c->width;

    for (int i = 0; i < n; i++)
        if (memcmp(got + i, expected + i, sizeof *got) != 0)
            fail_msg("%s, %d lanes, %d>%d>%d of %d x %d: element %d is %.9g and should be %.9g",
                     what, qtr_emit_lanes(&s->l->emit), s->c->first.in, s->c->first.out,
                     s->c->second.out, s->c->height, s->c->width, i, (double)got[i],
                     (double)expected[i]);
}

static void check_whole(Setup *s, const char *what, const float *expected, gboolean accumulate,
                        const QtrConvEnd *end)
{
    QtrTensor *y = new_output(s);
    g_autofree float *got = NULL;

    qtr_conv_pair_emit(&s->l->emit, &s->pair, s->x, s->packed, y, accumulate, &s->between, end,
                       NULL);
    got = read_output(s, y);
    check_same(s, what, got, expected);
}

/* Rows `from` to before `to` of x. */
static QtrTensor *window_of(const Setup *s, int from, int to)
{
    const Case *c = s->c;
    QtrTensor *t = launch_tensor(s->l, c->images, c->first.in, to - from, c->width, 5, NULL);
    g_autofree float *rows = g_new(float, planes_count(t));
    gsize part = (gsize)(to - from) * (gsize)c->width;

    for (int p = 0; p < qtr_tensor_planes(t); p++)
        memcpy(rows + (gsize)p * part, s->x_dense + (gsize)((p * c->height + from) * c->width),
               part * sizeof *rows);
    planes_write(t, rows);
    t->image_height = c->height;
    t->first_row = from;
    return t;
}

/* The rows of each row of items after those before, from windows that hold what they reach. */
static void check_windows(Setup *s, const float *expected, const QtrConvEnd *end)
{
    int reach = s->c->first.kh / 2 + s->c->second.kh / 2, height = s->c->height;
    int down = s->pair.tile.down;
    QtrTensor *y = new_output(s);
    g_autofree float *got = NULL;

    for (int from = 0; from < height; from += down) {
        const QtrTensor *x = window_of(s, MAX(0, from - reach), MIN(height, from + down + reach));

        s->l->emit.rows = (QtrRows){from, MIN(height, from + down)};
        qtr_conv_pair_emit(&s->l->emit, &s->pair, x, s->packed, y, TRUE, &s->between, end, NULL);
    }
    s->l->emit.rows = (QtrRows){0};
    got = read_output(s, y);
    check_same(s, "windows", got, expected);
}

/* All of a tensor's or mask's planes, with what is around the images. */
static void *read_planes(const QtrTensor *t)
{
    gsize element = (gsize)t->element;
    gsize size = element * (gsize)qtr_tensor_planes(t) * (gsize)qtr_tensor_plane_size(t);
    void *planes = g_malloc(size);

    assert_true(qtr_buffer_read(t->buffer, element * QTR_LEAD, planes, size, NULL));
    return planes;
}

static void check_masks(const QtrTensor *got, const QtrTensor *expected)
{
    g_autofree char *a = read_planes(got), *b = read_planes(expected);

    for (int row = 0; row < qtr_tensor_planes(got) * got->height; row++) {
        int at = row / got->height * qtr_tensor_plane_size(got) +
                 (row % got->height + got->pad) * got->pitch;

        assert_memory_equal(a + at, b + at, (gsize)got->width);
    }
}

/* What is between is kept as the first of two launches would: values, zeros around them, masks. */
static void check_kept(Setup *s, const float *expected)
{
    const Case *c = s->c;
    QtrTensor *m[2], *mask[2], *y = new_output(s);
    g_autofree float *got = NULL, *planes = NULL, *kept = NULL;

    for (int i = 0; i < 2; i++) {
        m[i] =
            launch_tensor(s->l, c->images, c->first.out, c->height, c->width, 4 + (guint)i, NULL);
        mask[i] = qtr_tensor_pool_get_mask(s->l->pool, c->images, c->first.out, c->height, c->width,
                                           NULL);
        assert_non_null(mask[i]);
    }
    qtr_conv_emit(&s->l->emit, &c->first, s->pair.first.tile, s->x, s->packed, s->pair.first.at,
                  m[0], FALSE, &(QtrConvEnd){.next = &s->between, .mask = mask[0]});
    s->between.mask = mask[1];
    qtr_conv_pair_emit(&s->l->emit, &s->pair, s->x, s->packed, y, TRUE, &s->between, NULL, m[1]);
    s->between.mask = NULL;
    got = read_output(s, y);
    check_same(s, "beside what is kept", got, expected);
    planes = read_planes(m[0]);
    kept = read_planes(m[1]);
    assert_memory_equal(kept, planes,
                        sizeof(float) * (gsize)qtr_tensor_planes(m[0]) *
                            (gsize)qtr_tensor_plane_size(m[0]));
    check_masks(mask[1], mask[0]);
}

static void check_case(QtrDevice *device, const Case *c)
{
    g_autofree float *expected = NULL, *alone = NULL, *modulated = NULL, *plain = NULL;
    QtrConvEnd modulate, add;
    Setup s;

    setup(&s, device, c);
    modulate = (QtrConvEnd){.skip = s.skip, .phi = s.phi};
    add = (QtrConvEnd){.skip = s.skip};
    expected = two_launches(&s, TRUE, NULL);
    alone = two_launches(&s, FALSE, NULL);
    modulated = two_launches(&s, TRUE, &modulate);
    plain = two_launches(&s, FALSE, &add);
    /* The tile of a large image, and the smallest, so that items meet everywhere. */
    qtr_conv_pair_choose(device, &s.pair, 4096, 4096);
    assert_true(s.pair.tile.across > 0);
    check_whole(&s, "large tile", expected, TRUE, NULL);
    check_whole(&s, "modulated", modulated, TRUE, &modulate);
    if (c->n_bits == 1 && qtr_emit_lanes(&s.l->emit) > 1)
        check_kept(&s, expected);
    s.pair.tile.across = s.pair.tile.vectors2;
    s.pair.tile.down = s.pair.tile.rows;
    check_whole(&s, "small tile", expected, TRUE, NULL);
    check_whole(&s, "alone", alone, FALSE, NULL);
    if (c->n_bits == 1 && qtr_emit_lanes(&s.l->emit) > 1)
        check_kept(&s, expected);
    check_whole(&s, "modulated in small tiles", modulated, TRUE, &modulate);
    check_whole(&s, "added to a skip", plain, FALSE, &add);
    check_windows(&s, expected, NULL);
    check_windows(&s, modulated, &modulate);
    teardown(&s);
}

static void test_same_bits(void **state)
{
    for (gsize w = 0; w < G_N_ELEMENTS(kernel_widths); w++) {
        g_autoptr(QtrDevice) device = kernel_device(kernel_widths[w]);

        /* The code is the same for all vectors. */
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i += w == 0 ? 1 : 3)
            check_case(device, &cases[i]);
    }
}

static gboolean chosen(QtrDevice *device, QtrConvShape first, QtrConvShape second, int height,
                       int width)
{
    QtrConvPair pair = {{first, qtr_conv_tile(device, &first), 0},
                        {second, qtr_conv_tile(device, &second), 0},
                        {0}};

    return qtr_conv_pair_choose(device, &pair, height, width);
}

/* Few multiplications for what is between: the tails of most networks, and depthwise ones. Not
 * where the multiplications take the time, nor for less items than cores. */
static void test_choice(void **state)
{
    g_autoptr(QtrDevice) device = kernel_device(16);
    const QtrConvShape in = {3, 36, 3, 3, 3}, out = {36, 3, 5, 5, 3}, point = {3, 36, 1, 1, 1};
    const QtrConvShape out1 = {36, 3, 5, 5, 1}, deep = {36, 36, 5, 5, 36};
    const QtrConvShape mixer = {36, 36, 1, 1, 1}, up = {36, 36, 3, 1, 1}, flat = {36, 36, 1, 3, 1};
    const QtrConvShape wide = {1200, 1200, 1, 1, 1}, wide5 = {1200, 1, 5, 5, 1};

    assert_true(chosen(device, in, out, 4096, 4096));
    assert_true(chosen(device, point, out1, 4096, 4096));
    assert_true(chosen(device, deep, mixer, 4096, 4096));
    assert_false(chosen(device, up, flat, 4096, 4096));
    assert_false(chosen(device, wide, wide5, 4096, 4096));
    device->info->compute_units = 4;
    assert_true(chosen(device, point, out1, 64, 100));
    assert_false(chosen(device, point, out1, 48, 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_choice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
