/* Changing keys in the text of a configuration. */
#include "qtr-yaml-edit.h"
#include "run/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static char *apply(const char *text, const char *key, const char *value)
{
    QtrYamlEdit edit = {0};
    const char *from, *to;
    char *changed;

    if (!qtr_yaml_edit_set(text, key, value, &edit))
        return NULL;
    from = g_utf8_offset_to_pointer(text, (glong)edit.start);
    to = g_utf8_offset_to_pointer(text, (glong)edit.end);
    changed = g_strdup_printf("%.*s%s%s", (int)(from - text), text, edit.insert, to);
    qtr_yaml_edit_clear(&edit);
    return changed;
}

static void test_exact_texts(void **state)
{
    static const struct {
        const char *text, *key, *value, *expected;
    } cases[] = {
        {"a:\n  b: 1 # why\n", "a.b", "22", "a:\n  b: 22 # why\n"},
        {"a:\n  b: 'x' # why\n", "a.b", "y", "a:\n  b: y # why\n"},
        {"# ä\na: {b: 1, c: 2} # end\n", "a.b", "3", "# ä\na: {b: 3, c: 2} # end\n"},
        {"a: {b: 1} # end\n", "a.c", "2", "a: {b: 1, c: 2} # end\n"},
        {"a: {}\n", "a.c", "2", "a: {c: 2}\n"},
        {"a:\n  b: # none yet\n  c: 1\n", "a.b", "5", "a:\n  b: 5 # none yet\n  c: 1\n"},
        {"a:\n  b: 1 # x\n  # kept\nd:\n  e: 1\n", "a.c", "2",
         "a:\n  b: 1 # x\n  c: 2\n  # kept\nd:\n  e: 1\n"},
        {"a: # empty\nd: 1\n", "a.c", "2", "a: # empty\n  c: 2\nd: 1\n"},
        {"a:\n    b: 1", "a.x.y", "2", "a:\n    b: 1\n    x:\n      y: 2"},
        {"# only\n", "a.b", "1", "# only\na:\n  b: 1\n"},
        {"", "a.b", "1", "a:\n  b: 1\n"},
        {"a:\n  l: [1, 2] # two\n", "a.l", "[3]", "a:\n  l: [3] # two\n"},
        {"a:\n  l:\n    - 1\n    - 2 # two\n  m: 1 # one\n", "a.l", "[3]",
         "a:\n  l: [3] # two\n  m: 1 # one\n"},
        {"a:\n  l:\n    # both\n    - '#1' # one\n    - x#2 # two\n  m: 1\n", "a.l", "[3]",
         "a:\n  l:\n    # both\n    # one\n    [3] # two\n  m: 1\n"},
        {"a:\n  l: [1, # one\n      2] # two\n", "a.l", "[3]",
         "a:\n  l:\n    # one\n    [3] # two\n"},
        {"a:\n  l:\n    - 1 # one\n    - 2\nb: 3\n", "a.l", "", "a:\n  l:\n    # one\nb: 3\n"},
        {"a:\n  b: 1\na:\n  b: 2\n", "a.b", "3", "a:\n  b: 1\na:\n  b: 3\n"},
        {"a:\n  b: x y\n", "a.b", "", "a:\n  b: \n"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = apply(cases[i].text, cases[i].key, cases[i].value);

        assert_non_null(text);
        assert_string_equal(text, cases[i].expected);
    }
}

static void test_refuses(void **state)
{
    assert_null(apply("a: [", "a.b", "1"));
    assert_null(apply("a: 5\n", "a.b", "1"));
    assert_null(apply("- 1\n- 2\n", "a.b", "1"));
}

static void test_values(void **state)
{
    const char *text = "a:\n  b: 'x # y'\n  l:\n    - 8\n    - 4\n  n:\n";
    g_autofree char *scalar = qtr_yaml_edit_get(text, "a.b");
    g_autofree char *list = qtr_yaml_edit_get(text, "a.l");
    g_autofree char *none = qtr_yaml_edit_get(text, "a.n");

    assert_string_equal(scalar, "x # y");
    assert_string_equal(list, "[8, 4]");
    assert_string_equal(none, "");
    assert_null(qtr_yaml_edit_get(text, "a.z"));
    assert_null(qtr_yaml_edit_get("a: [", "a"));
}

static char *shipped(const char *name)
{
    g_autofree char *path = g_build_filename(g_getenv("QTR_SOURCE_ROOT"), "configs", name, NULL);
    char *text = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static guint count_comments(const char *text)
{
    guint n = 0;

    for (; *text; text++)
        n += *text == '#';
    return n;
}

/* Every key of the schema, set in every shipped file, reads back, and no comment goes. */
static void test_shipped_files(void **state)
{
    static const char *const names[] = {"quant_config.yaml", "fp_config.yaml", "demo.yaml"};
    g_autoptr(QtrConfig) config = qtr_config_new();
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (gsize f = 0; f < G_N_ELEMENTS(names); f++) {
        g_autofree char *text = shipped(names[f]);
        guint comments = count_comments(text);

        for (guint i = 0; i < count; i++) {
            g_autofree char *value = NULL, *read = NULL;
            char *changed;

            if (keys[i].type == QTR_KEY_OBSOLETE)
                continue;
            value = qtr_config_value_text(config, &keys[i]);
            changed = apply(text, keys[i].path, value);
            assert_non_null(changed);
            read = qtr_yaml_edit_get(changed, keys[i].path);
            assert_string_equal(read, value);
            g_free(text);
            text = changed;
        }
        assert_int_equal(count_comments(text), comments);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_texts),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_shipped_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
