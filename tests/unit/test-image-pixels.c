/* Conversions, resizing and quality measures on made-up pictures. */
#include "image-fixture.h"

#include "base/error.h"
#include "image/metrics.h"
#include "image/resize.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Digests of what Pillow 10.4 makes of the same pictures. */
static void test_resize_matches_pillow(void **state)
{
    static const struct {
        int width, height, channels, to_width, to_height;
        const char *digest;
    } cases[] = {
        {180, 180, 3, 45, 45, "976b5c8af9e430ea962b99816b446ebdba18a9857a3606a18c5dcc295535a72a"},
        {97, 61, 3, 200, 30, "ca67a84162ca3b24f726c6bdd99f0d3d52532858f1405fbcdaa1f03eed8eea20"},
        {31, 105, 1, 7, 26, "126fc7890f64d67768b56b54d93eab167863adcfb7169313d5a577b092cc1a64"},
        {40, 33, 4, 13, 50, "203c86677c55e662c06fa09865258f3fa85deb6173354a013533de6d3d93a60d"},
        {7, 90, 2, 1, 1, "532eab86ee4b93b023e380fa605569bc678a0474472e2a76c54e0cc23ed6fd68"},
    };

    for (int i = 0; i < (int)G_N_ELEMENTS(cases); i++) {
        g_autoptr(QtrImage) in =
            picture(cases[i].width, cases[i].height, cases[i].channels, 8, i + 1);
        g_autoptr(QtrImage) out =
            qtr_image_resize_bicubic(in, cases[i].to_width, cases[i].to_height, NULL);
        g_autofree char *digest = g_compute_checksum_for_data(
            G_CHECKSUM_SHA256, out->data, (gsize)out->height * qtr_image_stride(out));

        assert_string_equal(digest, cases[i].digest);
    }
}

static void test_resize_16_bits_follows_8(void **state)
{
    g_autoptr(QtrImage) narrow = picture(50, 40, 3, 8, 1);
    g_autoptr(QtrImage) wide = qtr_image_new(50, 40, 3, 16);
    g_autoptr(QtrImage) narrow_out = NULL;
    g_autoptr(QtrImage) wide_out = NULL;

    for (int i = 0; i < 50 * 40 * 3; i++)
        ((guint16 *)wide->data)[i] = (guint16)(257 * ((guint8 *)narrow->data)[i]);
    narrow_out = qtr_image_resize_bicubic(narrow, 70, 13, NULL);
    wide_out = qtr_image_resize_bicubic(wide, 70, 13, NULL);
    assert_int_equal(wide_out->depth, 16);
    /* 8 bits round twice; 16 bits hardly do. */
    for (int i = 0; i < 70 * 13 * 3; i++)
        assert_in_range(
            ((guint16 *)wide_out->data)[i] + 400 - 257 * ((guint8 *)narrow_out->data)[i], 0, 800);
}

static void test_resize_ignores_colour_of_transparent_pixels(void **state)
{
    g_autoptr(QtrImage) in = qtr_image_new(20, 20, 4, 8);
    g_autoptr(QtrImage) out = NULL;

    for (int i = 0; i < 400; i++) {
        guint8 *p = (guint8 *)in->data + 4 * i;
        gboolean opaque = i % 20 < 10;

        p[0] = opaque ? 200 : 0;
        p[1] = opaque ? 0 : 255;
        p[3] = opaque ? 255 : 0;
    }
    out = qtr_image_resize_bicubic(in, 7, 7, NULL);
    for (int i = 0; i < 49; i++)
        if (((guint8 *)out->data)[4 * i + 3] != 0)
            assert_int_equal(((guint8 *)out->data)[4 * i + 1], 0);
}

static void test_to_rgb8(void **state)
{
    g_autoptr(QtrImage) grey = qtr_image_new(2, 1, 2, 16);
    g_autoptr(QtrImage) rgb = NULL;
    const guint16 samples[] = {128, 9, 65535, 0}; /* 128/257 rounds to 0 */
    const guint8 want[] = {0, 0, 0, 255, 255, 255};

    memcpy(grey->data, samples, sizeof samples);
    grey->icc = g_bytes_new("grey", 4);
    rgb = qtr_image_to_rgb8(grey, NULL);
    assert_int_equal(rgb->channels, 3);
    assert_memory_equal(rgb->data, want, sizeof want);
    assert_null(rgb->icc);
    ((guint16 *)grey->data)[0] = 129;
    qtr_image_free(rgb);
    rgb = qtr_image_to_rgb8(grey, NULL);
    assert_int_equal(((guint8 *)rgb->data)[0], 1);
}

static void test_crop(void **state)
{
    g_autoptr(QtrImage) image = picture(9, 7, 3, 16, 2);
    g_autoptr(QtrImage) part = qtr_image_crop(image, 2, 3, 5, 4, NULL);

    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 5; x++)
            assert_memory_equal((guint16 *)part->data + 3 * (y * 5 + x),
                                (guint16 *)image->data + 3 * ((y + 3) * 9 + 2 + x),
                                3 * sizeof(guint16));
}

static QtrImage *plain(int side, guint8 level)
{
    QtrImage *image = qtr_image_new(side, side, 3, 8);

    memset(image->data, level, (gsize)side * (gsize)side * 3);
    return image;
}

static void test_psnr_by_hand(void **state)
{
    g_autoptr(QtrImage) black = plain(20, 0);
    g_autoptr(QtrImage) white = plain(20, 255);
    g_autoptr(QtrImage) spot = plain(20, 0);

    /* Y runs from 16 to 235. */
    assert_true(fabs(qtr_image_psnr_y(black, white, 4) - 20 * log10(255.0 / 219.0)) < 1e-12);
    assert_true(qtr_image_psnr_y(black, black, 4) == INFINITY);
    memset((guint8 *)spot->data + 3 * (3 * 20 + 10), 255, 3);
    assert_true(qtr_image_psnr_y(black, spot, 4) == INFINITY);
    assert_true(isfinite(qtr_image_psnr_y(black, spot, 3)));
    assert_true(isnan(qtr_image_psnr_y(black, white, 10)));
}

/* The expected figure was computed with a plain two-dimensional window in NumPy. */
static void test_ssim_of_shifted_picture(void **state)
{
    g_autoptr(QtrImage) a = picture(180, 180, 3, 8, 1);
    g_autoptr(QtrImage) b = qtr_image_new(180, 180, 3, 8);

    for (int y = 0; y < 180; y++)
        for (int x = 0; x < 180; x++)
            for (int c = 0; c < 3; c++)
                ((guint8 *)b->data)[3 * (y * 180 + x) + c] =
                    (guint8)(((guint8 *)a->data)[3 * (y * 180 + (x + 177) % 180) + c] * 0.9 + 7);
    assert_true(fabs(qtr_image_ssim_y(a, b, 4) - -0.11190201743161321) < 1e-9);
}

static void test_ssim_limits(void **state)
{
    g_autoptr(QtrImage) a = picture(30, 20, 3, 8, 1);
    g_autoptr(QtrImage) black = plain(19, 0);
    g_autoptr(QtrImage) white = plain(19, 255);
    double c1 = 0.01 * 255 * 0.01 * 255;

    assert_true(fabs(qtr_image_ssim_y(a, a, 4) - 1) < 1e-12);
    assert_true(fabs(qtr_image_ssim_y(black, white, 4) -
                     (2 * 16 * 235 + c1) / (16 * 16 + 235 * 235 + c1)) < 1e-9);
    assert_true(isnan(qtr_image_ssim_y(black, white, 5)));
}

/* AddressSanitizer ends the program where malloc would fail. */
#ifndef __SANITIZE_ADDRESS__
static rlim_t limit_memory(rlim_t more)
{
    g_autofree char *text = NULL;
    struct rlimit limit;
    rlim_t before;
    guint64 pages;

    assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    pages = g_ascii_strtoull(text, NULL, 10);
    assert_int_equal(getrlimit(RLIMIT_AS, &limit), 0);
    before = limit.rlim_cur;
    limit.rlim_cur = pages * (guint64)sysconf(_SC_PAGESIZE) + more;
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
    return before;
}

static void restore_memory(rlim_t before)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_AS, &limit), 0);
    limit.rlim_cur = before;
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
}

/* The pages of these pictures are never touched. */
static void test_memory_that_is_not_there(void **state)
{
    g_autoptr(QtrImage) image = qtr_image_try_new(30000, 20000, 2, 8, NULL);
    GError *errors[4] = {NULL};
    QtrImage *made[4];
    rlim_t before;

    assert_non_null(image);
    before = limit_memory((rlim_t)1 << 30);
    made[0] = qtr_image_to_rgb8(image, &errors[0]);
    made[1] = qtr_image_copy(image, &errors[1]);
    made[2] = qtr_image_resize_bicubic(image, 60000, 20000, &errors[2]);
    made[3] = qtr_image_resize_bicubic(image, 1000, 60000, &errors[3]);
    restore_memory(before);
    for (int i = 0; i < 4; i++) {
        assert_null(made[i]);
        g_assert_error(errors[i], QTR_ERROR, QTR_ERROR_MEMORY);
        assert_non_null(strstr(errors[i]->message, "000 x 20000 pixels"));
        g_error_free(errors[i]);
    }
}
#endif

static void test_results_too_large(void **state)
{
    g_autoptr(QtrImage) wide = qtr_image_new(20000, 4, 1, 8);
    g_autoptr(QtrImage) tall = qtr_image_new(1, 20000, 3, 16);
    g_autoptr(GError) error = NULL;

    assert_null(qtr_image_resize_bicubic(wide, 80000, 16, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_FORMAT);
    assert_non_null(strstr(error->message, "80000 x 16"));
    g_clear_error(&error);
    assert_null(qtr_image_resize_bicubic(tall, 60000, 60000, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_FORMAT);
    assert_non_null(strstr(error->message, "60000 x 60000"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resize_matches_pillow),
        cmocka_unit_test(test_resize_16_bits_follows_8),
        cmocka_unit_test(test_resize_ignores_colour_of_transparent_pixels),
        cmocka_unit_test(test_to_rgb8),
        cmocka_unit_test(test_crop),
        cmocka_unit_test(test_psnr_by_hand),
        cmocka_unit_test(test_ssim_of_shifted_picture),
        cmocka_unit_test(test_ssim_limits),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(test_memory_that_is_not_there),
#endif
        cmocka_unit_test(test_results_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
