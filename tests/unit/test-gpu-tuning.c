#include "cache-fixture.h"

#include "base/file.h"
#include "gpu/tuning.h"
#include "ops/tune.h"

#include <string.h>

#define NAME "convolution 4 to 8, 3x3, 1 groups"
static const QtrConvShape shape = {4, 8, 3, 3, 1};

static QtrDevice *open_device(const char *folder, const char *shipped, QtrLog *log)
{
    const QtrDeviceParams params = {
        .cache_dir = folder, .shipped_dir = shipped, .tiles = QTR_TILES_SHARED, .log = log};
    QtrDevice *device = qtr_device_open(&params, NULL);

    assert_non_null(device);
    return device;
}

/* A file with one tile for the device, which is not the usual one. */
static char *save_tile(const char *folder)
{
    g_autoptr(QtrDevice) device = open_device(folder, "", NULL);
    g_autoptr(GError) error = NULL;
    const int values[QTR_TUNING_VALUES] = {4, 2, 16, 1};
    char *path;

    qtr_tuning_set(device, NAME, values);
    path = qtr_tuning_save(device, &error);
    if (!path)
        fail_msg("%s", error->message);
    return path;
}

/* The tile a new device takes, and what it says about it. */
static QtrConvTile tile_with(const char *folder, const char *shipped, char **said)
{
    QtrLog *log = qtr_log_new();
    GString *text = g_string_new(NULL);
    QtrConvTile tile;

    qtr_log_add_sink(log, collect, QTR_LOG_WARNING, text);
    {
        g_autoptr(QtrDevice) device = open_device(folder, shipped, log);

        tile = qtr_conv_tile(device, &shape);
    }
    qtr_log_free(log);
    *said = g_string_free(text, FALSE);
    return tile;
}

static QtrConvTile tile_of(const char *folder, char **said)
{
    return tile_with(folder, "", said);
}

static void saved_tiles_are_used(void **state)
{
    g_autofree char *path = save_tile(*state), *said = NULL;
    QtrConvTile tile = tile_of(*state, &said);

    assert_string_equal(said, "");
    assert_int_equal(tile.part, 4);
    assert_int_equal(tile.vectors, 2);
    assert_int_equal(tile.items_x, 16);
}

/* A file with `from` replaced is ignored, and a warning names it. */
static void check_refused(const char *folder, const char *from, const char *to)
{
    g_autofree char *path = save_tile(folder), *text = NULL, *said = NULL;
    g_auto(GStrv) parts = NULL;
    g_autofree char *changed = NULL;
    QtrConvTile tile;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_non_null(strstr(text, from));
    parts = g_strsplit(text, from, 2);
    changed = g_strjoinv(to, parts);
    assert_true(g_file_set_contents(path, changed, -1, NULL));
    tile = tile_of(folder, &said);
    assert_int_equal(tile.part, 8);
    assert_non_null(strstr(said, path));
}

static void damaged_and_foreign_files_are_not_used(void **state)
{
    check_refused(*state, "{", "");
    check_refused(*state, "\"kernels\" : \"", "\"kernels\" : \"0");
    check_refused(*state, "\"driver\"", "\"drivers\"");
    check_refused(*state, " 16", " 16.5");
    check_refused(*state, " 16", " 0");
    check_refused(*state, " 16", " 99999999999");
    check_refused(*state, "\"tiles\"", "\"tile\"");
}

/* A tile that the kernels could not have, although the file is sound. */
static void tiles_that_do_not_fit_are_not_used(void **state)
{
    g_autofree char *path = save_tile(*state), *text = NULL, *said = NULL;
    g_auto(GStrv) parts = NULL;
    g_autofree char *changed = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    parts = g_strsplit(text, " 16", 2);
    changed = g_strjoinv(" 17", parts);
    assert_true(g_file_set_contents(path, changed, -1, NULL));
    assert_int_equal(tile_of(*state, &said).part, 8);
    assert_non_null(strstr(said, "does not fit"));
}

static void measuring_chooses_a_tile_that_fits(void **state)
{
    g_autoptr(QtrDevice) device = open_device(*state, "", NULL);
    const QtrConvShape small = {2, 2, 1, 1, 1};
    g_autoptr(GError) error = NULL;
    QtrTuneResult result;
    QtrConvTile tile;

    if (!qtr_tune_conv(device, &small, 1, 3, 5, &result, &error))
        fail_msg("%s", error->message);
    assert_true(result.candidates > 2);
    assert_true(result.seconds <= result.usual);
    tile = qtr_conv_tile(device, &small);
    assert_memory_equal(&tile, &result.tile, sizeof tile);
}

/* A file as others would ship it, with tiles of `part` channels. */
static char *export_tile(const char *folder, int part)
{
    g_autoptr(QtrDevice) device = open_device("", "", NULL);
    const int values[QTR_TUNING_VALUES] = {part, 2, 16, 1};
    g_autoptr(GError) error = NULL;
    char *path;

    qtr_tuning_set(device, NAME, values);
    path = qtr_tuning_export(device, folder, &error);
    if (!path)
        fail_msg("%s", error->message);
    return path;
}

/* "Vendor, Inc." is in vendor-inc.json. */
static char *vendor_path(const char *folder)
{
    g_autoptr(QtrDevice) device = open_device("", "", NULL);
    GString *path = g_string_new(folder);
    char before = '/';

    g_string_append_c(path, before);
    for (const char *c = qtr_device_info(device)->vendor; *c; c++) {
        if (!g_ascii_isalnum(*c) && g_ascii_isalnum(before))
            g_string_append_c(path, '-');
        if (g_ascii_isalnum(*c))
            g_string_append_c(path, g_ascii_tolower(*c));
        before = *c;
    }
    if (g_str_has_suffix(path->str, "-"))
        g_string_truncate(path, path->len - 1);
    g_string_append(path, ".json");
    return g_string_free(path, FALSE);
}

/* The file `path` becomes the vendor's, with `from` replaced. */
static void move_to_vendor(const char *folder, const char *path, const char *from, const char *to)
{
    g_autofree char *vendor = vendor_path(folder), *text = NULL, *changed = NULL;
    g_auto(GStrv) parts = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_non_null(strstr(text, from));
    parts = g_strsplit(text, from, 2);
    changed = g_strjoinv(to, parts);
    assert_true(g_file_set_contents(vendor, changed, -1, NULL));
    assert_int_equal(g_unlink(path), 0);
}

static void shipped_tiles_are_used_where_none_was_measured(void **state)
{
    g_autofree char *path = export_tile(*state, 2), *own = NULL, *said = NULL, *again = NULL;

    assert_int_equal(tile_with("", *state, &said).part, 2);
    assert_string_equal(said, "");
    own = save_tile(*state);
    assert_int_equal(tile_with(*state, *state, &again).part, 4);
    assert_string_equal(again, "");
}

/* Whatever driver and kernels they were measured with: tiles are tiles. */
static void the_vendors_tiles_are_used_where_the_device_has_none(void **state)
{
    g_autofree char *path = export_tile(*state, 2), *said = NULL, *again = NULL, *own = NULL;

    move_to_vendor(*state, path, "\"driver\" : \"", "\"driver\" : \"another ");
    assert_int_equal(tile_with("", *state, &said).part, 2);
    assert_string_equal(said, "");
    own = export_tile(*state, 1);
    assert_int_equal(tile_with("", *state, &again).part, 1);
}

static void damaged_shipped_files_are_not_used(void **state)
{
    g_autofree char *path = export_tile(*state, 2), *said = NULL;

    move_to_vendor(*state, path, "\"vendor\" : \"", "\"vendor\" : \"another ");
    assert_int_equal(tile_with("", *state, &said).part, 8);
    assert_non_null(strstr(said, "vendor is not"));
    assert_non_null(strstr(said, *state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(saved_tiles_are_used, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(damaged_and_foreign_files_are_not_used, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(tiles_that_do_not_fit_are_not_used, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(shipped_tiles_are_used_where_none_was_measured, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(the_vendors_tiles_are_used_where_the_device_has_none,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(damaged_shipped_files_are_not_used, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(measuring_chooses_a_tile_that_fits, make_folder,
                                        remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
