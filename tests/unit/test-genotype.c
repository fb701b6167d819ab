#include "base/error.h"
#include "nn/genotype.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

#define PLAIN                                                                                      \
    "Genotype_SR(head=[('simple_3x3', 8), ('conv_5x1_1x5', 4)], body=[('skip_connect', 8)], "      \
    "tail=[('simple_5x5', 2), ('simple_1x1', 16)], skip=[('decenc_3x3_2', 32)], "                  \
    "upsample=[('simple_3x3_grouped_3', 8)])"

static QtrGenotype parse(const char *text)
{
    QtrGenotype genotype;
    g_autoptr(GError) error = NULL;

    if (!qtr_genotype_parse(&genotype, text, "test", &error))
        fail_msg("%s", error->message);
    return genotype;
}

static void test_format_is_the_references(void **state)
{
    QtrGenotype genotype = parse(PLAIN);
    g_autofree char *text = qtr_genotype_format(&genotype);

    assert_string_equal(text, PLAIN);
    assert_int_equal(genotype.layers[QTR_BLOCK_HEAD], 2);
    assert_int_equal(genotype.genes[QTR_BLOCK_HEAD][1].bits, 4);
    assert_string_equal(qtr_primitive_name(genotype.genes[QTR_BLOCK_TAIL][0].primitive),
                        "simple_5x5");
}

/* All of these are the same Python expression as PLAIN. */
static void test_python_spellings(void **state)
{
    static const char *const spellings[] = {
        "\n  Genotype_SR (\r\n\thead = [\n ( \"simple_3x3\" ,8 , ),('conv_5x1_1x5',4),\n],\n"
        "body=[('skip_connect',8)],tail=[('simple_5x5',2),('simple_1x1',16)], # the end )]\n"
        "skip=[('decenc_3x3_2',32)],upsample=[('simple_3x3_grouped_3',8)],\n)\n# done",
        "Genotype_SR(upsample=[('simple_3x3_grouped_3', 8)], skip=[('decenc_3x3_2', 32)],"
        "tail=[('simple_5x5', 2), ('simple_1x1', 16)], body=[('skip_connect', 8)],"
        "head=[('simple_3x3', 8), ('conv_5x1_1x5', 4)])",
        "Genotype_SR([('simple_3x3', 8), ('conv_5x1_1x5', 4)], [('skip_connect', 8)],"
        "[('simple_5x5', 2), ('simple_1x1', 16)], upsample=[('simple_3x3_grouped_3', 8)],"
        "skip=[('decenc_3x3_2', 32)])",
    };
    QtrGenotype plain = parse(PLAIN);

    for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
        QtrGenotype genotype = parse(spellings[i]);

        assert_true(qtr_genotype_equal(&genotype, &plain));
    }
}

static void test_equality(void **state)
{
    QtrGenotype a = parse(PLAIN), b = a;

    b.genes[QTR_BLOCK_SKIP][0].bits = 16;
    assert_false(qtr_genotype_equal(&a, &b));
    b = a;
    b.genes[QTR_BLOCK_BODY][0].primitive = qtr_primitive_find("zero");
    assert_false(qtr_genotype_equal(&a, &b));
    b = a;
    b.layers[QTR_BLOCK_TAIL] = 1;
    assert_false(qtr_genotype_equal(&a, &b));
}

static void assert_refused(const char *text, const char *message)
{
    QtrGenotype genotype;
    g_autoptr(GError) error = NULL;

    memset(&genotype, 0x5a, sizeof genotype);
    if (qtr_genotype_parse(&genotype, text, "a.gen", &error))
        fail_msg("accepted: %s", text);
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_FORMAT));
    if (!g_str_has_prefix(error->message, message))
        fail_msg("'%s' does not start with '%s'", error->message, message);
    assert_int_equal(genotype.layers[0], 0x5a5a5a5a);
}

#define REST "body=[('zero', 8)], tail=[], skip=[('zero', 8)], upsample=[('simple_3x3', 8)])"

static void test_refused_texts(void **state)
{
    assert_refused("", "a.gen:1:1: this is no genotype");
    assert_refused("Genotype(head=[])", "a.gen:1:1: this is no genotype");
    assert_refused("Genotype_SR", "a.gen:1:12: the text ends where '(' after Genotype_SR");
    assert_refused("Genotype_SR(\n  heat=[])", "a.gen:2:3: unknown block 'heat'; expected head");
    assert_refused("Genotype_SR(head=[('simple_3x4', 8)], " REST,
                   "a.gen:1:20: unknown primitive 'simple_3x4'; did you mean 'simple_");
    assert_refused("Genotype_SR(head=[('simple_3x3', 1)], " REST,
                   "a.gen:1:34: the number of bits must be 2 to 8, 16 or 32");
    assert_refused("Genotype_SR(head=[('simple_3x3', 8.0)], " REST, "a.gen:1:34: the number");
    assert_refused("Genotype_SR(head=[('simple_3x3', 0x8)], " REST, "a.gen:1:34: the number");
    assert_refused("Genotype_SR(head=[('simple_3x3', -8)], " REST, "a.gen:1:34: expected the num");
    assert_refused("Genotype_SR(head=[('simple_3x3', 99999999999999999999)], " REST,
                   "a.gen:1:34: the number");
    assert_refused("Genotype_SR(head=[('simple_3x3', 8], " REST, "a.gen:1:35: expected ')'");
    assert_refused("Genotype_SR(head=[('simple_3x3\n', 8)], " REST, "a.gen:1:20: this string");
    assert_refused("Genotype_SR(head=[simple_3x3, 8], " REST, "a.gen:1:19: expected '('");
    assert_refused("Genotype_SR(head=[('simple_3x3', 8)], head=[], " REST,
                   "a.gen:1:39: the block head is given twice");
    assert_refused("Genotype_SR(" REST, "a.gen:1:91: the block head is missing");
    assert_refused("Genotype_SR(head=[], [], " REST, "a.gen:1:22: a list without a name");
    assert_refused("Genotype_SR([], [], [], [], [], [])", "a.gen:1:33: there are only 5 blocks");
    assert_refused(PLAIN "\nx", "a.gen:2:1: unexpected text");
}

static void test_every_prefix_is_refused(void **state)
{
    for (gsize n = 0; n < strlen(PLAIN); n++) {
        g_autofree char *text = g_strndup(PLAIN, n);

        assert_refused(text, "a.gen:1:");
    }
}

static void test_too_many_layers(void **state)
{
    g_autoptr(GString) text = g_string_new("Genotype_SR(head=[");

    for (int i = 0; i <= QTR_LAYERS_MAX; i++)
        g_string_append(text, "('zero', 8),");
    g_string_append(text, "], " REST);
    assert_refused(text->str, "a.gen:1:787: head has more than 64 layers");
}

static void test_check(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {PLAIN, NULL},
        {"Genotype_SR(head=[('skip_connect', 8)], " REST, "head, layer 1: skip_connect keeps"},
        {"Genotype_SR(head=[], " REST, "block head is empty"},
        {"Genotype_SR(head=[('simple_1x1', 8), ('simple_1x1_grouped_full', 8)], " REST, NULL},
        {"Genotype_SR(head=[('simple_1x1', 8)], body=[('decenc_5x5_8_g3', 4)], tail=[], "
         "skip=[('zero', 8)], upsample=[('simple_3x3', 8)])",
         "body, layer 1: decenc_5x5_8_g3 has 3 groups"},
    };
    QtrArch arch;

    qtr_arch_init(&arch);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        QtrGenotype genotype = parse(cases[i].text);
        g_autoptr(GError) error = NULL;

        assert_int_equal(qtr_genotype_check(&genotype, &arch, &error), cases[i].part == NULL);
        if (cases[i].part) {
            assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
            assert_non_null(strstr(error->message, cases[i].part));
        }
    }
}

static void test_files(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("qtr-genotype-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "best_arch.gen", NULL);
    g_autofree char *missing = g_build_filename(dir, "none.gen", NULL);
    QtrGenotype genotype = parse(PLAIN), loaded;
    g_autoptr(GError) error = NULL;

    assert_true(qtr_genotype_save(&genotype, path, NULL));
    assert_true(qtr_genotype_load(&loaded, path, NULL));
    assert_true(qtr_genotype_equal(&genotype, &loaded));
    assert_false(qtr_genotype_load(&loaded, missing, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_IO));
    g_clear_error(&error);
    assert_true(g_file_set_contents(path, PLAIN "\0#", sizeof PLAIN + 1, NULL));
    assert_false(qtr_genotype_load(&loaded, path, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_FORMAT));
    (void)g_unlink(path);
    (void)g_rmdir(dir);
}

static void test_layers_of_an_arch(void **state)
{
    QtrBlock block;
    QtrArch arch;
    int layer, in, out;

    qtr_arch_init(&arch);
    assert_int_equal(qtr_arch_layer_count(&arch), 8);
    qtr_arch_layer_at(&arch, 5, &block, &layer);
    assert_int_equal(block, QTR_BLOCK_UPSAMPLE);
    assert_int_equal(layer, 0);
    qtr_arch_layer_at(&arch, 7, &block, &layer);
    assert_int_equal(block, QTR_BLOCK_TAIL);
    assert_int_equal(layer, 1);
    qtr_arch_layer_channels(&arch, QTR_BLOCK_TAIL, 1, &in, &out);
    assert_int_equal(in, 36);
    assert_int_equal(out, 3);
    arch.layers[QTR_BLOCK_TAIL] = 1;
    qtr_arch_layer_channels(&arch, QTR_BLOCK_TAIL, 0, &in, &out);
    assert_int_equal(in, 3);
    assert_int_equal(out, 3);
    arch.layers[QTR_BLOCK_UPSAMPLE] = 2;
    qtr_arch_layer_channels(&arch, QTR_BLOCK_UPSAMPLE, 0, &in, &out);
    assert_int_equal(out, 36);
    qtr_arch_layer_channels(&arch, QTR_BLOCK_UPSAMPLE, 1, &in, &out);
    assert_int_equal(out, 48);
}

static void test_outside_of_a_space(void **state)
{
    static const char *const wanted[] = {
        "head has 2 layers, not 1",
        "head, layer 2: conv_5x1_1x5 is none of head's",
        "skip, layer 1: decenc_3x3_2 has 32 bits",
        "tail, layer 1: simple_5x5 has 2 bits",
        "tail, layer 2: simple_1x1 has 16 bits",
    };
    QtrGenotype genotype = parse(PLAIN);
    g_autoptr(GPtrArray) found = NULL, all = NULL;
    QtrArch arch;

    qtr_arch_init(&arch); /* bits 8 and 4 */
    memcpy(arch.layers, genotype.layers, sizeof arch.layers);
    arch.layers[QTR_BLOCK_HEAD] = 1;
    arch.n_primitives[QTR_BLOCK_HEAD] = 1;
    arch.primitives[QTR_BLOCK_HEAD][0] = qtr_primitive_find("simple_3x3");
    found = qtr_genotype_outside(&genotype, &arch);
    assert_int_equal(found->len, G_N_ELEMENTS(wanted));
    for (guint i = 0; i < found->len; i++)
        assert_string_equal(found->pdata[i], wanted[i]);

    /* In full precision throughout only the rest counts. */
    for (int b = 0; b < QTR_BLOCKS; b++)
        for (int i = 0; i < genotype.layers[b]; i++)
            genotype.genes[b][i].bits = 32;
    all = qtr_genotype_outside(&genotype, &arch);
    assert_int_equal(all->len, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_is_the_references),
        cmocka_unit_test(test_python_spellings),
        cmocka_unit_test(test_equality),
        cmocka_unit_test(test_refused_texts),
        cmocka_unit_test(test_every_prefix_is_refused),
        cmocka_unit_test(test_too_many_layers),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_layers_of_an_arch),
        cmocka_unit_test(test_outside_of_a_space),
    };

    return cmocka_run_group_tests_name("genotype", tests, NULL, NULL);
}
