/* In inference a block is a stream of rows through all its convolutions, each of which stores what
 * the next one's activation makes of it: the same bits as with whole tensors and activations of
 * their own, whatever the height of the strips. */
#include "../golden/harness.h"
#include "compare.h"
#include "gpu/private.h"
#include "planes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define IMAGES 2
#define CHANNELS 12
#define HEIGHT 23
#define WIDTH 37
#define COUNT (IMAGES * CHANNELS * HEIGHT * WIDTH)

/* Of these quantizers no convolution's rounding shows. */
static const char quantized[] =
    "Genotype_SR(head=[('simple_1x1', 8)], body=[('simple_5x5', 4), ('conv_3x1_1x3', 8), "
    "('simple_3x3_grouped_full', 3), ('DWS_5x5', 5), ('simple_3x3_grouped_3', 32)], tail=[], "
    "skip=[('simple_1x1', 2)], "
    "upsample=[('simple_3x3', 8)])";

/* Here every bit shows. */
static const char plain[] =
    "Genotype_SR(head=[('simple_1x1', 32)], body=[('simple_5x5', 32), ('conv_3x1_1x3', 32), "
    "('simple_3x3', 32), ('simple_5x5_grouped_3', 32), ('simple_5x5', 32)], tail=[], "
    "skip=[('simple_1x1', 32)], upsample=[('simple_3x3', 32)])";

static QtrNet *new_net(QtrDevice *device, const char *genotype_text, gboolean inference)
{
    QtrNetParams params;

    qtr_net_params_init(&params);
    params.batch = IMAGES;
    params.height = HEIGHT;
    params.width = WIDTH;
    params.seed = 5;
    params.inference = inference;
    params.arch.c_fixed = CHANNELS;
    params.arch.scale = 1;
    params.arch.body_cells = 1;
    params.arch.skip_mode = TRUE;
    return golden_new_net(device, &params, genotype_text);
}

/* y += body(x), with `rows` of the widest tensor in the cache; returns the number of launches. */
static guint run_body(QtrNet *net, int rows, float *y)
{
    g_autofree float *x = kernel_draws(1, COUNT), *start = kernel_draws(2, COUNT);
    g_autoptr(Harness) h = harness_new(net);
    QtrTensor *xt = harness_tensor(h, CHANNELS, HEIGHT, WIDTH, x);
    QtrTensor *yt = harness_tensor(h, CHANNELS, HEIGHT, WIDTH, start);
    guint launches;

    net->cached_bytes = 4 * sizeof(float) * (gsize)(rows * IMAGES * CHANNELS * yt->pitch);
    harness_run_list(net->prepare);
    net_emit_block(net, &h->emit, &net->cells[0].body, xt, yt, TRUE);
    launches = qtr_commands_count(h->emit.commands);
    harness_run(h);
    planes_read(yt, y);
    return launches;
}

/* Returns the launches of a strip of all rows. */
static guint check_strips(QtrNet *net, const float *expected)
{
    static const int strips[] = {1, 4, 7, HEIGHT};
    g_autofree float *got = g_new(float, COUNT);
    guint launches = 0;

    for (gsize s = 0; s < G_N_ELEMENTS(strips); s++) {
        launches = run_body(net, strips[s], got);
        assert_memory_equal(got, expected, COUNT * sizeof(float));
    }
    return launches;
}

/* The last two convolutions are one launch unless there are more cores than it has items. */
static void test_strips(void **state)
{
    static const int widths[] = {1, 4, 8, 16};

    for (gsize w = 0; w < G_N_ELEMENTS(widths) && kernel_form_has(widths[w]); w++) {
        g_autoptr(QtrDevice) device = kernel_device(widths[w]);
        g_autoptr(QtrNet) whole = new_net(device, quantized, FALSE),
                          stream = new_net(device, quantized, TRUE);
        g_autofree float *expected = g_new(float, COUNT);
        gboolean pairs = widths[w] > 1 && !qtr_device_info(device)->shares_tiles;
        guint launches;

        assert_false(net_is_stream(whole, &whole->cells[0].body));
        assert_true(net_is_stream(stream, &stream->cells[0].body));
        run_body(whole, HEIGHT, expected);
        device->info->compute_units = 1000;
        launches = check_strips(stream, expected);
        device->info->compute_units = 1;
        assert_int_equal(check_strips(stream, expected), launches - (pairs ? 1 : 0));
    }
}

/* Strips of a stream begin and end where the strips of four rows do that convolutions compute
 * together: their height changes no bit. */
static void check_rows_computed_together(QtrDevice *device)
{
    static const int strips[] = {1, 4, 7};
    g_autoptr(QtrNet) whole = new_net(device, plain, FALSE), stream = new_net(device, plain, TRUE);
    g_autofree float *expected = g_new(float, COUNT), *got = g_new(float, COUNT);
    g_autofree double *close = g_new(double, COUNT), *most = g_new(double, COUNT);
    double largest = 0.0;

    assert_true(
        qtr_device_info(device)->shares_tiles ||
        net_conv(stream, stream->cells[0].body.layers[0].ops[0].first_conv)->forward.components >
            0);
    run_body(whole, HEIGHT, expected);
    run_body(stream, HEIGHT, got);
    for (gsize i = 0; i < COUNT; i++)
        largest = fmax(largest, fabs((double)expected[i]));
    for (gsize i = 0; i < COUNT; i++) {
        close[i] = (double)expected[i];
        most[i] = 1e-5 * largest;
    }
    kernel_compare("a stream", got, close, COUNT, 0.0, most);
    memcpy(expected, got, COUNT * sizeof(float));
    for (gsize s = 0; s < G_N_ELEMENTS(strips); s++) {
        run_body(stream, strips[s], got);
        assert_memory_equal(got, expected, COUNT * sizeof(float));
    }
}

static void test_rows_computed_together(void **state)
{
    for (gsize w = 0; w < G_N_ELEMENTS(kernel_widths); w++) {
        g_autoptr(QtrDevice) device = kernel_device(kernel_widths[w]);
        gboolean has_rows = kernel_widths[w] > 1 || qtr_device_info(device)->shares_tiles;

        if (kernel_form_has(kernel_widths[w]) && has_rows)
            check_rows_computed_together(device);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_strips),
                                       cmocka_unit_test(test_rows_computed_together)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
