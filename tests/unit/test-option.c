#include "base/error.h"
#include "cli/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)
#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const QtrOption table[] = {
    {"values", 'v', QTR_OPTION_MANY, AT(values), "VALUE", "values"},
    {"repeat", 'r', QTR_OPTION_INT, AT(repeat), "N", "times", .min = 1, .max = 9},
    {"valid", 0, QTR_OPTION_NUMBER, AT(valid), "SHARE", "share", .min = 0, .max = 1},
    {"retry-failed", 'f', QTR_OPTION_FLAG, AT(retry_failed), NULL, "again"},
    {"gpu", 'g', QTR_OPTION_MANY, AT(devices), "DEVICE", "several here"},
    {NULL},
};

static QtrOptions parse(const QtrOption *options_table, const char *const *args)
{
    g_autoptr(GError) error = NULL;
    QtrOptions options;

    qtr_options_init(&options);
    assert_true(qtr_options_parse(&options, options_table, args, &error));
    return options;
}

static char *joined(char **strings)
{
    return strings ? g_strjoinv("|", strings) : g_strdup("");
}

static void assert_joined(char **strings, const char *expected)
{
    g_autofree char *text = joined(strings);

    assert_string_equal(text, expected);
}

static void refuse(const QtrOption *options_table, const char *const *args, const char *part)
{
    g_autoptr(GError) error = NULL;
    QtrOptions options;

    qtr_options_init(&options);
    assert_false(qtr_options_parse(&options, options_table, args, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    if (!strstr(error->message, part))
        fail_msg("'%s' lacks '%s'", error->message, part);
    qtr_options_clear(&options);
}

static void test_several_values_after_one_option(void **state)
{
    QtrOptions o = parse(table, ARGS("-v", "0", "0.001", "-0.5", "1e-3", "-g", "3", "nvidia", "-r",
                                     "4", "--values", "7"));

    assert_joined(o.values, "0|0.001|-0.5|1e-3|7");
    assert_joined(o.devices, "3|nvidia");
    assert_int_equal(o.repeat, 4);
    assert_joined(o.arguments, "");
    qtr_options_clear(&o);
}

static void test_one_value_leaves_the_arguments(void **state)
{
    QtrOptions o = parse(NULL, ARGS("-g", "0", "a.png", "--set", "x.y=1", "b.png", "--set=z=2"));

    assert_joined(o.devices, "0");
    assert_joined(o.arguments, "a.png|b.png");
    assert_joined(o.set, "x.y=1|z=2");
    qtr_options_clear(&o);
}

static void test_short_options_in_one_word(void **state)
{
    QtrOptions o = parse(table, ARGS("-qfr3", "-cfile.yaml", "--valid=0.25"));

    assert_true(o.quiet);
    assert_true(o.retry_failed);
    assert_int_equal(o.repeat, 3);
    assert_string_equal(o.config, "file.yaml");
    assert_true(o.valid == 0.25);
    qtr_options_clear(&o);
}

static void test_two_dashes_end_the_options(void **state)
{
    QtrOptions o = parse(NULL, ARGS("-q", "--", "-c", "--set"));

    assert_joined(o.arguments, "-c|--set");
    assert_null(o.config);
    qtr_options_clear(&o);
}

static void test_last_of_two_counts(void **state)
{
    QtrOptions o = parse(NULL, ARGS("-c", "a.yaml", "--config=b.yaml"));

    assert_string_equal(o.config, "b.yaml");
    qtr_options_clear(&o);
}

static void test_errors_name_the_option(void **state)
{
    refuse(table, ARGS("--valeus", "0"), "did you mean --values?");
    refuse(table, ARGS("--confg=x"), "did you mean --config?");
    refuse(table, ARGS("-x"), "unknown option -x");
    refuse(table, ARGS("--repeat"), "--repeat needs a value (N)");
    refuse(table, ARGS("-v", "--repeat", "3"), "--values needs a value (VALUE)");
    refuse(table, ARGS("--repeat", "three"),
           "--repeat takes a whole number from 1 to 9, not three");
    refuse(table, ARGS("--quiet=yes"), "--quiet takes no value");
}

static void test_numbers_have_ranges(void **state)
{
    static const char *const words[] = {"-r0",           "-r10", "-r-1", "-r2.5",
                                        "-r99999999999", "-r1x", "-r="};

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        refuse(table, ARGS(words[i]), "--repeat takes a whole number from 1 to 9, not ");
    refuse(table, ARGS("--valid=1.01"), "--valid takes a number from 0 to 1, not 1.01");
    refuse(table, ARGS("--valid", "-0.1"), "--valid takes a number from 0 to 1, not -0.1");
    refuse(table, ARGS("--valid=nan"), "--valid takes a number");
}

static void assert_command(const char *const *args, const char *command, const char *rest_text)
{
    g_autofree const char **rest = NULL;
    const char *found = qtr_options_command(args, &rest);

    assert_true(g_strcmp0(found, command) == 0);
    assert_joined((char **)rest, rest_text);
}

static void test_command_may_follow_common_options(void **state)
{
    assert_command(ARGS("batch", "-v", "0"), "batch", "-v|0");
    assert_command(ARGS("-q", "-c", "x.yaml", "batch", "-v", "0"), "batch", "-q|-c|x.yaml|-v|0");
    assert_command(ARGS("--config=x.yaml", "-g0", "devices"), "devices", "--config=x.yaml|-g0");
    assert_command(ARGS("-c", "demo.yaml"), NULL, "-c|demo.yaml");
    assert_command(ARGS("--resume", "x", "y"), NULL, "--resume|x|y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_several_values_after_one_option),
        cmocka_unit_test(test_one_value_leaves_the_arguments),
        cmocka_unit_test(test_short_options_in_one_word),
        cmocka_unit_test(test_two_dashes_end_the_options),
        cmocka_unit_test(test_last_of_two_counts),
        cmocka_unit_test(test_errors_name_the_option),
        cmocka_unit_test(test_numbers_have_ranges),
        cmocka_unit_test(test_command_may_follow_common_options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
