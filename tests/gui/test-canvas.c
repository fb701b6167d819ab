/* What an image view shows of a picture: sharp or blended pixels, the same ones however one got
 * there. */
#include "qtr-canvas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

#define WIDTH 97
#define HEIGHT 61

static QtrImage *make_picture(void)
{
    QtrImage *image = qtr_image_new(WIDTH, HEIGHT, 3, 8);

    for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
        ((guint8 *)image->data)[i] = (guint8)(i * 73 + i / 11);
    return image;
}

static const guint8 *pixel_of(const QtrImage *image, int x, int y)
{
    return (const guint8 *)image->data + (y * image->width + x) * 3;
}

static void test_squares(void **state)
{
    g_autoptr(QtrImage) image = make_picture();
    QtrSampler sampler = {image, 1.0 / 4, 1.0 / 4};
    guint8 out[9 * 9 * 3];

    qtr_sampler_fill(&sampler, 38, 46, 9, 9, out, sizeof out / 9);
    for (int y = 0; y < 9; y++)
        for (int x = 0; x < 9; x++)
            assert_memory_equal(out + (y * 9 + x) * 3, pixel_of(image, (38 + x) / 4, (46 + y) / 4),
                                3);
}

/* Half the size: each pixel is the mean of four, but for what the weights round. */
static void test_means(void **state)
{
    g_autoptr(QtrImage) image = make_picture();
    QtrSampler sampler = {image, 2, 2};
    guint8 out[20 * 10 * 3];

    qtr_sampler_fill(&sampler, 5, 7, 20, 10, out, sizeof out / 10);
    for (int y = 0; y < 10; y++)
        for (int x = 0; x < 20; x++)
            for (int c = 0; c < 3; c++) {
                const guint8 *above = pixel_of(image, 2 * (5 + x), 2 * (7 + y)) + c;
                const guint8 *below = above + WIDTH * 3;

                int mean = (above[0] + above[3] + below[0] + below[3]) / 4;

                assert_in_range(mean - out[(y * 20 + x) * 3 + c], 0, 2);
            }
}

static void test_edge_goes_on(void **state)
{
    g_autoptr(QtrImage) image = make_picture();
    QtrSampler sampler = {image, 0.125, 0.125};
    guint8 out[3];

    qtr_sampler_fill(&sampler, -20, -20, 1, 1, out, sizeof out);
    assert_memory_equal(out, pixel_of(image, 0, 0), 3);
    qtr_sampler_fill(&sampler, 8 * WIDTH + 20, 8 * HEIGHT + 20, 1, 1, out, sizeof out);
    assert_memory_equal(out, pixel_of(image, WIDTH - 1, HEIGHT - 1), 3);
}

static GBytes *shown(QtrCanvas *canvas, const QtrSampler *sampler, const GdkRectangle *area)
{
    GdkTexture *texture = qtr_canvas_show(canvas, sampler, area);
    gsize stride = (gsize)area->width * 4;
    guint8 *pixels = g_malloc(stride * (gsize)area->height);

    assert_int_equal(gdk_texture_get_width(texture), area->width);
    assert_int_equal(gdk_texture_get_height(texture), area->height);
    gdk_texture_download(texture, pixels, stride);
    return g_bytes_new_take(pixels, stride * (gsize)area->height);
}

/* Moved to any side, resized and zoomed: as if nothing had been seen before. */
static void test_moves(void **state)
{
    static const GdkRectangle areas[] = {
        {20, 10, 30, 20}, {20, 10, 30, 20}, {27, 10, 30, 20}, {27, 4, 30, 20}, {25, 9, 30, 20},
        {25, 9, 10, 40},  {20, 5, 30, 45},  {24, 9, 5, 5},    {0, 0, 9, 9},    {60, 30, 20, 20},
    };
    static const double steps[] = {0.4, 1, 1.3};
    g_autoptr(QtrImage) image = make_picture();
    QtrCanvas *moved = qtr_canvas_new();

    for (gsize s = 0; s < G_N_ELEMENTS(steps); s++)
        for (gsize i = 0; i < G_N_ELEMENTS(areas); i++) {
            QtrSampler sampler = {image, steps[s], steps[s]};
            QtrCanvas *fresh = qtr_canvas_new();
            g_autoptr(GBytes) a = shown(moved, &sampler, &areas[i]);
            g_autoptr(GBytes) b = shown(fresh, &sampler, &areas[i]);

            assert_true(g_bytes_equal(a, b));
            qtr_canvas_free(fresh);
        }
    qtr_canvas_free(moved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_squares),
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_edge_goes_on),
        cmocka_unit_test(test_moves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
