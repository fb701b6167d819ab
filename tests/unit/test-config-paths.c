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
    assert_true(qtr_config_make_absolute(config, NULL));
    assert_true(g_path_is_absolute(config->search.load_path));
    assert_true(g_str_has_suffix(config->env.log_dir, "/list-of-images"));
    assert_true(g_path_is_absolute(config->env.log_dir));
    assert_null(config->train.genotype_path);
    (void)g_rmdir(beside);
    (void)g_unlink(path);
    (void)g_rmdir(dir);
}

/* Configurations lie in configs/, beside data/. */
static void test_paths_beside_the_folder(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("qtr-config-XXXXXX", NULL);
    g_autofree char *configs = g_build_filename(dir, "configs", NULL);
    g_autofree char *path = g_build_filename(configs, "c.yaml", NULL);
    g_autofree char *data = g_build_filename(dir, "data-of-mine", NULL);
    g_autofree char *own = g_build_filename(configs, "data-of-mine", NULL);
    const char *const overrides[] = {"dataset.files_list=data-of-mine", NULL};
    g_autoptr(QtrConfig) above = NULL;
    g_autoptr(QtrConfig) beside = NULL;
    g_autoptr(QtrConfig) overridden = NULL;

    assert_int_equal(g_mkdir(configs, 0700) + g_mkdir(data, 0700), 0);
    assert_true(g_file_set_contents(path, "dataset: {files_list: data-of-mine}\n", -1, NULL));
    above = load_file(path);
    assert_string_equal(above->dataset.files_list, data);
    assert_int_equal(g_mkdir(own, 0700), 0);
    beside = load_file(path);
    assert_string_equal(beside->dataset.files_list, own);
    overridden = qtr_config_load(path, overrides, NULL, NULL, NULL);
    assert_string_equal(overridden->dataset.files_list, "data-of-mine");
    (void)g_rmdir(own);
    (void)g_rmdir(data);
    (void)g_unlink(path);
    (void)g_rmdir(configs);
    (void)g_rmdir(dir);
}

/* YAML holds no other, and a run that writes down another path could not go on. */
static void test_paths_that_are_no_utf8(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("qtr-config-\xfc-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "c.yaml", NULL);
    g_autofree char *beside = g_build_filename(dir, "images", NULL);
    g_autoptr(QtrConfig) config = NULL;
    g_autoptr(GError) error = NULL;

    assert_true(g_file_set_contents(path, "dataset: {files_list: images}\nenv: {log_dir: /tmp}\n",
                                    -1, NULL));
    assert_int_equal(g_mkdir(beside, 0700), 0);
    config = load_file(path);
    assert_string_equal(config->dataset.files_list, beside);
    assert_false(qtr_config_check_paths(config, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    assert_true(g_str_has_prefix(error->message, "dataset.files_list: the path /"));
    assert_non_null(strstr(error->message, "qtr-config-\xef\xbf\xbd-"));
    assert_null(strstr(error->message, "env.log_dir"));
    (void)g_rmdir(beside);
    (void)g_unlink(path);
    (void)g_rmdir(dir);
}

/* What a command reads beside the configuration is among the errors, at its key's place. */
static void test_what_is_needed_is_looked_for(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("qtr-config-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "c.yaml", NULL);
    guint all = QTR_NEEDS_TRAIN_LIST | QTR_NEEDS_SETS | QTR_NEEDS_SUPERNET | QTR_NEEDS_GENOTYPE;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) lines = NULL;

    assert_true(g_file_set_contents(path,
                                    "search:\n  epochs: 0\n  load_path: /nowhere/a\n"
                                    "env: {validation_sets: /nowhere/b}\n",
                                    -1, NULL));
    assert_null(qtr_config_load_for(path, NULL, all, NULL, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    lines = g_strsplit(error->message, "\n", -1);
    assert_int_equal(g_strv_length(lines), 5);
    assert_non_null(strstr(lines[0], "c.yaml:2:11: search.epochs: "));
    assert_non_null(strstr(lines[1], "c.yaml: dataset.files_list: not set"));
    assert_non_null(strstr(lines[2], "c.yaml:4:24: env.validation_sets: there is no file "));
    assert_non_null(strstr(lines[3], "c.yaml:3:14: search.load_path: there is no file "));
    assert_non_null(strstr(lines[4], "c.yaml: train.genotype_path: not set"));
    g_clear_error(&error);
    assert_true(g_file_set_contents(path, "search: {load_path: /nowhere/a}\n", -1, NULL));
    {
        g_autoptr(QtrConfig) config = qtr_config_load_for(path, NULL, QTR_NEEDS_SETS, NULL, &error);

        assert_non_null(config);
    }
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
        cmocka_unit_test(test_paths_beside_the_folder),
        cmocka_unit_test(test_paths_that_are_no_utf8),
        cmocka_unit_test(test_what_is_needed_is_looked_for),
        cmocka_unit_test(test_files_that_are_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
