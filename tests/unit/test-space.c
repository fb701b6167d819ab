#include "base/error.h"
#include "search/space.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

/* One primitive list for the blocks: enough to work out by hand. */
static QtrArch small_arch(void)
{
    QtrArch arch;

    qtr_arch_init(&arch);
    arch.c_fixed = 12;
    arch.body_cells = 2;
    arch.skip_mode = TRUE;
    arch.layers[QTR_BLOCK_HEAD] = 1;
    arch.layers[QTR_BLOCK_BODY] = 1;
    arch.layers[QTR_BLOCK_TAIL] = 0;
    for (int block = 0; block < QTR_BLOCKS; block++) {
        arch.n_primitives[block] = 2;
        arch.primitives[block][0] = qtr_primitive_find("simple_3x3");
        arch.primitives[block][1] = qtr_primitive_find("simple_1x1");
    }
    return arch;
}

static void test_small_space(void **state)
{
    QtrArch arch = small_arch();
    g_autoptr(QtrSpace) space = qtr_space_new(&arch, 32, 32, NULL);
    const QtrSpaceChoice *choice;
    g_autofree char *cheapest = NULL, *dearest = NULL;

    assert_non_null(space);
    assert_string_equal(space->count, "256");
    assert_float_equal(space->count_log10, log10(256), 1e-12);
    assert_int_equal(space->choices->len, 8);
    choice = &g_array_index(space->choices, QtrSpaceChoice, 3);
    assert_int_equal(choice->block, QTR_BLOCK_BODY);
    assert_string_equal(qtr_primitive_name(choice->primitive), "simple_1x1");
    assert_int_equal(choice->repeats, 2);
    assert_true(choice->costs[1].bitops == 144.0 * 1024 * 16);
    assert_true(choice->costs[1].memory == 12 * 1024 * 4);
    assert_int_equal(choice->costs[1].parameters, 144 + 12);

    cheapest = qtr_genotype_format(&space->cheapest);
    dearest = qtr_genotype_format(&space->dearest);
    assert_string_equal(cheapest, "Genotype_SR(head=[('simple_1x1', 4)], body=[('simple_1x1', 4)],"
                                  " tail=[], skip=[('simple_1x1', 4)],"
                                  " upsample=[('simple_1x1', 4)])");
    assert_string_equal(dearest, "Genotype_SR(head=[('simple_3x3', 8)], body=[('simple_3x3', 8)],"
                                 " tail=[], skip=[('simple_3x3', 8)],"
                                 " upsample=[('simple_3x3', 8)])");
    assert_true(space->cheapest_cost.bitops == 1024.0 * 16 * (3 * 12 + 2 * 2 * 144 + 12 * 48));
    assert_true(space->dearest_cost.bitops == 1024.0 * 64 * 9 * (3 * 12 + 2 * 2 * 144 + 12 * 48));
}

/* Larger than any machine word: 20^2 (head) * 42^2 (body) * 42 (skip) * 20^3, exactly. */
static void test_count_is_exact(void **state)
{
    g_autoptr(QtrSpace) space = NULL;
    QtrArch arch;

    qtr_arch_init(&arch);
    space = qtr_space_new(&arch, 32, 32, NULL);
    assert_string_equal(space->count, "237081600000");
    qtr_space_free(g_steal_pointer(&space));

    arch = small_arch();
    arch.layers[QTR_BLOCK_BODY] = 64;
    arch.layers[QTR_BLOCK_SKIP] = 64;
    space = qtr_space_new(&arch, 32, 32, NULL);
    /* 4^130 */
    assert_string_equal(space->count, "1852673427797059126777135760139006525652319754650249024631"
                                      "321344126610074238976");
    assert_float_equal(space->count_log10, 130 * log10(4), 1e-9);
}

static void test_primitives_that_do_not_fit_are_left_out(void **state)
{
    QtrArch arch = small_arch();
    g_autoptr(QtrSpace) space = NULL;
    g_autoptr(GError) error = NULL;
    QtrGenotype genotype;

    arch.primitives[QTR_BLOCK_HEAD][0] = qtr_primitive_find("skip_connect");
    space = qtr_space_new(&arch, 32, 32, NULL);
    assert_string_equal(space->count, "128");
    arch.n_primitives[QTR_BLOCK_HEAD] = 1;
    assert_null(qtr_space_new(&arch, 32, 32, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    assert_non_null(strstr(error->message, "no primitive of head maps the 3 to 12 channels"));
    assert_false(qtr_space_sample(&arch, 1, 0, &genotype, NULL));
}

static void test_samples(void **state)
{
    QtrGenotype a, b;
    QtrArch arch;

    qtr_arch_init(&arch);
    assert_true(qtr_space_sample(&arch, 777, 3, &a, NULL));
    assert_true(qtr_space_sample(&arch, 777, 3, &b, NULL));
    assert_true(qtr_genotype_equal(&a, &b));
    assert_true(qtr_genotype_check(&a, &arch, NULL));
    assert_true(qtr_space_sample(&arch, 777, 4, &b, NULL));
    assert_false(qtr_genotype_equal(&a, &b));
    assert_true(qtr_space_sample(&arch, 778, 3, &b, NULL));
    assert_false(qtr_genotype_equal(&a, &b));
}

/* Every primitive and bit width of a layer comes up equally often, independently of each other. */
static void test_samples_are_uniform(void **state)
{
    const int n = 8000;
    int seen[10][2] = {{0}};
    QtrArch arch;

    qtr_arch_init(&arch);
    for (int i = 0; i < n; i++) {
        QtrGenotype genotype;
        const QtrGene *gene = &genotype.genes[QTR_BLOCK_TAIL][1];
        int p = 0;

        assert_true(qtr_space_sample(&arch, 1, (guint32)i, &genotype, NULL));
        while (arch.primitives[QTR_BLOCK_TAIL][p] != gene->primitive)
            p++;
        seen[p][gene->bits == 4]++;
    }
    /* 400 expected in each of the 20 cells; five standard deviations are 97. */
    for (int p = 0; p < 10; p++)
        for (int b = 0; b < 2; b++)
            assert_in_range(seen[p][b], 303, 497);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_space),
        cmocka_unit_test(test_count_is_exact),
        cmocka_unit_test(test_primitives_that_do_not_fit_are_left_out),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_samples_are_uniform),
    };

    return cmocka_run_group_tests_name("space", tests, NULL, NULL);
}
