/* The configuration as a whole: defaults, overrides, written and read back, its schema. */
#include "config-fixture.h"

static void test_defaults(void **state)
{
    g_autoptr(QtrConfig) config = load("", NULL, NULL);
    QtrArch arch;

    assert_int_equal(config->dataset.batch_size, 32);
    assert_true(config->search.w_weight_decay == 3e-8);
    assert_int_equal(config->search.sparse_type, QTR_SPARSITY_ENTROPY);
    assert_false(config->arch.skip_mode);
    assert_null(config->search.load_path);
    assert_null(config->env.gpu);
    qtr_config_get_arch(config, &arch);
    assert_int_equal(arch.n_bits, 2);
    assert_int_equal(arch.bits[1], 4);
    assert_int_equal(arch.n_primitives[QTR_BLOCK_BODY], 21);
    assert_int_equal(arch.n_primitives[QTR_BLOCK_TAIL], 10);
}

static void assert_same(const QtrConfig *a, const QtrConfig *b)
{
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (guint i = 0; i < count; i++) {
        g_autofree char *left = qtr_config_value_text(a, &keys[i]);
        g_autofree char *right = qtr_config_value_text(b, &keys[i]);

        assert_string_equal(left, right);
    }
}

static void test_written_yaml_reads_back(void **state)
{
    const char *const overrides[] = {"search.w_lr=0.1234567890123456789",
                                     "env.run_name=\"it's \\\"one\\\" \\u2028 \\\\ # \\t\"",
                                     "env.gpu=yes",
                                     "env.log_dir='- [x]: y'",
                                     "train.genotype_path=null.gen",
                                     "search.alpha_selector=hard_gumbel",
                                     NULL};
    g_autoptr(QtrConfig) config = load("", overrides, NULL);
    g_autofree char *yaml = qtr_config_to_yaml(config);
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(QtrConfig) again = load(yaml, NULL, &problems);

    assert_int_equal(problems->len, 0);
    assert_same(config, again);
    assert_string_equal(again->env.run_name, "it's \"one\" \xe2\x80\xa8 \\ # \t");
    assert_string_equal(again->env.gpu, "yes");
    assert_true(again->search.w_lr == 0.1234567890123456789);
    assert_int_equal(again->search.alpha_selector, QTR_SELECTOR_HARD_GUMBEL);
    assert_non_null(strstr(yaml, "  # learning rate of the alphas\n  alpha_lr: 0.0003\n"));
    assert_non_null(strstr(yaml, "arch_pattern:\n    # layers of the head\n    head: 2\n"));
    assert_non_null(strstr(yaml, "  w_weight_decay: 3.0e-08\n"));
    assert_non_null(strstr(yaml, "  temp_max: 10\n"));
    assert_null(strstr(yaml, "unrolled"));
}

static void test_copy_is_independent(void **state)
{
    const char *const overrides[] = {"arch.primitives.skip=[zero]", "env.gpu=3", NULL};
    g_autoptr(QtrConfig) config = load("", overrides, NULL);
    g_autoptr(QtrConfig) copy = qtr_config_copy(config);

    assert_same(config, copy);
    g_free(copy->env.gpu);
    copy->env.gpu = g_strdup("4");
    g_free(copy->arch.primitives[QTR_BLOCK_SKIP][0]);
    copy->arch.primitives[QTR_BLOCK_SKIP][0] = g_strdup("simple_1x1");
    assert_string_equal(config->env.gpu, "3");
    assert_string_equal(config->arch.primitives[QTR_BLOCK_SKIP][0], "zero");
}

static void test_overrides(void **state)
{
    const char *const overrides[] = {"search.penalty=0.001",
                                     "arch.bits=[8,4,2]",
                                     "arch.primitives.skip=[zero, simple_1x1]",
                                     "arch.arch_pattern={head: 3, tail: 0}",
                                     "train.genotype_path=some where/a=b.gen",
                                     "env.seed=null",
                                     NULL};
    g_autoptr(QtrConfig) config = load("env: {seed: 5}\nsearch: {penalty: 1}\n", overrides, NULL);

    assert_true(config->search.penalty == 0.001);
    assert_int_equal(config->arch.bits.n, 3);
    assert_string_equal(config->arch.primitives[QTR_BLOCK_SKIP][1], "simple_1x1");
    assert_int_equal(config->arch.layers[QTR_BLOCK_HEAD], 3);
    assert_int_equal(config->arch.layers[QTR_BLOCK_TAIL], 0);
    assert_string_equal(config->train.genotype_path, "some where/a=b.gen");
    assert_int_equal(config->env.seed, 777);
}

static void test_required_keys(void **state)
{
    const char *const keys[] = {"dataset.files_list", "env.log_dir", "train.genotype_path", NULL};
    g_autoptr(QtrConfig) config = load("train: {genotype_path: a.gen}", NULL, NULL);
    g_autoptr(GError) error = NULL;

    assert_false(qtr_config_require(config, keys, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    assert_true(g_str_has_prefix(error->message, "dataset.files_list is not set"));
    assert_null(strstr(error->message, "genotype_path"));
    assert_true(qtr_config_require(config, keys + 1, NULL));
}

static void test_schema_is_sound(void **state)
{
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (guint i = 0; i < count; i++) {
        assert_ptr_equal(qtr_config_key_find(keys[i].path), &keys[i]);
        assert_non_null(strchr(keys[i].path, '.'));
        assert_null(strchr(keys[i].description, '\n'));
    }
    assert_true(qtr_config_is_section("arch.primitives"));
    assert_false(qtr_config_is_section("arch.prim"));
    assert_false(qtr_config_is_section("arch.bits"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_written_yaml_reads_back),
        cmocka_unit_test(test_copy_is_independent),
        cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_required_keys),
        cmocka_unit_test(test_schema_is_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
