/* Against Pillow's own output: resizes bit for bit, PSNR to 1e-9 dB. */
#include "image-fixture.h"

#include "image/metrics.h"
#include "image/resize.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

static const char *shared(void)
{
    const char *dir = g_getenv("QTR_SHARED");
    g_autofree char *golden = dir ? g_build_filename(dir, "golden", "images", NULL) : NULL;

    return golden && g_file_test(golden, G_FILE_TEST_IS_DIR) ? dir : NULL;
}

static QtrImage *load(const char *a, const char *b, const char *c, const char *d)
{
    g_autofree char *path = g_build_filename(shared(), a, b, c, d, NULL);
    g_autoptr(GError) error = NULL;
    QtrImage *image = qtr_image_load(path, &error);

    g_assert_no_error(error);
    return image;
}

static JsonObject *expected(JsonParser *parser)
{
    g_autofree char *path = g_build_filename(shared(), "golden", "images", "expected.json", NULL);
    g_autoptr(GError) error = NULL;

    json_parser_load_from_file(parser, path, &error);
    g_assert_no_error(error);
    return json_node_get_object(json_parser_get_root(parser));
}

static void test_resize(void **state)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonArray *cases;

    if (!shared()) {
        print_message("skipped: QTR_SHARED has no golden/images\n");
        skip();
    }
    cases = json_object_get_array_member(expected(parser), "resize");
    assert_true(json_array_get_length(cases) > 0);
    for (guint i = 0; i < json_array_get_length(cases); i++) {
        JsonObject *entry = json_array_get_object_element(cases, i);
        JsonArray *size = json_object_get_array_member(entry, "size");
        g_autoptr(QtrImage) in =
            load("golden", "images", json_object_get_string_member(entry, "in"), NULL);
        g_autoptr(QtrImage) want =
            load("golden", "images", json_object_get_string_member(entry, "out"), NULL);
        g_autoptr(QtrImage) got =
            qtr_image_resize_bicubic(in, (int)json_array_get_int_element(size, 0),
                                     (int)json_array_get_int_element(size, 1), NULL);

        assert_same_pixels(got, want);
    }
}

static double psnr_of(const char *set, const char *name)
{
    g_autofree char *folder = g_build_filename("datasets", "valid", set, NULL);
    g_autoptr(QtrImage) hr_raw = load(folder, "HR", name, NULL);
    g_autoptr(QtrImage) lr_raw = load(folder, "LRx4", name, NULL);
    g_autoptr(QtrImage) hr = qtr_image_to_rgb8(hr_raw, NULL);
    g_autoptr(QtrImage) lr = qtr_image_to_rgb8(lr_raw, NULL);
    g_autoptr(QtrImage) sr = qtr_image_resize_bicubic(lr, lr->width * 4, lr->height * 4, NULL);

    return qtr_image_psnr_y(sr, hr, 4);
}

static void assert_close(double got, double want)
{
    if (fabs(got - want) > 1e-9)
        fail_msg("%.12f dB instead of %.12f", got, want);
}

static void test_psnr(void **state)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonArray *cases;

    if (!shared()) {
        print_message("skipped: QTR_SHARED has no golden/images\n");
        skip();
    }
    cases = json_object_get_array_member(expected(parser), "psnr");
    assert_true(json_array_get_length(cases) > 0);
    for (guint i = 0; i < json_array_get_length(cases); i++) {
        JsonObject *entry = json_array_get_object_element(cases, i);
        const char *image = json_object_get_string_member(entry, "image");
        g_autofree char *set = g_path_get_dirname(image);
        g_autofree char *name = g_path_get_basename(image);

        assert_close(psnr_of(set, name),
                     json_object_get_double_member(entry, "psnr_y_bicubic_from_LRx4"));
    }
}

static double mean_of(const char *set)
{
    g_autofree char *folder = g_build_filename(shared(), "datasets", "valid", set, "HR", NULL);
    GDir *entries = g_dir_open(folder, 0, NULL);
    const char *name;
    double sum = 0;
    int n = 0;

    assert_non_null(entries);
    for (; (name = g_dir_read_name(entries)); n++)
        sum += psnr_of(set, name);
    g_dir_close(entries);
    return sum / n;
}

static void test_set_means(void **state)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *means;

    if (!shared()) {
        print_message("skipped: QTR_SHARED has no golden/images\n");
        skip();
    }
    means = json_object_get_object_member(expected(parser), "mean_bicubic");
    assert_close(mean_of("Set5"), json_object_get_double_member(means, "Set5"));
    assert_close(mean_of("Set14"), json_object_get_double_member(means, "Set14"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resize),
        cmocka_unit_test(test_psnr),
        cmocka_unit_test(test_set_means),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
