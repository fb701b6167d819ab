#include "base/error.h"
#include "run/draw-surface.h"
#include "run/draw.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

#define GENOTYPE                                                                                   \
    "Genotype_SR(head=[('simple_3x3', 8), ('simple_5x5', 8)], body=[('simple_3x3', 4), "           \
    "('skip_connect', 2)], tail=[('simple_3x3', 8), ('simple_3x3', 8)], "                          \
    "skip=[('simple_1x1', 4)], upsample=[('simple_3x3', 8)])"

static void load(QtrGenotype *genotype, QtrArch *arch, const char *text)
{
    qtr_arch_init(arch);
    assert_true(qtr_genotype_parse(genotype, text, "test", NULL));
}

static cairo_surface_t *rasterize(const QtrDrawing *drawing)
{
    double width, height;
    cairo_surface_t *surface;
    cairo_t *cr;

    qtr_drawing_size(drawing, &width, &height);
    assert_true(width > 100 && width < 4000 && height > 100 && height < 4000);
    surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
    cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    qtr_drawing_paint(drawing, cr);
    assert_int_equal(cairo_status(cr), CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

static guint count_pixels(cairo_surface_t *surface, QtrColour colour)
{
    const guint8 *data = cairo_image_surface_get_data(surface);
    guint32 wanted = (guint32)(colour.r * 255 + 0.5) << 16 | (guint32)(colour.g * 255 + 0.5) << 8 |
                     (guint32)(colour.b * 255 + 0.5);
    guint count = 0;

    for (int y = 0; y < cairo_image_surface_get_height(surface); y++) {
        const guint8 *row = data + y * cairo_image_surface_get_stride(surface);

        for (int x = 0; x < cairo_image_surface_get_width(surface); x++) {
            guint32 pixel;

            memcpy(&pixel, row + 4 * x, 4);
            count += (pixel & 0xffffff) == wanted;
        }
    }
    return count;
}

/* The skip connection's 2 bits mean nothing and must not show. */
static void test_bit_widths_in_use_are_coloured(void **state)
{
    g_autoptr(QtrDrawing) drawing = NULL;
    cairo_surface_t *surface;
    QtrGenotype genotype;
    QtrArch arch;

    load(&genotype, &arch, GENOTYPE);
    drawing = qtr_drawing_new_genotype(&genotype, &arch, NULL);
    surface = rasterize(drawing);
    assert_true(count_pixels(surface, qtr_colour_of_bits(8)) > 1000);
    assert_true(count_pixels(surface, qtr_colour_of_bits(4)) > 400);
    assert_true(count_pixels(surface, qtr_colour_of_bits(8)) >
                count_pixels(surface, qtr_colour_of_bits(4)));
    assert_int_equal(count_pixels(surface, qtr_colour_of_bits(2)), 0);
    cairo_surface_destroy(surface);
}

static void test_adm_shows(void **state)
{
    guint pixels[2];
    QtrGenotype genotype;
    QtrArch arch;

    load(&genotype, &arch, GENOTYPE);
    for (int skip_mode = 0; skip_mode < 2; skip_mode++) {
        g_autoptr(QtrDrawing) drawing = NULL;
        cairo_surface_t *surface;

        arch.skip_mode = skip_mode;
        drawing = qtr_drawing_new_genotype(&genotype, &arch, NULL);
        surface = rasterize(drawing);
        pixels[skip_mode] = count_pixels(surface, QTR_ACCENT);
        cairo_surface_destroy(surface);
    }
    assert_true(pixels[0] > 1000);
    assert_int_equal(pixels[1], 0);
}

static void test_bars_follow_the_alphas(void **state)
{
    QtrArch arch;
    guint pixels[2][2];

    qtr_arch_init(&arch);
    assert_int_equal(arch.n_bits, 2);
    for (int favoured = 0; favoured < 2; favoured++) {
        float values[QTR_PRIMITIVES_MAX * QTR_BITS_MAX];
        const float *alphas[QTR_BLOCKS * QTR_LAYERS_MAX];
        g_autoptr(QtrDrawing) drawing = NULL;
        cairo_surface_t *surface;

        for (guint i = 0; i < G_N_ELEMENTS(values); i++)
            values[i] = (int)i % 2 == favoured ? 2 : 0;
        for (guint i = 0; i < G_N_ELEMENTS(alphas); i++)
            alphas[i] = values;
        drawing = qtr_drawing_new_supernet(&arch, alphas, NULL);
        surface = rasterize(drawing);
        for (int b = 0; b < 2; b++)
            pixels[favoured][b] = count_pixels(surface, qtr_colour_of_bits(arch.bits[b]));
        cairo_surface_destroy(surface);
    }
    /* softmax([2, 0]) is 0.88 to 0.12 */
    assert_true(pixels[0][0] > 4 * pixels[0][1]);
    assert_true(pixels[1][1] > 4 * pixels[1][0]);
}

static void test_diverged_search_can_be_drawn(void **state)
{
    const float values[QTR_PRIMITIVES_MAX * QTR_BITS_MAX] = {NAN, INFINITY, 1};
    const float *alphas[QTR_BLOCKS * QTR_LAYERS_MAX];
    g_autoptr(QtrDrawing) drawing = NULL;
    QtrArch arch;

    qtr_arch_init(&arch);
    for (guint i = 0; i < G_N_ELEMENTS(alphas); i++)
        alphas[i] = values;
    drawing = qtr_drawing_new_supernet(&arch, alphas, NULL);
    cairo_surface_destroy(rasterize(drawing));
}

static void test_network_without_tail(void **state)
{
    QtrGenotype genotype;
    guint pixels[2];
    QtrArch arch;

    load(&genotype, &arch, GENOTYPE);
    for (int tail = 0; tail < 2; tail++) {
        g_autoptr(QtrDrawing) drawing = NULL;
        cairo_surface_t *surface;

        genotype.layers[QTR_BLOCK_TAIL] = tail * 2;
        drawing = qtr_drawing_new_genotype(&genotype, &arch, NULL);
        surface = rasterize(drawing);
        pixels[tail] = count_pixels(surface, qtr_colour_of_bits(8));
        cairo_surface_destroy(surface);
    }
    /* three 8-bit layers of five are left */
    assert_true(pixels[0] > 0 && pixels[0] * 10 < pixels[1] * 8);
}

static void test_files(void **state)
{
    QtrDrawCaption caption = QTR_DRAW_CAPTION_INIT;
    g_autofree char *dir = g_dir_make_tmp("qtr-draw-XXXXXX", NULL);
    g_autofree char *svg = g_build_filename(dir, "a.svg", NULL);
    g_autofree char *png = g_build_filename(dir, "a.PNG", NULL);
    g_autofree char *gif = g_build_filename(dir, "a.gif", NULL);
    g_autofree char *text = NULL;
    g_autoptr(QtrDrawing) drawing = NULL;
    g_autoptr(GError) error = NULL;
    cairo_surface_t *surface;
    QtrGenotype genotype;
    double width, height;
    QtrArch arch;

    load(&genotype, &arch, GENOTYPE);
    caption.title = "r\xc3\xa9sum\xc3\xa9 or not \xff";
    caption.epoch = 3;
    drawing = qtr_drawing_new_genotype(&genotype, &arch, &caption);
    qtr_drawing_size(drawing, &width, &height);
    assert_true(qtr_drawing_save(drawing, svg, NULL));
    assert_true(g_file_get_contents(svg, &text, NULL, NULL));
    assert_non_null(strstr(text, "<svg"));
    assert_non_null(strstr(text, "</svg>"));
    assert_true(qtr_drawing_save(drawing, png, NULL));
    surface = cairo_image_surface_create_from_png(png);
    assert_int_equal(cairo_image_surface_get_width(surface), (int)ceil(2 * width));
    assert_true(count_pixels(surface, qtr_colour_of_bits(8)) > 1000);
    cairo_surface_destroy(surface);
    assert_false(qtr_drawing_save(drawing, gif, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    assert_false(g_file_test(gif, G_FILE_TEST_EXISTS));
    g_unlink(svg);
    g_unlink(png);
    g_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bit_widths_in_use_are_coloured),
        cmocka_unit_test(test_adm_shows),
        cmocka_unit_test(test_bars_follow_the_alphas),
        cmocka_unit_test(test_diverged_search_can_be_drawn),
        cmocka_unit_test(test_network_without_tail),
        cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
