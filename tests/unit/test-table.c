#include "base/error.h"
#include "run/table.h"

#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static const char *const columns[] = {"run", "PSNR", NULL};

static char *save_somewhere(const QtrTable *table)
{
    char *path;
    int fd = g_file_open_tmp("qtr-table-XXXXXX", &path, NULL);

    assert_true(fd >= 0);
    assert_true(g_close(fd, NULL));
    assert_true(qtr_table_save(table, path, NULL));
    return path;
}

static void test_file_as_written(void **state)
{
    g_autoptr(QtrTable) table = qtr_table_new(columns);
    g_autofree char *path = NULL, *text = NULL;
    guint row = qtr_table_add_row(table);

    qtr_table_set(table, row, "run", "a \"b\", c\nd");
    qtr_table_set_number(table, row, "PSNR", 28.4200000001);
    row = qtr_table_add_row(table);
    qtr_table_set_number(table, row, "PSNR", NAN);
    path = save_somewhere(table);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, "run,PSNR\n\"a \"\"b\"\", c\nd\",28.42\n,\n");
    g_unlink(path);
}

static void test_round_trip(void **state)
{
    g_autoptr(QtrTable) table = qtr_table_new(columns);
    g_autoptr(QtrTable) back = NULL;
    g_autofree char *path = NULL;
    guint row = qtr_table_add_row(table);

    qtr_table_set(table, row, "run", "\xc3\xa4,\r\n\"");
    qtr_table_set_number(table, row, "PSNR", 9436580020224.0);
    path = save_somewhere(table);
    back = qtr_table_load(path, NULL);
    assert_non_null(back);
    assert_int_equal(qtr_table_rows(back), 1);
    assert_string_equal(qtr_table_get(back, 0, 0), "\xc3\xa4,\r\n\"");
    assert_float_equal(qtr_table_get_number(back, 0, "PSNR"), 9436580020000.0, 0);
    assert_true(isnan(qtr_table_get_number(back, 0, "run")));
    assert_true(isnan(qtr_table_get_number(back, 0, "absent")));
    g_unlink(path);
}

static void test_foreign_line_ends(void **state)
{
    const char text[] = "\xef\xbb\xbfrun,PSNR\r\nx,\"1\"\r\n\r\ny,2";
    g_autoptr(QtrTable) table = qtr_table_parse(text, strlen(text), "t", NULL);

    assert_non_null(table);
    assert_string_equal(qtr_table_column_name(table, 0), "run");
    assert_int_equal(qtr_table_rows(table), 2);
    assert_float_equal(qtr_table_get_number(table, 0, "PSNR"), 1, 0);
    assert_float_equal(qtr_table_get_number(table, 1, "PSNR"), 2, 0);
}

static void assert_refused(const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;

    assert_null(qtr_table_parse(text, strlen(text), "t.csv", &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_FORMAT));
    assert_string_equal(error->message, message);
}

static void test_damaged_files(void **state)
{
    assert_refused("a,b\n1,2\n\"x\ny,3\n", "t.csv:3: a quote is left open");
    assert_refused("a,b\n1\n", "t.csv:2: 1 cells in a table of 2 columns");
    assert_refused("a,b\n1,2,3\n", "t.csv:2: 3 cells in a table of 2 columns");
    assert_refused("a,a\n", "t.csv:1: column 'a' occurs twice");
    assert_refused("a\n\"x\"y\n", "t.csv:2: text after a closing quote");
    assert_refused("a\n\xff\n", "t.csv: not UTF-8 text");
}

static void test_validation_rows(void **state)
{
    QtrValidationRow row = {(char *)"Set5", 0.25, 12345, 1e10, 64e10,
                            30.123456789,   0.9,  28.42, 1.5,  5};
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    g_autoptr(GPtrArray) back = NULL;
    g_autoptr(QtrTable) table = qtr_table_new(columns);
    g_autofree char *path = save_somewhere(table), *text = NULL;
    const QtrValidationRow *read;

    g_ptr_array_add(rows, &row);
    assert_true(qtr_validation_save(rows, path, NULL));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_true(g_str_has_prefix(text, "set,Model size,BitOps(32x32),BitOps(256x256),PSNR,SSIM,"));
    back = qtr_validation_load(path, NULL);
    assert_non_null(back);
    assert_int_equal(back->len, 1);
    read = back->pdata[0];
    assert_string_equal(read->set, "Set5");
    assert_int_equal(read->images, 5);
    assert_int_equal(read->packed_bytes, 12345);
    assert_float_equal(read->psnr, 30.123456789, 1e-7);
    assert_float_equal(read->psnr_bicubic, 28.42, 0);
    assert_float_equal(read->bitops_256, 64e10, 0);
    g_unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_as_written),   cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_foreign_line_ends), cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_validation_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
