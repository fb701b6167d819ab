/* The forms and tiles of convolutions: outputs and data gradients have the same bits in all, the
 * dots of data gradients in all tiles of the form for GPUs. */
#include "compare.h"
#include "launch.h"
#include "ops/conv-gpu.h"
#include "planes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    QtrConvShape shape;
    int images, height, width;
} Case;

static const Case cases[] = {
    {{36, 36, 3, 3, 1}, 2, 7, 13}, {{36, 36, 5, 5, 3}, 1, 9, 45}, {{3, 36, 5, 5, 1}, 1, 4, 17},
    {{36, 48, 3, 3, 1}, 1, 5, 33}, {{3, 3, 3, 3, 3}, 2, 20, 61},  {{13, 53, 1, 1, 1}, 1, 3, 16},
    {{7, 5, 5, 1, 1}, 3, 6, 1},    {{12, 12, 1, 9, 1}, 1, 2, 67}, {{14, 22, 7, 7, 2}, 1, 8, 30},
};

static const struct {
    int part, vectors, items_x;
} tiles[] = {{12, 1, 32}, {12, 2, 32}, {6, 2, 16}, {4, 1, 64},
             {3, 1, 16},  {1, 1, 16},  {7, 1, 48}, {1, 2, 32}};

/* y, du and the dots of du of one case. */
typedef struct {
    float *y, *du, *dots;
    gsize n_y, n_du, n_dots;
} Result;

static void result_clear(Result *r)
{
    g_free(r->y);
    g_free(r->du);
    g_free(r->dots);
}

/* Dense random weights as cl/conv.cl wants them for a tile. */
static QtrBuffer *pack(Launch *l, const QtrConvShape *s, QtrConvTile tile)
{
    int in = s->in / s->groups, out = s->out / s->groups, taps = s->kh * s->kw;
    int blocks = (out + tile.channels - 1) / tile.channels;
    gsize n = qtr_conv_packed_size(s, tile);
    g_autofree float *packed = g_new0(float, n);

    for (int g = 0; g < s->groups; g++)
        for (int o = 0; o < out; o++)
            for (int i = 0; i < in * taps; i++) {
                int at = ((g * blocks + o / tile.channels) * in * taps + i) * tile.channels +
                         o % tile.channels;

                packed[at] =
                    kernel_draw(1, (guint64)(g * out + o) * (guint64)(in * taps) + (guint64)i);
            }
    return launch_buffer(l, packed, n);
}

static void read_planes(const QtrTensor *t, float **values, gsize *count)
{
    *count = planes_count(t);
    *values = g_new(float, *count);
    planes_read(t, *values);
}

/* Both passes add to what is there, as most launches of a layer do. */
static Result run(QtrDevice *device, const Case *c, QtrConvTile tile, QtrConvTile back)
{
    static const float mix[] = {0.7f, 0.4f, 0.3f};
    static const float acts[] = {0.02f, 0.8f, 1.0f / 0.02f, 0.1f, 0.9f, 1.0f / 0.1f};
    const QtrConvShape *s = &c->shape, t = qtr_conv_transposed(s);
    g_autoptr(Launch) l = launch_new(device, MAX(s->kh, s->kw) / 2);
    QtrTensor *x = launch_tensor(l, c->images, s->in, c->height, c->width, 2, NULL);
    QtrTensor *y = launch_tensor(l, c->images, s->out, c->height, c->width, 3, NULL);
    QtrTensor *dy = launch_tensor(l, c->images, s->out, c->height, c->width, 4, NULL);
    QtrTensor *du = launch_tensor(l, c->images, s->in, c->height, c->width, 5, NULL);
    int lanes = qtr_emit_lanes(&l->emit);
    Result r = {.n_dots = 2 * (gsize)qtr_conv_back_items(s, back, du, lanes)};
    g_autoptr(QtrBuffer) packed = pack(l, s, tile), flipped = pack(l, &t, back);
    g_autoptr(QtrBuffer) mixed = launch_buffer(l, mix, G_N_ELEMENTS(mix));
    g_autoptr(QtrBuffer) acted = launch_buffer(l, acts, G_N_ELEMENTS(acts));
    g_autoptr(QtrBuffer) dots = launch_buffer(l, NULL, r.n_dots);
    const QtrConvActivation activation = {
        .options = "-DNBITS=2", .u = x, .mix = mixed, .acts = acted, .dots = dots};

    qtr_conv_emit(&l->emit, s, tile, x, packed, 0, y, TRUE, NULL);
    qtr_conv_emit_back(&l->emit, s, back, dy, flipped, 0, &activation, du, TRUE);
    launch_run(l);
    read_planes(y, &r.y, &r.n_y);
    read_planes(du, &r.du, &r.n_du);
    r.dots = launch_read(dots, r.n_dots);
    return r;
}

static void assert_same(const char *what, const float *a, const float *b, gsize n)
{
    for (gsize i = 0; i < n; i++)
        if (memcmp(a + i, b + i, sizeof *a) != 0)
            fail_msg("%s: element %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " is %.9g and %.9g",
                     what, i, n, (double)a[i], (double)b[i]);
}

static Result run_default(QtrTiles form, int width, const Case *c)
{
    QtrConvShape t = qtr_conv_transposed(&c->shape);
    g_autoptr(QtrDevice) device =
        qtr_device_open(&(QtrDeviceParams){.vector_width = width, .tiles = form}, NULL);

    assert_non_null(device);
    return run(device, c, qtr_conv_tile(device, &c->shape), qtr_conv_tile(device, &t));
}

static void test_forms(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Result cpu = run_default(QTR_TILES_ITEMS, 16, &cases[i]);
        Result gpu = run_default(QTR_TILES_SHARED, 1, &cases[i]);
        double a[2] = {0.0, 0.0}, b[2] = {0.0, 0.0};

        assert_same("y", cpu.y, gpu.y, cpu.n_y);
        assert_same("du", cpu.du, gpu.du, cpu.n_du);
        for (gsize k = 0; k < cpu.n_dots; k++)
            a[k % 2] += (double)cpu.dots[k];
        for (gsize k = 0; k < gpu.n_dots; k++)
            b[k % 2] += (double)gpu.dots[k];
        for (int k = 0; k < 2; k++) {
            float dot = (float)b[k];

            kernel_compare("dots", &dot, &a[k], 1, 1e-4, NULL);
        }
        result_clear(&cpu);
        result_clear(&gpu);
    }
}

/* Tiles of the list that fit, applied to both passes. */
static void check_tiles(QtrDevice *device, const Case *c, const Result *expected,
                        gboolean subgroups, int *tried)
{
    QtrConvShape t = qtr_conv_transposed(&c->shape);

    for (gsize i = 0; i < G_N_ELEMENTS(tiles); i++) {
        QtrConvTile tile = qtr_conv_gpu_tile_of(&c->shape, tiles[i].part, tiles[i].vectors,
                                                tiles[i].items_x, subgroups);
        QtrConvTile back =
            qtr_conv_gpu_tile_of(&t, tiles[i].part, tiles[i].vectors, tiles[i].items_x, subgroups);
        Result r;

        if (!qtr_conv_gpu_tile_fits(device, &c->shape, tile))
            tile = qtr_conv_tile(device, &c->shape);
        if (!qtr_conv_gpu_tile_fits(device, &t, back))
            continue;
        (*tried)++;
        r = run(device, c, tile, back);
        assert_int_equal(r.n_dots, expected->n_dots);
        assert_same("y", r.y, expected->y, r.n_y);
        assert_same("du", r.du, expected->du, r.n_du);
        assert_same("dots", r.dots, expected->dots, r.n_dots);
        result_clear(&r);
    }
}

static void check_cases(QtrDevice *device, gboolean subgroups)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i += 2) {
        Result expected = run_default(QTR_TILES_SHARED, 1, &cases[i]);
        int tried = 0;

        check_tiles(device, &cases[i], &expected, subgroups, &tried);
        assert_true(tried >= 2);
        result_clear(&expected);
    }
}

static QtrDevice *open_for_gpus(void)
{
    QtrDevice *device = qtr_device_open(&(QtrDeviceParams){.tiles = QTR_TILES_SHARED}, NULL);

    assert_non_null(device);
    return device;
}

static void test_tiles(void **state)
{
    g_autoptr(QtrDevice) device = open_for_gpus();

    check_cases(device, FALSE);
}

static void test_subgroups(void **state)
{
    g_autoptr(QtrDevice) device = open_for_gpus();

    if (!qtr_device_info(device)->subgroups_of_16) {
        print_message("the device has no subgroups of 16 items (Intel's extensions)\n");
        skip();
    }
    check_cases(device, TRUE);
}

/* Whatever the shape, the default tile is one that the kernels take. */
static void test_defaults_fit(void **state)
{
    static const int channels[] = {1, 2, 3, 5, 8, 12, 13, 17, 23, 36, 37, 48, 53, 64, 97, 128, 193};
    g_autoptr(QtrDevice) device = open_for_gpus();

    for (gsize i = 0; i < G_N_ELEMENTS(channels); i++)
        for (gsize o = 0; o < G_N_ELEMENTS(channels); o++)
            for (int k = 1; k <= 9; k += 2) {
                QtrConvShape shape = {channels[i], channels[o], k, k, 1};

                assert_true(qtr_conv_gpu_tile_fits(device, &shape, qtr_conv_tile(device, &shape)));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_tiles),
        cmocka_unit_test(test_subgroups),
        cmocka_unit_test(test_defaults_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
