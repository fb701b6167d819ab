/* The `space` event, of this program and of older ones. */
#include "qtr-run-space.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

#define LAYER(block, layer)                                                                        \
    "{\"block\":\"" block "\",\"layer\":" layer ",\"primitives\":[\"simple_3x3\"]}"

static void assert_titles(const char *layers, const char *const *titles)
{
    g_autofree char *text = g_strdup_printf("{\"bits\":[8],\"layers\":[%s]}", layers);
    g_autoptr(JsonNode) node = json_from_string(text, NULL);
    g_autoptr(QtrRunSpace) space = qtr_run_space_parse(json_node_get_object(node));

    assert_non_null(space);
    assert_int_equal(space->layers->len, g_strv_length((char **)titles));
    for (guint i = 0; titles[i]; i++) {
        g_autofree char *title = qtr_run_space_layer_title(space, i);

        assert_string_equal(title, titles[i]);
    }
}

static void test_layers_are_shown_from_1(void **state)
{
    static const char *const titles[] = {"head 1", "head 2", "tail 1", NULL};

    assert_titles(LAYER("head", "1") "," LAYER("head", "2") "," LAYER("tail", "1"), titles);
    /* as older files have them */
    assert_titles(LAYER("head", "0") "," LAYER("head", "1") "," LAYER("tail", "0"), titles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_layers_are_shown_from_1)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
