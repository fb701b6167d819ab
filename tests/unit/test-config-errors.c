/* What is said of files that are wrong. */
#include "config-fixture.h"

static void test_unknown_keys(void **state)
{
    assert_fails("search:\n  penalti: 0.1\n",
                 "c.yaml:2:3: search.penalti: unknown key; did you mean search.penalty?");
    assert_fails("serch: {}\n", "c.yaml:1:1: serch: unknown key; expected one of dataset, arch, "
                                "env, search, train");
    assert_fails("train:\n  w_momentum: 0.1\n",
                 "c.yaml:2:3: train.w_momentum: unknown key; did you mean search.w_momentum?");
    assert_fails("dataset:\n  qqqqqqqq: 1\n",
                 "c.yaml:2:3: dataset.qqqqqqqq: unknown key; expected one of scale, "
                 "search_subsample, batch_size, crop_size, files_list, debug_mode");
    assert_fails("arch: {primitives: {bodi: [zero]}}\n",
                 "c.yaml:1:21: arch.primitives.bodi: unknown key; did you mean "
                 "arch.primitives.body?");
    assert_fails("search: 5\n",
                 "c.yaml:1:9: search: this is a section; expected keys below it, got 5");
    assert_fails("- a\n",
                 "c.yaml:1:1: this is no configuration; expected sections such as search:");
}

static void test_all_errors_at_once(void **state)
{
    const char *const overrides[] = {"search.w_lrr=1", "search.epochs=x", "oops", NULL};
    const char *text = "dataset:\n  scale: 2\n  batch_size: -1\n"
                       "arch:\n  bits: [3, 9, 11]\n  primitives: {skip: [simple_7x7]}\n";
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(GError) error = NULL;

    assert_null(qtr_config_load_text(text, strlen(text), "c.yaml", NULL, overrides, NULL, &problems,
                                     &error));
    assert_string_equal(
        error->message,
        "c.yaml:3:15: dataset.batch_size: expected an integer (1 to 4096), got -1\n"
        "c.yaml:5:13: arch.bits: impossible bit width 9; expected 2 to 8, 16 or 32\n"
        "c.yaml:5:16: arch.bits: impossible bit width 11; expected 2 to 8, 16 or 32\n"
        "c.yaml:6:23: arch.primitives.skip: unknown primitive simple_7x7; did you mean "
        "simple_1x1?\n"
        "--set: search.w_lrr: unknown key; did you mean search.w_lr?\n"
        "--set: search.epochs: expected an integer (1 to 1000000), got x\n"
        "--set: oops: expected KEY=VALUE\n"
        "c.yaml:2:10: dataset.scale: dataset.scale is 2 and arch.scale is 4; expected the same");
    assert_int_equal(problems->len, 8);
    assert_int_equal(((QtrConfigProblem *)problems->pdata[2])->column, 16);
    assert_int_equal(((QtrConfigProblem *)problems->pdata[4])->line, 0);
}

/* A value that was forgotten is no wish for the default; where the default is nothing it is. */
static void test_empty_values(void **state)
{
    const char *const empty[] = {"search.epochs=", "env.log_dir=", NULL};
    const char *const unset[] = {
        "env.gpu=", "env.validation_sets=", "arch.primitives.body=", "search.epochs=~", NULL};
    g_autofree char *refused = failure("", empty);
    g_autofree char *accepted = failure("", unset);

    assert_string_equal(refused,
                        "--set: search.epochs: expected an integer (1 to 1000000), got nothing; "
                        "leave the key out or write null for its default, 20\n"
                        "--set: env.log_dir: expected a path, got nothing; leave the key out or "
                        "write null for its default, runs");
    assert_string_equal(accepted, "");
    assert_fails("search:\n  penalty:\n",
                 "c.yaml:2:11: search.penalty: expected a number (0 to 1000000000), got nothing; "
                 "leave the key out or write null for its default, 0");
}

/* Whatever a file holds, a message can be shown on a terminal. */
static void test_messages_are_printable(void **state)
{
    g_autofree char *text = g_strdup_printf("search: {epochs: \"\\e[2J%0900d\"}", 0);
    g_autofree char *found = failure(text, NULL);

    assert_null(strchr(found, '\033'));
    assert_non_null(strstr(found, "got the text ?[2J000"));
    assert_in_range(strlen(found), 400, 500);
}

static void test_broken_yaml(void **state)
{
    static const struct {
        const char *text, *start;
    } cases[] = {
        {"search:\n\tepochs: 1\n", "c.yaml:2:1: not valid YAML"},
        {"search: {epochs: 1\n", "c.yaml:2:1: not valid YAML"},
        {"search: {epochs: 'x", "c.yaml:1:20: not valid YAML"},
        {"search: &a {epochs: 1}", "c.yaml:1:9: anchors and tags are not supported"},
        {"a: *a\n", "c.yaml:1:4: aliases are not supported"},
        {"search: {epochs: !!int 3}", "c.yaml:1:18: anchors and tags are not supported"},
        {"a: 1\n---\nb: 1\n", "c.yaml:2:1: a second document follows"},
        {"? [a]\n: 1\n", "c.yaml:1:3: expected the name of a key"},
        {"[[[[[[[[[[[[]]]]]]]]]]]]", "c.yaml:1:10: nested too deeply"},
        {"search: {epochs: \"\\0\"}", "c.yaml:1:18: a text must not hold a NUL"},
        {"search: \xff\n", "c.yaml:1:"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = failure(cases[i].text, NULL);

        if (!g_str_has_prefix(found, cases[i].start))
            fail_msg("%s\ngives   %s\nwanted  %s", cases[i].text, found, cases[i].start);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_keys), cmocka_unit_test(test_all_errors_at_once),
        cmocka_unit_test(test_empty_values), cmocka_unit_test(test_messages_are_printable),
        cmocka_unit_test(test_broken_yaml),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
