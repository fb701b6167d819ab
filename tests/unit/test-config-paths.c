/* Where the files that a configuration names are looked for. */
#include "config-fixture.h"

#include <glib/gstdio.h>

/* The order of places an input path is looked for at. */
static void test_relative_paths(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("qtr-config-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "c.yaml", NULL);
    g_autofree char *beside = g_build_filename(dir, "list-of-images", NULL);
    g_autoptr(QtrConfig) config = NULL;

    assert_true(g_file_set_contents(path,
                                    "dataset: {files_list: list-of-images}\n"
                                    "search: {load_path: nowhere.safetensors}\n"
                                    "env: {log_dir: list-of-images}\n",
                                    -1, NULL));
    assert_int_equal(g_mkdir(beside, 0700), 0);
    config = load_file(path);
    assert_string_equal(config->dataset.files_list, beside);
    assert_string_equal(config->search.load_path, "nowhere.safetensors");
    assert_string_equal(config->env.log_dir, "list-of-images");
    qtr_config_make_absolute(config);
    assert_true(g_path_is_absolute(config->search.load_path));
    assert_true(g_str_has_suffix(config->env.log_dir, "/list-of-images"));
    assert_true(g_path_is_absolute(config->env.log_dir));
    assert_null(config->train.genotype_path);
    (void)g_rmdir(beside);
    (void)g_unlink(path);
    (void)g_rmdir(dir);
}

static void test_files_that_are_not_there(void **state)
{
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(GError) error = NULL;

    assert_null(qtr_config_load("/nowhere/c.yaml", NULL, NULL, &problems, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_IO));
    assert_null(problems);
    g_clear_error(&error);
    assert_null(qtr_config_find("no_such_config.yaml", &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    assert_non_null(strstr(error->message, "looked in the current folder, configs and"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_relative_paths),
        cmocka_unit_test(test_files_that_are_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
