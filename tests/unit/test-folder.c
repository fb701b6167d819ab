#include "base/error.h"
#include "run/folder.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static void test_two_runs_of_one_second_do_not_meet(void **state)
{
    g_autofree char *parent = g_dir_make_tmp("qtr-folder-XXXXXX", NULL);
    g_autofree char *a = qtr_folder_create(parent, "SEARCH", "my run", NULL);
    g_autofree char *b = qtr_folder_create(parent, "SEARCH", "my run", NULL);
    g_autofree char *leaf = NULL;

    assert_non_null(a);
    assert_non_null(b);
    assert_string_not_equal(a, b);
    leaf = g_path_get_basename(a);
    assert_true(g_regex_match_simple("^SEARCH_my run-\\d{4}-\\d\\d-\\d\\d-\\d{6}$", leaf, 0, 0));
    /* There is nothing in them but what a job puts there. */
    assert_int_equal(g_rmdir(a), 0);
    assert_int_equal(g_rmdir(b), 0);
    g_rmdir(parent);
}

static void test_name_that_leaves_the_folder(void **state)
{
    g_autoptr(GError) error = NULL;

    assert_null(qtr_folder_create("/tmp", "TUNE", "../x", &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
}

static void test_picture_names_stay_in_the_run(void **state)
{
    g_autofree char *plain = qtr_folder_picture("Set5", "baby.x4", "SR");
    g_autofree char *nasty = qtr_folder_picture("..", "a/../b", "SR");

    assert_string_equal(plain, "images/Set5/baby.x4_SR.png");
    assert_string_equal(nasty, "images/_../a_.._b_SR.png");
}

static void test_failure_note(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("qtr-folder-XXXXXX", NULL);
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_ERROR);
    g_autoptr(GError) failure = g_error_new(QTR_ERROR, QTR_ERROR_NUMERIC, "loss is not finite");
    g_autofree char *text = NULL;

    assert_true(qtr_folder_write_failure(dir, failure, NULL));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_true(g_str_has_suffix(text, "\nloss is not finite\n"));
    assert_true(qtr_folder_clear_failure(dir, NULL));
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    assert_true(qtr_folder_clear_failure(dir, NULL));
    g_rmdir(dir);
}

static void test_space(void **state)
{
    g_autoptr(GError) error = NULL;

    assert_true(qtr_folder_check_space(g_get_tmp_dir(), 1, NULL));
    assert_false(qtr_folder_check_space(g_get_tmp_dir(), G_MAXUINT64 - 1, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_IO));
    assert_non_null(strstr(error->message, g_get_tmp_dir()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_runs_of_one_second_do_not_meet),
        cmocka_unit_test(test_name_that_leaves_the_folder),
        cmocka_unit_test(test_picture_names_stay_in_the_run),
        cmocka_unit_test(test_failure_note),
        cmocka_unit_test(test_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
