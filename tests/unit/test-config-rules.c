#include "base/error.h"
#include "run/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

/* Rules between keys, reported at the key that is to be changed. */

static char *refusal_of(const char *text, const char *const *overrides)
{
    GError *error = NULL;
    g_autoptr(QtrConfig) config =
        qtr_config_load_text(text, strlen(text), "a.yaml", NULL, overrides, NULL, NULL, &error);
    char *message;

    if (config)
        return NULL;
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    message = g_strdup(error->message);
    g_error_free(error);
    return message;
}

static void test_alphas_that_are_never_trained(void **state)
{
    g_autofree char *both = refusal_of("search:\n  epochs: 3\n  warm_up: 3\n", NULL);
    g_autofree char *one = refusal_of("search:\n  warm_up: 20\n", NULL);
    const char *const overrides[] = {"search.epochs=2", NULL};
    g_autofree char *overridden = refusal_of("search:\n  warm_up: 2\n", overrides);

    assert_non_null(strstr(both, "a.yaml:3:12: search.warm_up: warm_up is 3 and epochs is 3"));
    assert_non_null(strstr(one, "a.yaml:2:12: "));
    assert_non_null(strstr(overridden, "a.yaml:2:12: "));
    assert_null(refusal_of("search:\n  epochs: 3\n  warm_up: 2\n", NULL));
}

static void test_training_that_is_never_quantized(void **state)
{
    g_autofree char *message = refusal_of("train: {warm_up: 30}\n", NULL);

    assert_non_null(strstr(message, "train.warm_up: warm_up is 30 and epochs is 30"));
    assert_null(refusal_of("train: {warm_up: 30, epochs: 31}\n", NULL));
}

static void test_drawings_stay_in_the_run_and_apart(void **state)
{
    static const char *const bad[] = {"/tmp/x", "..", "a/b", "images", "tb", "log.txt"};

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf("env:\n  im_dir: %s\n", bad[i]);
        g_autofree char *message = refusal_of(text, NULL);

        assert_non_null(message);
        assert_non_null(strstr(message, "a.yaml:2:11: env.im_dir: "));
    }
    assert_null(refusal_of("env:\n  im_dir: pictures\n", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alphas_that_are_never_trained),
        cmocka_unit_test(test_training_that_is_never_quantized),
        cmocka_unit_test(test_drawings_stay_in_the_run_and_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
