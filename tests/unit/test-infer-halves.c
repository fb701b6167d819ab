/* Inference in the form for GPUs with tensors of 16 bits: close to that of 32, in half the memory,
 * and the same in tiles as in one piece. */
#include "infer-fixture.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

#define HEIGHT 70
#define WIDTH 83
#define COUNT (3 * HEIGHT * WIDTH)
#define ROUNDINGS 6 /* of the largest value, one for each tensor; many cancel */

static const char genotype_text[] =
    "Genotype_SR(head=[('simple_3x3_grouped_3', 32)], body=[('simple_5x5', 32), ('conv_3x1_1x3', "
    "32)], tail=[('simple_3x3', 32)], skip=[('simple_1x1', 32)], upsample=[('simple_3x3', 32)])";

static float *enlarge(QtrInfer *infer, int tile)
{
    g_autofree float *lr = new_lr(COUNT);
    float *sr = g_new(float, COUNT *SCALE *SCALE);

    qtr_infer_set_tile(infer, tile);
    assert_true(qtr_infer_run(infer, lr, HEIGHT, WIDTH, sr, NULL));
    return sr;
}

/* The form for GPUs with scalars in all other kernels, as GPUs have them. */
static QtrDevice *open_device(QtrTiles form)
{
    const QtrDeviceParams params = {.tiles = form,
                                    .vector_width = form == QTR_TILES_SHARED ? 1 : 0};
    QtrDevice *device = qtr_device_open(&params, NULL);

    assert_non_null(device);
    return device;
}

static void check(gboolean plain_skips)
{
    g_autoptr(QtrDevice) device = open_device(QTR_TILES_SHARED);
    g_autoptr(QtrInfer) full = new_infer(device, genotype_text, plain_skips, 1.0f),
                        half = new_infer(device, genotype_text, plain_skips, 1.0f);
    guint64 before = qtr_device_allocated(device), full_bytes, half_bytes;
    g_autofree float *expected = enlarge(full, 0), *got = NULL, *tiled = NULL;
    double largest = 0.0, error = 0.0;

    full_bytes = qtr_device_allocated(device) - before;
    assert_true(qtr_infer_keep_halves(half, NULL));
    got = enlarge(half, 0);
    half_bytes = qtr_device_allocated(device) - before - full_bytes;
    for (int i = 0; i < COUNT * SCALE * SCALE; i++) {
        largest = fmax(largest, fabs((double)expected[i]));
        error = fmax(error, fabs((double)expected[i] - (double)got[i]));
    }
    assert_true(error > 0.0 && error < ROUNDINGS * 0x1p-11 * largest);
    assert_true((double)half_bytes < 0.6 * (double)full_bytes);
    tiled = enlarge(half, 32);
    assert_memory_equal(tiled, got, sizeof(float) * COUNT * SCALE * SCALE);
}

static void halves_are_close(void **state)
{
    check(FALSE);
}

static void so_they_are_with_plain_skips(void **state)
{
    check(TRUE);
}

static void what_they_cannot_hold_is_an_error(void **state)
{
    g_autoptr(QtrDevice) device = open_device(QTR_TILES_SHARED);
    g_autoptr(QtrInfer) infer = new_infer(device, genotype_text, TRUE, 1000.0f);
    g_autofree float *lr = g_new(float, COUNT), *sr = g_new(float, COUNT *SCALE *SCALE);
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < COUNT; i++)
        lr[i] = 0.5f;
    assert_true(qtr_infer_run(infer, lr, HEIGHT, WIDTH, sr, NULL));
    g_clear_pointer(&infer, qtr_infer_free);
    infer = new_infer(device, genotype_text, TRUE, 1000.0f);
    assert_true(qtr_infer_keep_halves(infer, NULL));
    assert_false(qtr_infer_run(infer, lr, HEIGHT, WIDTH, sr, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_FORMAT));
    assert_non_null(strstr(error->message, "env.half_tensors"));
}

static void cpus_refuse_them(void **state)
{
    g_autoptr(QtrDevice) device = open_device(QTR_TILES_ITEMS);
    g_autoptr(QtrInfer) infer = new_infer(device, genotype_text, TRUE, 1.0f);
    g_autoptr(GError) error = NULL;

    assert_false(qtr_infer_keep_halves(infer, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    assert_non_null(strstr(error->message, "-g"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_are_close),
        cmocka_unit_test(so_they_are_with_plain_skips),
        cmocka_unit_test(what_they_cannot_hold_is_an_error),
        cmocka_unit_test(cpus_refuse_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
