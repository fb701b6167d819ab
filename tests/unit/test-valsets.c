#include "base/error.h"
#include "run/config-valsets.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

typedef struct {
    char *dir, *path;
} Folder;

static int set_up(void **state)
{
    Folder *folder = g_new0(Folder, 1);

    folder->dir = g_dir_make_tmp("qtr-valsets-XXXXXX", NULL);
    folder->path = g_build_filename(folder->dir, "sets.yaml", NULL);
    *state = folder;
    return 0;
}

static int tear_down(void **state)
{
    Folder *folder = *state;

    (void)g_unlink(folder->path);
    (void)g_rmdir(folder->dir);
    g_free(folder->dir);
    g_free(folder->path);
    g_free(folder);
    return 0;
}

static void test_sets_in_the_files_order(void **state)
{
    const Folder *folder = *state;
    g_autofree char *beside = g_build_filename(folder->dir, "lr", NULL);
    g_autoptr(GPtrArray) sets = NULL;
    const QtrValset *set;

    assert_true(g_file_set_contents(folder->path,
                                    "Set5: \n"
                                    "  data_processed_lr: lr\n"
                                    "  data_processed_hr: //data/hr # as the reference has it\n"
                                    "# Other:\n"
                                    "Mine: {data_processed_hr: /h, data_processed_lr: 5}\n",
                                    -1, NULL));
    sets = qtr_valsets_load(folder->path, NULL);
    assert_non_null(sets);
    assert_int_equal(sets->len, 2);
    set = sets->pdata[0];
    assert_string_equal(set->name, "Set5");
    assert_string_equal(set->lr_dir, beside);
    assert_string_equal(set->hr_dir, "//data/hr");
    set = sets->pdata[1];
    assert_string_equal(set->name, "Mine");
    assert_string_equal(set->hr_dir, "/h");
}

static void test_problems_are_reported_together(void **state)
{
    const Folder *folder = *state;
    g_autofree char *wanted = NULL;
    g_autoptr(GError) error = NULL;

    assert_true(g_file_set_contents(folder->path,
                                    "A:\n"
                                    "  data_processed_lr: lr\n"
                                    "  data_processed_hrr: hr\n"
                                    "B: folder\n"
                                    "../C:\n"
                                    "  data_processed_lr:\n"
                                    "  data_processed_hr: [a]\n"
                                    "A: {data_processed_lr: a, data_processed_hr: b}\n",
                                    -1, NULL));
    assert_null(qtr_valsets_load(folder->path, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    wanted =
        g_strdup_printf("%1$s:3:3: A: unknown key data_processed_hrr; expected data_processed_hr\n"
                        "%1$s:1:1: A: data_processed_hr is missing\n"
                        "%1$s:4:4: B: expected data_processed_lr and data_processed_hr below it\n"
                        "%1$s:5:1: ../C: expected a set's name that can be a folder's\n"
                        "%1$s:6:21: ../C: data_processed_lr: expected a folder\n"
                        "%1$s:7:22: ../C: data_processed_hr: expected a folder\n"
                        "%1$s:8:1: A: the set is given twice",
                        folder->path);
    assert_string_equal(error->message, wanted);
}

static void test_files_without_sets(void **state)
{
    static const char *const texts[] = {"", "# nothing\n", "[]", "a", "{}", "a: [", "a: *b"};
    const Folder *folder = *state;

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;

        assert_true(g_file_set_contents(folder->path, texts[i], -1, NULL));
        assert_null(qtr_valsets_load(folder->path, &error));
        assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
        assert_true(g_str_has_prefix(error->message, folder->path));
    }
}

static void test_missing_file(void **state)
{
    g_autoptr(GError) error = NULL;

    assert_null(qtr_valsets_load("/nowhere/sets.yaml", &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
}

static void test_shipped_file(void **state)
{
    g_autofree char *path =
        g_build_filename(g_getenv("QTR_SOURCE_ROOT"), "configs", "valsets4x.yaml", NULL);
    g_autoptr(GPtrArray) sets = qtr_valsets_load(path, NULL);

    assert_non_null(sets);
    assert_string_equal(((const QtrValset *)sets->pdata[0])->name, "Set5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sets_in_the_files_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_problems_are_reported_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files_without_sets, set_up, tear_down),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_shipped_file),
    };

    return cmocka_run_group_tests_name("valsets", tests, NULL, NULL);
}
