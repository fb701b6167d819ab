/* A tile of a large image has the bits of the whole, also where convolutions compute rows together
 * and no quantizer hides what they err. */
#include "device-fixture.h"
#include "infer-fixture.h"

#define WIDTH 277

static const char genotype_text[] =
    "Genotype_SR(head=[('simple_5x5', 32)], body=[('simple_5x5', 32), ('conv_3x1_1x3', 32), "
    "('simple_3x3', 32)], tail=[('simple_3x3', 32), ('simple_5x5', 32)], skip=[('simple_3x3', "
    "32)], "
    "upsample=[('simple_3x3', 32)])";

static void check_tiles(QtrInfer *infer, int height, int side)
{
    gsize n = 3 * (gsize)height * WIDTH;
    g_autofree float *lr = new_lr(n);
    g_autofree float *whole = g_new(float, n *SCALE *SCALE), *tiled = g_new(float, n *SCALE *SCALE);

    qtr_infer_set_tile(infer, 0);
    assert_true(qtr_infer_run(infer, lr, height, WIDTH, whole, NULL));
    qtr_infer_set_tile(infer, side);
    assert_true(qtr_infer_run(infer, lr, height, WIDTH, tiled, NULL));
    assert_memory_equal(whole, tiled, n * SCALE * SCALE * sizeof(float));
}

static void check_heights(QtrDevice *device, gboolean plain_skips)
{
    g_autoptr(QtrInfer) infer = new_infer(device, genotype_text, plain_skips, 1.0f);

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
