/* PNG and JPEG: every kind of pixel there and back, and files that are not what they claim. */
#include "image-fixture.h"

#include "base/error.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

static char *dir;

static int setup(void **state)
{
    dir = scratch_new();
    return 0;
}

static int teardown(void **state)
{
    scratch_remove(dir);
    g_free(dir);
    return 0;
}

static char *in_dir(const char *name)
{
    return g_build_filename(dir, name, NULL);
}

static QtrImage *load_ok(const char *path)
{
    g_autoptr(GError) error = NULL;
    QtrImage *image = qtr_image_load(path, &error);

    g_assert_no_error(error);
    return image;
}

static void assert_fails(const char *path, QtrErrorCode code, const char *word)
{
    g_autoptr(GError) error = NULL;

    assert_null(qtr_image_load(path, &error));
    g_assert_error(error, QTR_ERROR, (gint)code);
    assert_true(g_str_has_prefix(error->message, path));
    if (!strstr(error->message, word))
        fail_msg("'%s' does not say '%s'", error->message, word);
}

static void test_png_keeps_every_kind(void **state)
{
    g_autofree char *path = in_dir("kind.png");

    for (int channels = 1; channels <= 4; channels++)
        for (int depth = 8; depth <= 16; depth += 8) {
            g_autoptr(QtrImage) image = picture(33, 21, channels, depth, channels);
            g_autoptr(QtrImage) back = NULL;
            g_autoptr(GError) error = NULL;
            int width, height;

            qtr_image_save(image, path, &error);
            g_assert_no_error(error);
            back = load_ok(path);
            assert_same_pixels(image, back);
            assert_true(qtr_image_probe(path, &width, &height, NULL));
            assert_int_equal(width, 33);
            assert_int_equal(height, 21);
        }
}

/* A display profile of one tag, of content that does not compress. */
static GBytes *make_profile(void)
{
    guint8 p[344] = {0};

    p[2] = sizeof p >> 8;
    p[3] = sizeof p & 255;
    p[8] = 2;
    memcpy(p + 12, "mntrRGB XYZ ", 12);
    memcpy(p + 36, "acsp", 4);
    memcpy(p + 68, "\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d", 12); /* D50 */
    p[131] = 1;
    memcpy(p + 132, "desc\0\0\0\x90\0\0\0\xc8", 12);
    for (guint i = 144; i < sizeof p; i++)
        p[i] = (guint8)(i * i * 2654435761u >> 13);
    return g_bytes_new(p, sizeof p);
}

static void check_metadata(const char *name)
{
    g_autofree char *path = in_dir(name);
    g_autoptr(QtrImage) image = picture(16, 16, 3, 8, 1);
    g_autoptr(QtrImage) back = NULL;
    g_autoptr(GError) error = NULL;

    image->exif = g_bytes_new("II*\0\x08\0\0\0\0\0\0\0\0\0", 14);
    image->icc = make_profile();
    qtr_image_save(image, path, &error);
    g_assert_no_error(error);
    back = load_ok(path);
    assert_non_null(back->exif);
    assert_true(g_bytes_equal(back->exif, image->exif));
    assert_non_null(back->icc);
    assert_true(g_bytes_equal(back->icc, image->icc));
}

static void test_metadata_survives(void **state)
{
    check_metadata("meta.png");
    check_metadata("meta.jpg");
}

/* Writes rows of packed samples as they are. */
static void write_png(const char *path, int width, int height, int depth, int colour,
                      gboolean interlaced, gboolean transparent, const guint8 *rows, gsize stride)
{
    FILE *file = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color palette[4] = {{1, 2, 3}, {40, 50, 60}, {77, 88, 99}, {255, 0, 128}};
    png_byte alpha[2] = {0, 100};
    png_color_16 key = {.gray = 1};
    g_autofree png_bytep *pointers = g_new(png_bytep, height);

    assert_non_null(file);
    png_init_io(png, file);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, depth, colour,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (colour == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, 4);
    if (transparent && colour == PNG_COLOR_TYPE_PALETTE)
        png_set_tRNS(png, info, alpha, 2, NULL);
    else if (transparent)
        png_set_tRNS(png, info, NULL, 0, &key);
    png_set_gAMA(png, info, 1.0);
    png_write_info(png, info);
    for (int y = 0; y < height; y++)
        pointers[y] = (png_bytep)rows + (gsize)y * stride;
    png_write_image(png, pointers);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(file);
}

static void assert_pixels(const char *path, int channels, const guint8 *want, gsize size)
{
    g_autoptr(QtrImage) image = load_ok(path);

    assert_int_equal(image->depth, 8);
    assert_int_equal(image->channels, channels);
    assert_int_equal((gsize)image->height * qtr_image_stride(image), size);
    assert_memory_equal(image->data, want, size);
}

static void test_png_expands_palette_and_bits(void **state)
{
    g_autofree char *path = in_dir("packed.png");
    const guint8 bits1[] = {0x50}, bits2[] = {0x1B}, bits4[] = {0x1F};
    const guint8 grey1[] = {0, 255, 0, 255}, grey2[] = {0, 85, 170, 255}, grey4[] = {17, 255};
    const guint8 key[] = {0, 255, 255, 0, 0, 255, 255, 0};
    const guint8 rgb[] = {1, 2, 3, 40, 50, 60, 77, 88, 99, 255, 0, 128};
    const guint8 rgba[] = {1, 2, 3, 0, 40, 50, 60, 100, 77, 88, 99, 255, 255, 0, 128, 255};

    write_png(path, 4, 1, 1, PNG_COLOR_TYPE_GRAY, FALSE, FALSE, bits1, 1);
    assert_pixels(path, 1, grey1, sizeof grey1);
    write_png(path, 4, 1, 2, PNG_COLOR_TYPE_GRAY, FALSE, FALSE, bits2, 1);
    assert_pixels(path, 1, grey2, sizeof grey2);
    write_png(path, 2, 1, 4, PNG_COLOR_TYPE_GRAY, FALSE, FALSE, bits4, 1);
    assert_pixels(path, 1, grey4, sizeof grey4);
    write_png(path, 4, 1, 1, PNG_COLOR_TYPE_GRAY, FALSE, TRUE, bits1, 1);
    assert_pixels(path, 2, key, sizeof key);
    write_png(path, 4, 1, 2, PNG_COLOR_TYPE_PALETTE, FALSE, FALSE, bits2, 1);
    assert_pixels(path, 3, rgb, sizeof rgb);
    write_png(path, 4, 1, 2, PNG_COLOR_TYPE_PALETTE, FALSE, TRUE, bits2, 1);
    assert_pixels(path, 4, rgba, sizeof rgba);
}

static void test_png_interlaced(void **state)
{
    g_autofree char *path = in_dir("adam7.png");
    g_autoptr(QtrImage) image = picture(19, 13, 3, 8, 3);

    write_png(path, 19, 13, 8, PNG_COLOR_TYPE_RGB, TRUE, FALSE, image->data,
              qtr_image_stride(image));
    assert_pixels(path, 3, image->data, 19 * 13 * 3);
}

static void write_jpeg(const char *path, J_COLOR_SPACE in, J_COLOR_SPACE stored, int channels,
                       const guint8 *pixel)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    FILE *file = fopen(path, "wb");
    guint8 row[16 * 4];
    JSAMPROW rows = row;

    assert_non_null(file);
    for (int i = 0; i < 16; i++)
        memcpy(row + i * channels, pixel, (gsize)channels);
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    jpeg_stdio_dest(&cinfo, file);
    cinfo.image_width = cinfo.image_height = 16;
    cinfo.input_components = channels;
    cinfo.in_color_space = in;
    jpeg_set_defaults(&cinfo);
    jpeg_set_colorspace(&cinfo, stored);
    jpeg_set_quality(&cinfo, 100, TRUE);
    jpeg_simple_progression(&cinfo);
    jpeg_start_compress(&cinfo, TRUE);
    while (cinfo.next_scanline < 16)
        jpeg_write_scanlines(&cinfo, &rows, 1);
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    fclose(file);
}

static void assert_first_pixel(const char *path, int channels, const guint8 *want)
{
    g_autoptr(QtrImage) image = load_ok(path);

    assert_int_equal(image->channels, channels);
    for (int c = 0; c < channels; c++)
        assert_in_range(((guint8 *)image->data)[c] + 4 - want[c], 0, 8);
}

static void test_jpeg_colour_kinds(void **state)
{
    g_autofree char *path = in_dir("colour.jpg");
    const guint8 grey[] = {120}, rgb[] = {200, 40, 90};
    const guint8 inverted_cmyk[] = {200, 100, 50, 128}, cmyk_as_rgb[] = {100, 50, 25};

    write_jpeg(path, JCS_GRAYSCALE, JCS_GRAYSCALE, 1, grey);
    assert_first_pixel(path, 1, grey);
    write_jpeg(path, JCS_RGB, JCS_YCbCr, 3, rgb);
    assert_first_pixel(path, 3, rgb);
    write_jpeg(path, JCS_RGB, JCS_RGB, 3, rgb);
    assert_first_pixel(path, 3, rgb);
    write_jpeg(path, JCS_CMYK, JCS_CMYK, 4, inverted_cmyk);
    assert_first_pixel(path, 3, cmyk_as_rgb);
    write_jpeg(path, JCS_CMYK, JCS_YCCK, 4, inverted_cmyk);
    assert_first_pixel(path, 3, cmyk_as_rgb);
}

static void test_jpeg_refuses_what_it_cannot_hold(void **state)
{
    g_autofree char *path = in_dir("alpha.jpg");
    g_autoptr(QtrImage) alpha = picture(8, 8, 4, 8, 1);
    g_autoptr(QtrImage) deep = picture(8, 8, 3, 16, 1);
    g_autoptr(GError) error = NULL;

    assert_false(qtr_image_save(alpha, path, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_USAGE);
    g_clear_error(&error);
    assert_false(qtr_image_save(deep, path, &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_USAGE);
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void test_save_needs_known_name(void **state)
{
    g_autoptr(QtrImage) image = picture(4, 4, 3, 8, 1);
    g_autoptr(GError) error = NULL;

    assert_true(qtr_image_is_supported_name("a.b/c.JPeG"));
    assert_false(qtr_image_is_supported_name("png"));
    assert_false(qtr_image_save(image, "/nowhere/x.bmp", &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_USAGE);
    g_clear_error(&error);
    assert_false(qtr_image_save(image, "/nowhere/x.png", &error));
    g_assert_error(error, QTR_ERROR, QTR_ERROR_IO);
}

static void put(const char *path, const void *data, gsize size)
{
    assert_true(g_file_set_contents(path, data, (gssize)size, NULL));
}

static void test_missing_and_foreign_files(void **state)
{
    g_autofree char *path = in_dir("strange.png");
    g_autofree char *missing = in_dir("missing.png");

    assert_fails(missing, QTR_ERROR_IO, "No such file");
    assert_fails(dir, QTR_ERROR_IO, "regular");
    put(path, "", 0);
    assert_fails(path, QTR_ERROR_FORMAT, "empty");
    put(path, "GIF89a....", 10);
    assert_fails(path, QTR_ERROR_FORMAT, "neither");
    put(path, "\xff\xd8\xff", 3);
    assert_fails(path, QTR_ERROR_FORMAT, "JPEG");
    put(path, "\x89PNG\r\n\x1a\n", 8);
    assert_fails(path, QTR_ERROR_FORMAT, "PNG");
}

/* Every way to cut a file short must be noticed, and by qtr_image_verify too. */
static void check_truncation(const char *name)
{
    g_autofree char *path = in_dir(name);
    g_autofree char *data = NULL;
    gsize size;

    save_picture(path, 24, 17, 1);
    assert_true(g_file_get_contents(path, &data, &size, NULL));
    for (gsize keep = 9; keep < size; keep += 1 + size / 150) {
        g_autoptr(GError) error = NULL;
        int width, height;

        put(path, data, keep);
        assert_fails(path, QTR_ERROR_FORMAT, "damaged");
        assert_false(qtr_image_verify(path, &width, &height, &error));
        g_assert_error(error, QTR_ERROR, QTR_ERROR_FORMAT);
    }
}

static void test_truncated(void **state)
{
    check_truncation("cut.png");
    check_truncation("cut.jpg");
}

/* Flipped bits: an error or a picture, but never a crash; PNG's checksums see all of them. */
static void check_corruption(const char *name, gboolean must_fail)
{
    g_autofree char *path = in_dir(name);
    g_autofree char *data = NULL;
    gsize size;

    save_picture(path, 24, 17, 1);
    assert_true(g_file_get_contents(path, &data, &size, NULL));
    for (gsize at = 8; at < size; at += 1 + size / 300) {
        g_autoptr(QtrImage) image = NULL;

        data[at] ^= 0x55;
        put(path, data, size);
        data[at] ^= 0x55;
        image = qtr_image_load(path, NULL);
        if (must_fail)
            assert_null(image);
    }
}

static void test_corrupt(void **state)
{
    check_corruption("bits.png", TRUE);
    check_corruption("bits.jpg", FALSE);
}

/* A header may claim any size; memory must not be taken on its word. */
static void test_giant_claims(void **state)
{
    g_autofree char *path = in_dir("giant.png");
    guint8 png[33] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xff\xff\0\0\xff\xff\x10\x06";
    guint32 crc = 0xffffffff;

    for (int i = 12; i < 29; i++) {
        crc ^= png[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    crc = GUINT32_TO_BE(~crc);
    memcpy(png + 29, &crc, 4);
    {
        /* 65535 x 65535 x RGBA x 16 bits, and a chunk of pixels begins. */
        guint8 file[33 + 12] = {0};

        memcpy(file, png, 33);
        memcpy(file + 33, "\0\0\0\x04IDAT", 8);
        put(path, file, sizeof file);
    }
    assert_fails(path, QTR_ERROR_FORMAT, "65535 x 65535");
}

static void test_verify_accepts_trailing_bytes(void **state)
{
    g_autofree char *path = in_dir("tail.png");
    FILE *file;
    int width, height;

    save_picture(path, 24, 17, 1);
    file = fopen(path, "ab");
    fputs("appended by a camera", file);
    fclose(file);
    assert_true(qtr_image_verify(path, &width, &height, NULL));
    assert_int_equal(width, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png_keeps_every_kind),
        cmocka_unit_test(test_metadata_survives),
        cmocka_unit_test(test_png_expands_palette_and_bits),
        cmocka_unit_test(test_png_interlaced),
        cmocka_unit_test(test_jpeg_colour_kinds),
        cmocka_unit_test(test_jpeg_refuses_what_it_cannot_hold),
        cmocka_unit_test(test_save_needs_known_name),
        cmocka_unit_test(test_missing_and_foreign_files),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_corrupt),
        cmocka_unit_test(test_giant_claims),
        cmocka_unit_test(test_verify_accepts_trailing_bytes),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
