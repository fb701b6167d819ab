/* A tile of a large image has the bits of the whole, also where convolutions compute rows together
 * and no quantizer hides what they err. */
#include "device-fixture.h"

#include "run/infer.h"

#define SCALE 2
#define WIDTH 277

static const char genotype_text[] =
    "Genotype_SR(head=[('simple_5x5', 32)], body=[('simple_5x5', 32), ('conv_3x1_1x3', 32), "
    "('simple_3x3', 32)], tail=[('simple_3x3', 32), ('simple_5x5', 32)], skip=[('simple_3x3', "
    "32)], "
    "upsample=[('simple_3x3', 32)])";

static QtrInfer *new_infer(QtrDevice *device, gboolean plain_skips)
{
    QtrGenotype genotype;
    QtrNetParams params;
    QtrNet *net;
    QtrInfer *infer;

    assert_true(qtr_genotype_parse(&genotype, genotype_text, "test", NULL));
    qtr_net_params_init(&params);
    params.arch.c_fixed = 12;
    params.arch.scale = SCALE;
    params.arch.body_cells = 2;
    params.arch.skip_mode = plain_skips;
    params.genotype = &genotype;
    params.inference = TRUE;
    params.height = params.width = 8;
    params.seed = 3;
    net = qtr_net_new(device, &params, NULL);
    assert_non_null(net);
    infer = qtr_infer_new(device, &params.arch, &genotype);
    assert_true(qtr_infer_set_net(infer, net, NULL));
    qtr_net_free(net);
    return infer;
}

static void check_tiles(QtrInfer *infer, int height, int side)
{
    gsize n = 3 * (gsize)height * WIDTH;
    g_autofree float *lr = g_new(float, n);
    g_autofree float *whole = g_new(float, n *SCALE *SCALE), *tiled = g_new(float, n *SCALE *SCALE);

    for (gsize i = 0; i < n; i++)
        lr[i] = (float)(i * 7919 % 1009) / 1009.0f;
    qtr_infer_set_tile(infer, 0);
    assert_true(qtr_infer_run(infer, lr, height, WIDTH, whole, NULL));
    qtr_infer_set_tile(infer, side);
    assert_true(qtr_infer_run(infer, lr, height, WIDTH, tiled, NULL));
    assert_memory_equal(whole, tiled, n * SCALE * SCALE * sizeof(float));
}

static void check_heights(QtrDevice *device, gboolean plain_skips)
{
    g_autoptr(QtrInfer) infer = new_infer(device, plain_skips);

    for (int height = 197; height <= 200; height++)
        check_tiles(infer, height, 32);
    check_tiles(infer, 230, 64);
}

static void tiles_have_the_bits_of_the_whole(void **state)
{
    check_heights(*state, FALSE);
}

static void so_they_have_with_plain_skips(void **state)
{
    check_heights(*state, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_have_the_bits_of_the_whole),
        cmocka_unit_test(so_they_have_with_plain_skips),
    };

    return cmocka_run_group_tests(tests, open_device, close_device);
}
