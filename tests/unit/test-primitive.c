#include "nn/cost.h"
#include "run/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static const QtrPrimitive *find(const char *name)
{
    const QtrPrimitive *primitive = qtr_primitive_find(name);

    if (!primitive)
        fail_msg("no primitive %s", name);
    return primitive;
}

static void assert_chain(const char *name, int in, int out, int length, const QtrConvShape *wanted)
{
    QtrConvShape chain[QTR_CHAIN_MAX];

    assert_int_equal(qtr_primitive_chain(find(name), in, out, 36, chain), length);
    for (int i = 0; i < length; i++)
        if (memcmp(&chain[i], &wanted[i], sizeof chain[i]) != 0)
            fail_msg("%s: convolution %d is %d -> %d, %dx%d, %d groups", name, i, chain[i].in,
                     chain[i].out, chain[i].kh, chain[i].kw, chain[i].groups);
}

#define CHAIN(...) ((const QtrConvShape[]){__VA_ARGS__})

static void test_chains(void **state)
{
    assert_chain("simple_9x9", 36, 48, 1, CHAIN({36, 48, 9, 9, 1}));
    assert_chain("simple_5x5_grouped_3", 3, 36, 1, CHAIN({3, 36, 5, 5, 3}));
    assert_chain("simple_3x3_grouped_full", 3, 36, 1, CHAIN({3, 36, 3, 3, 3}));
    assert_chain("conv_5x1_1x5", 3, 3, 2, CHAIN({3, 36, 5, 1, 1}, {36, 3, 1, 5, 1}));
    assert_chain("growth2_3x3", 36, 48, 2, CHAIN({36, 72, 3, 3, 1}, {72, 48, 3, 3, 1}));
    assert_chain("decenc_5x5_8", 36, 48, 3,
                 CHAIN({36, 4, 5, 5, 1}, {4, 4, 5, 5, 1}, {4, 48, 5, 5, 1}));
    assert_chain("decenc_3x3_4_g3", 3, 36, 3,
                 CHAIN({3, 9, 3, 3, 3}, {9, 9, 3, 3, 3}, {9, 36, 3, 3, 3}));
    assert_chain("DWS_5x5", 36, 48, 2, CHAIN({36, 36, 5, 5, 36}, {36, 48, 1, 1, 1}));
    assert_chain("skip_connect", 36, 36, 0, NULL);
    assert_chain("zero", 36, 36, 0, NULL);
}

static void test_names_are_found_and_unique(void **state)
{
    const char *const *names = qtr_primitive_names();

    assert_int_equal(g_strv_length((char **)names), qtr_primitive_count());
    for (guint i = 0; names[i]; i++) {
        assert_ptr_equal(qtr_primitive_find(names[i]), qtr_primitive_at(i));
        assert_string_equal(qtr_primitive_name(qtr_primitive_at(i)), names[i]);
    }
    assert_null(qtr_primitive_find("simple_7x7"));
    assert_null(qtr_primitive_find(""));
}

static void assert_problem(const char *name, int in, int out, int c_fixed, const char *part)
{
    g_autofree char *problem = qtr_primitive_problem(find(name), in, out, c_fixed);

    if (!part && problem)
        fail_msg("%s: %s", name, problem);
    if (part && (!problem || !strstr(problem, part)))
        fail_msg("%s: '%s' lacks '%s'", name, problem ? problem : "", part);
}

static void test_problems(void **state)
{
    assert_problem("simple_3x3", 3, 36, 36, NULL);
    assert_problem("simple_3x3_grouped_3", 3, 36, 36, NULL);
    assert_problem("simple_3x3_grouped_3", 36, 48, 36, NULL);
    assert_problem("simple_3x3_grouped_3", 32, 32, 32, "3 groups");
    assert_problem("simple_3x3_grouped_3", 3, 32, 32, "32 out");
    assert_problem("simple_3x3_grouped_full", 36, 48, 36, "36 groups");
    assert_problem("decenc_3x3_8_g3", 36, 36, 36, "3 groups");
    assert_problem("decenc_3x3_8", 4, 4, 4, "leaves no channel");
    assert_problem("skip_connect", 36, 36, 36, NULL);
    assert_problem("skip_connect", 3, 36, 36, "cannot map 3 to 36");
    assert_problem("zero", 3, 36, 36, NULL);
}

/* Every primitive of the reference: the shapes of its weights, and its cost at 9 x 11. */
static void test_golden_primitives(void **state)
{
    g_autofree char *path = g_build_filename(g_getenv("QTR_SOURCE_ROOT"), "tests", "data",
                                             "final_primitives_4.safetensors", NULL);
    g_autoptr(QtrSafetensors) file = qtr_safetensors_load(path, NULL);
    int compared = 0;

    assert_non_null(file);
    for (guint i = 0; i < qtr_primitive_count(); i++) {
        const QtrPrimitive *primitive = qtr_primitive_at(i);
        const char *name = qtr_primitive_name(primitive);
        g_autofree char *key = g_strdup_printf("%s.bitops_memory", name);
        const float *wanted;
        QtrConvShape chain[QTR_CHAIN_MAX];
        int length = qtr_primitive_chain(primitive, 12, 12, 12, chain);
        QtrCost cost = qtr_gene_cost(&(QtrGene){primitive, 4}, 12, 12, 12, 9, 11);

        if (!qtr_safetensors_find(file, key))
            continue;
        wanted = qtr_safetensors_f32(file, key, 2, NULL);
        assert_non_null(wanted);
        assert_true(cost.bitops == wanted[0]);
        assert_true(cost.memory == wanted[1]);
        for (int j = 0; j < length; j++) {
            g_autofree char *weight = g_strdup_printf("%s.net.%d.conv.weight", name, j);
            const gint64 dims[] = {chain[j].out, chain[j].in / chain[j].groups, chain[j].kh,
                                   chain[j].kw};

            const QtrStoredTensor *stored = qtr_safetensors_find(file, weight);

            assert_true(stored && stored->dtype == QTR_DTYPE_F32 && stored->n_dims == 4);
            assert_memory_equal(stored->dims, dims, sizeof dims);
        }
        compared++;
    }
    assert_int_equal(compared, 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_names_are_found_and_unique),
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_golden_primitives),
    };

    return cmocka_run_group_tests_name("primitive", tests, NULL, NULL);
}
