#include "nn/cost.h"
#include "run/safetensors.h"

#include <json-glib/json-glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static QtrGenotype parse(const char *text)
{
    QtrGenotype genotype;
    g_autoptr(GError) error = NULL;

    if (!qtr_genotype_parse(&genotype, text, "test", &error))
        fail_msg("%s", error->message);
    return genotype;
}

static int metadata_int(const QtrSafetensors *file, const char *key)
{
    const char *text = qtr_safetensors_metadata(file, key);

    assert_non_null(text);
    return atoi(text);
}

static void assert_golden(const char *path)
{
    g_autoptr(QtrSafetensors) file = qtr_safetensors_load(path, NULL);
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *bitops;
    QtrGenotype genotype;
    QtrArch arch;

    assert_non_null(file);
    genotype = parse(qtr_safetensors_metadata(file, "genotype"));
    qtr_arch_init(&arch);
    arch.body_cells = metadata_int(file, "body_cells");
    arch.c_fixed = metadata_int(file, "c_fixed");
    arch.scale = metadata_int(file, "scale");
    arch.skip_mode = g_str_equal(qtr_safetensors_metadata(file, "skip_mode"), "true");
    assert_true(
        json_parser_load_from_data(parser, qtr_safetensors_metadata(file, "bitops"), -1, NULL));
    bitops = json_node_get_object(json_parser_get_root(parser));
    assert_true(qtr_genotype_cost(&genotype, &arch, 32, 32).bitops ==
                json_object_get_double_member(bitops, "32"));
    assert_true(qtr_genotype_cost(&genotype, &arch, 256, 256).bitops ==
                json_object_get_double_member(bitops, "256"));
    assert_int_equal(qtr_genotype_cost(&genotype, &arch, 32, 32).parameters,
                     metadata_int(file, "parameters"));
}

static void test_golden_networks(void **state)
{
    static const char *const names[] = {"fp32_skip", "q2_adm", "q84_adm", "q84_skip"};
    const char *shared = g_getenv("QTR_SHARED");

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *leaf = g_strdup_printf("final_%s.safetensors", names[i]);
        g_autofree char *path = g_build_filename(shared ? shared : "", "golden", leaf, NULL);

        if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
            print_message("skipped: no reference network at %s\n", path);
            skip();
        }
        assert_golden(path);
    }
}

/* Worked out by hand: C = 6, 2x, one cell, an 8 x 4 input. */
static void test_small_network(void **state)
{
    QtrGenotype genotype =
        parse("Genotype_SR(head=[('simple_3x3', 8)], body=[('skip_connect', 4)], tail=[],"
              " skip=[('simple_1x1_grouped_3', 4)], upsample=[('simple_1x1', 32)])");
    const double pixels = 8 * 4;
    QtrArch arch;
    QtrCost cost;

    qtr_arch_init(&arch);
    arch.c_fixed = 6;
    arch.scale = 2;
    arch.body_cells = 2;
    arch.skip_mode = TRUE;
    cost = qtr_genotype_cost(&genotype, &arch, 8, 4);
    assert_true(cost.flops == 2 * pixels * (3 * 6 * 9 + 2 * 12 + 6 * 12));
    assert_true(cost.bitops == pixels * (3 * 6 * 9 * 64 + 2 * 12 * 16 + 6.0 * 12 * 1024));
    assert_true(cost.memory == pixels * (3 * 8 + 2 * 6 * 4 + 6 * 32));
    assert_int_equal(cost.parameters, (162 + 6) + 2 * (12 + 6) + (72 + 12));
    assert_int_equal(cost.packed_bytes, (162 + 24) + 2 * (6 + 24) + 288);

    arch.skip_mode = FALSE;
    cost = qtr_genotype_cost(&genotype, &arch, 8, 4);
    assert_int_equal(cost.parameters, (162 + 6) + 2 * (12 + 6) + (72 + 12) + 3 * 14);
    assert_int_equal(cost.packed_bytes, (162 + 24) + 2 * (6 + 24) + 288 + 3 * 4 * 26);
}

/* Odd bit widths fill whole bytes once a tensor, not once a weight. */
static void test_packed_weights_round_up_per_tensor(void **state)
{
    QtrGene gene = {qtr_primitive_find("simple_1x1"), 3};

    assert_int_equal(qtr_gene_cost(&gene, 3, 3, 3, 1, 1).packed_bytes, 4 + 3 * 4);
}

static void test_tail_is_counted_on_the_large_image(void **state)
{
    QtrGenotype genotype = parse("Genotype_SR(head=[('simple_1x1', 8)], body=[('skip_connect', 8)],"
                                 " tail=[('simple_1x1', 8)], skip=[('skip_connect', 8)],"
                                 " upsample=[('simple_1x1', 8)])");
    QtrArch arch;
    QtrCost cost;

    qtr_arch_init(&arch);
    cost = qtr_genotype_cost(&genotype, &arch, 1, 1);
    assert_true(cost.flops == 2 * (3 * 36 + 36 * 48 + 3 * 3 * 16));
}

/* Their steps are counted, as the reference has them, but nothing needs them stored. */
static void test_full_precision_steps(void **state)
{
    QtrGene gene = {qtr_primitive_find("simple_3x3"), 32};
    QtrCost cost = qtr_gene_cost(&gene, 36, 36, 36, 1, 1);

    assert_int_equal(cost.parameters, 36 * 36 * 9 + 36);
    assert_int_equal(cost.packed_bytes, 4 * 36 * 36 * 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_networks),
        cmocka_unit_test(test_small_network),
        cmocka_unit_test(test_packed_weights_round_up_per_tensor),
        cmocka_unit_test(test_tail_is_counted_on_the_large_image),
        cmocka_unit_test(test_full_precision_steps),
    };

    return cmocka_run_group_tests_name("cost", tests, NULL, NULL);
}
