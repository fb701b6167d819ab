#include "base/error.h"
#include "cli/bar.h"
#include "cli/console.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static const QtrProgress half = {
    .phase = "search", .done = 5, .total = 10, .eta = 83, .detail = "epoch 3/6 loss 0.0421"};

static void test_bar_fits_the_terminal(void **state)
{
    for (int columns = 10; columns < 200; columns++) {
        QtrBarStyle style = {.columns = columns, .utf8 = TRUE};
        g_autofree char *line = qtr_bar_render(&half, &style);

        assert_true(g_utf8_validate(line, -1, NULL));
        assert_true(g_utf8_strlen(line, -1) < columns || columns <= 10);
        assert_true(g_str_has_prefix(line, "search"));
    }
}

static void test_bar_shows_its_share(void **state)
{
    QtrBarStyle style = {.columns = 200};
    g_autofree char *line = qtr_bar_render(&half, &style);

    assert_non_null(strstr(line, " ################---------------- "));
    assert_non_null(strstr(line, "50%  0:01:23 left  epoch 3/6 loss 0.0421"));
}

static void test_odd_progress_is_harmless(void **state)
{
    const double values[] = {-1, 0, 11, NAN, INFINITY};

    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        QtrProgress progress = {.phase = "x", .done = values[i], .total = 10, .eta = values[i]};
        QtrBarStyle style = {.columns = 80};
        g_autofree char *bar = qtr_bar_render(&progress, &style);
        g_autofree char *plain = qtr_bar_plain(&progress);

        assert_non_null(strchr(bar, '%'));
        assert_null(strstr(plain, "nan"));
        assert_null(strstr(plain, "inf"));
    }
}

/* A console on two memory streams. */
typedef struct {
    char *out, *err;
    size_t out_size, err_size;
    FILE *out_stream, *err_stream;
    QtrConsole *console;
} Fixture;

static void start(Fixture *f, gboolean json, gboolean quiet, int bar)
{
    *f = (Fixture){0};
    f->out_stream = open_memstream(&f->out, &f->out_size);
    f->err_stream = open_memstream(&f->err, &f->err_size);
    f->console = qtr_console_new(&(QtrConsoleParams){
        .out = f->out_stream, .err = f->err_stream, .json = json, .quiet = quiet, .bar = bar});
}

static void finish(Fixture *f)
{
    qtr_console_free(f->console);
    fclose(f->out_stream);
    fclose(f->err_stream);
}

static void drop(Fixture *f)
{
    free(f->out);
    free(f->err);
}

static void test_results_and_log_are_apart(void **state)
{
    Fixture f;

    start(&f, FALSE, FALSE, 0);
    qtr_info(qtr_console_log(f.console), "opened");
    qtr_console_print(f.console, "%d\n", 42);
    qtr_console_progress(&half, f.console);
    finish(&f);
    assert_string_equal(f.out, "42\n");
    assert_string_equal(f.err, "opened\nsearch 50%, 0:01:23 left, epoch 3/6 loss 0.0421\n");
    drop(&f);
}

static void test_plain_lines_are_rare(void **state)
{
    Fixture f;
    int lines = 0;

    start(&f, FALSE, FALSE, 0);
    for (int i = 0; i < 100; i++)
        qtr_console_progress(&(QtrProgress){.phase = "train", .done = i, .total = 100, .eta = -1},
                             f.console);
    qtr_console_progress(&(QtrProgress){.phase = "train", .done = 100, .total = 100, .eta = 0},
                         f.console);
    finish(&f);
    for (const char *p = f.err; *p; p++)
        lines += *p == '\n';
    assert_int_equal(lines, 2); /* the first and the last */
    drop(&f);
}

static void test_quiet_keeps_warnings(void **state)
{
    Fixture f;

    start(&f, FALSE, TRUE, 1);
    qtr_info(qtr_console_log(f.console), "opened");
    qtr_console_progress(&half, f.console);
    qtr_warning(qtr_console_log(f.console), "odd");
    finish(&f);
    assert_null(strstr(f.err, "opened"));
    assert_null(strstr(f.err, "search"));
    assert_non_null(strstr(f.err, "warning: odd"));
    drop(&f);
}

static void test_bar_is_taken_off_for_log_lines(void **state)
{
    Fixture f;
    const char *line;

    start(&f, FALSE, FALSE, 1);
    qtr_console_progress(&half, f.console);
    qtr_info(qtr_console_log(f.console), "saved");
    finish(&f);
    line = strstr(f.err, "saved\n");
    assert_non_null(line);
    assert_memory_equal(line - strlen("\r\033[K"), "\r\033[K", strlen("\r\033[K"));
    assert_non_null(strstr(line, "search")); /* and put back */
    assert_true(g_str_has_suffix(f.err, "\r\033[K"));
    drop(&f);
}

static JsonObject *parse_line(char **text, JsonNode **node)
{
    char *end = strchr(*text, '\n');

    assert_non_null(end);
    *end = '\0';
    *node = json_from_string(*text, NULL);
    assert_non_null(*node);
    *text = end + 1;
    return json_node_get_object(*node);
}

static void test_json_lines(void **state)
{
    g_autoptr(GError) error = g_error_new(QTR_ERROR, QTR_ERROR_IO, "line 1\nline \"2\"");
    JsonObject *members = json_object_new();
    JsonObject *object;
    JsonNode *node;
    Fixture f;
    char *text;

    start(&f, TRUE, FALSE, 0);
    json_object_set_int_member(members, "answer", 42);
    qtr_console_progress(&half, f.console);
    qtr_console_print(f.console, "not to be seen\n");
    qtr_console_result(f.console, "result", members);
    qtr_console_error(f.console, error, 1);
    finish(&f);
    text = f.out;
    object = parse_line(&text, &node);
    assert_string_equal(json_object_get_string_member(object, "type"), "progress");
    assert_true(json_object_get_double_member(object, "eta") == 83);
    json_node_unref(node);
    object = parse_line(&text, &node);
    assert_int_equal(json_object_get_int_member(object, "answer"), 42);
    json_node_unref(node);
    object = parse_line(&text, &node);
    assert_string_equal(json_object_get_string_member(object, "message"), error->message);
    assert_int_equal(json_object_get_int_member(object, "exit_code"), 1);
    json_node_unref(node);
    assert_string_equal(text, "");
    drop(&f);
}

/* Paths are bytes; the lines stay JSON, with what follows in them. */
static void test_json_of_paths_that_are_no_utf8(void **state)
{
    g_autoptr(GError) error =
        g_error_new_literal(QTR_ERROR, QTR_ERROR_IO, "cannot open \"B\xfc\\\xe2\x82\"");
    JsonObject *members = json_object_new();
    JsonObject *object;
    JsonNode *node;
    Fixture f;
    char *text;

    start(&f, TRUE, FALSE, 0);
    json_object_set_string_member(members, "output", "B\xfc/a.png");
    json_object_set_int_member(members, "images", 1);
    qtr_console_result(f.console, "result", members);
    qtr_console_error(f.console, error, 1);
    finish(&f);
    assert_true(g_utf8_validate(f.out, -1, NULL));
    text = f.out;
    object = parse_line(&text, &node);
    assert_string_equal(json_object_get_string_member(object, "output"), "B\xef\xbf\xbd/a.png");
    assert_int_equal(json_object_get_int_member(object, "images"), 1);
    json_node_unref(node);
    object = parse_line(&text, &node);
    assert_string_equal(json_object_get_string_member(object, "message"),
                        "cannot open \"B\xef\xbf\xbd\\\xef\xbf\xbd\xef\xbf\xbd\"");
    json_node_unref(node);
    drop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bar_fits_the_terminal),
        cmocka_unit_test(test_bar_shows_its_share),
        cmocka_unit_test(test_odd_progress_is_harmless),
        cmocka_unit_test(test_results_and_log_are_apart),
        cmocka_unit_test(test_plain_lines_are_rare),
        cmocka_unit_test(test_quiet_keeps_warnings),
        cmocka_unit_test(test_bar_is_taken_off_for_log_lines),
        cmocka_unit_test(test_json_lines),
        cmocka_unit_test(test_json_of_paths_that_are_no_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
