/* Values: what each kind of key takes, and what it refuses. */
#include "config-fixture.h"

static void test_scalars(void **state)
{
    g_autoptr(QtrConfig) config =
        load("dataset: {debug_mode: yes, batch_size: 1_000}\n"
             "arch:\n  skip_mode: OFF\n  bits:\n  - 8\n  - 2\n"
             "env: {run_name: '007', gpu: \"GeForce RTX\", log_dir: 5, im_dir: null}\n"
             "search: {w_lr: .5, penalty: 1e+2, temp_max: +1E1, epochs: ~, sparse_type: none}\n",
             NULL, NULL);

    assert_true(config->dataset.debug_mode);
    assert_int_equal(config->dataset.batch_size, 1000);
    assert_false(config->arch.skip_mode);
    assert_int_equal(config->arch.bits.values[1], 2);
    assert_string_equal(config->env.run_name, "007");
    assert_string_equal(config->env.gpu, "GeForce RTX");
    assert_string_equal(config->env.log_dir, "5");
    assert_string_equal(config->env.im_dir, "arch_images");
    assert_true(config->search.w_lr == 0.5);
    assert_true(config->search.penalty == 100);
    assert_true(config->search.temp_max == 10);
    assert_int_equal(config->search.epochs, 20);
    assert_int_equal(config->search.sparse_type, QTR_SPARSITY_NONE);
}

static void test_wrong_types(void **state)
{
    assert_fails("search:\n  epochs: ten\n",
                 "c.yaml:2:11: search.epochs: expected an integer (1 to 1000000), got ten");
    assert_fails("search:\n  epochs: 1e1\n",
                 "c.yaml:2:11: search.epochs: expected an integer (1 to 1000000), got 1e1");
    assert_fails("search:\n  epochs: 010\n",
                 "c.yaml:2:11: search.epochs: expected an integer (1 to 1000000), got 010");
    assert_fails("search:\n  epochs: '10'\n", "c.yaml:2:11: search.epochs: expected an integer (1 "
                                              "to 1000000), got the text 10");
    assert_fails("search:\n  epochs: [10]\n",
                 "c.yaml:2:11: search.epochs: expected an integer (1 to 1000000), got a list");
    assert_fails("search:\n  w_lr: {a: 1}\n", "c.yaml:2:9: search.w_lr: expected a number (above "
                                              "0, at most 1000), got a section");
    assert_fails("search: {quant_noise: 1}\n",
                 "c.yaml:1:23: search.quant_noise: expected True or False, got 1");
    assert_fails("search: {optimizer: adan}\n", "c.yaml:1:21: search.optimizer: expected one of "
                                                "adam, sgd, got adan; did you mean adam?");
    assert_fails("arch: {bits: 8}\n", "c.yaml:1:14: arch.bits: expected a list of bit widths (2 "
                                      "to 8, 16 or 32), got 8");
    assert_fails("arch: {primitives: {head: simple_3x3}}\n",
                 "c.yaml:1:27: arch.primitives.head: expected a list of primitives, got "
                 "simple_3x3");
    assert_fails("env: {run_name: a/b}\n", "c.yaml:1:17: env.run_name: expected a file name "
                                           "without folders, got a/b");
    assert_fails("env: {im_dir: ..}\n",
                 "c.yaml:1:15: env.im_dir: expected a file name without folders, got ..");
    assert_fails("env: {log_dir: '${oc.env:HOME}'}\n",
                 "c.yaml:1:16: env.log_dir: references such as ${oc.env:HOME} are not supported; "
                 "write the value itself");
}

static void test_ranges(void **state)
{
    assert_fails("search: {epochs: 0}",
                 "c.yaml:1:18: search.epochs: expected an integer (1 to 1000000), got 0");
    assert_fails("search: {epochs: 99999999999999999999}",
                 "c.yaml:1:18: search.epochs: expected an integer (1 to 1000000), got "
                 "99999999999999999999");
    assert_fails("search: {w_lr: 0}", "c.yaml:1:16: search.w_lr: expected a number (above 0, at "
                                      "most 1000), got 0");
    assert_fails("search: {penalty: -0.5}", "c.yaml:1:19: search.penalty: expected a number (0 to "
                                            "1000000000), got -0.5");
    assert_fails("search: {penalty: .nan}", "c.yaml:1:19: search.penalty: expected a number (0 to "
                                            "1000000000), got .nan");
    assert_fails("search: {penalty: 1e999}", "c.yaml:1:19: search.penalty: expected a number (0 "
                                             "to 1000000000), got 1e999");
    assert_fails("arch: {channels: 1}",
                 "c.yaml:1:18: arch.channels: expected an integer (only 3), got 1");
    assert_fails("arch:\n  arch_pattern:\n    head: 0\n",
                 "c.yaml:3:11: arch.arch_pattern.head: expected an integer (1 to 64), got 0");
}

static void test_bits(void **state)
{
    assert_fails("arch:\n  bits: [8,\n    1]\n", "c.yaml:3:5: arch.bits: impossible bit width 1; "
                                                 "expected 2 to 8, 16 or 32");
    assert_fails("arch: {bits: [9]}", "c.yaml:1:15: arch.bits: impossible bit width 9; expected 2 "
                                      "to 8, 16 or 32");
    assert_fails("arch: {bits: ['8']}", "c.yaml:1:15: arch.bits: impossible bit width 8; expected "
                                        "2 to 8, 16 or 32");
    assert_fails("arch: {bits: [8, 4, 8]}", "c.yaml:1:21: arch.bits: the bit width 8 is given "
                                            "twice");
    assert_fails("arch: {bits: []}", "c.yaml:1:14: arch.bits: expected at least one bit width");
    assert_fails("arch: {bits: [[8]]}", "c.yaml:1:15: arch.bits: impossible bit width (not a "
                                        "number); expected 2 to 8, 16 or 32");
    assert_fails("arch: {bits: [2, 3, 4, 5, 6, 7, 8, 16, 32]}",
                 "c.yaml:1:40: arch.bits: more than 8 bit widths");
}

static void test_primitives(void **state)
{
    assert_fails("arch: {primitives: {skip: [simple_3x3, simpel_5x5]}}",
                 "c.yaml:1:40: arch.primitives.skip: unknown primitive simpel_5x5; did you mean "
                 "simple_5x5?");
    assert_fails("arch: {primitives: {skip: [zero, zero]}}",
                 "c.yaml:1:34: arch.primitives.skip: zero is given twice");
    assert_fails("arch: {primitives: {skip: []}}",
                 "c.yaml:1:27: arch.primitives.skip: the list is empty; expected at least one "
                 "primitive, or no such key for the default list");
    assert_fails("arch: {primitives: {head: [simple_3x3, skip_connect]}}",
                 "c.yaml:1:40: arch.primitives.head: in layer 1, skip_connect keeps the channels "
                 "and cannot map 3 to 36 channels");
    assert_fails("arch: {primitives: {upsample: [simple_3x3_grouped_full]}}",
                 "c.yaml:1:32: arch.primitives.upsample: in layer 1, simple_3x3_grouped_full has "
                 "36 groups, which do not divide the 36 channels in and 48 out of its "
                 "convolution 1");
    assert_fails("arch: {arch_pattern: {tail: 1}, primitives: {tail: [skip_connect]}}", "");
    assert_fails("arch: {arch_pattern: {tail: 0}, primitives: {tail: []}}", "");
}

static void test_default_lists_need_fitting_channels(void **state)
{
    for (int c = 1; c <= 60; c++) {
        g_autofree char *text = g_strdup_printf("arch: {c_fixed: %d}", c);
        g_autofree char *found = failure(text, NULL);

        assert_int_equal(*found == '\0', c % 12 == 0);
        if (*found)
            assert_true(g_str_has_prefix(found, "c.yaml:1:17: arch.c_fixed: the default list of "
                                                "arch.primitives."));
    }
}

static void test_rules_between_keys(void **state)
{
    assert_fails("dataset:\n  scale: 2\narch:\n  scale: 3\n",
                 "c.yaml:4:10: arch.scale: dataset.scale is 2 and arch.scale is 3; expected the "
                 "same");
    assert_fails("dataset:\n  scale: 2\n", "c.yaml:2:10: dataset.scale: dataset.scale is 2 and "
                                           "arch.scale is 4; expected the same");
    assert_fails("search: {temp_max: 0.01}", "c.yaml:1:20: search.temp_max: temp_min is 0.1 and "
                                             "temp_max is 0.01; expected temp_min to be at most "
                                             "temp_max");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_wrong_types),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_primitives),
        cmocka_unit_test(test_default_lists_need_fitting_channels),
        cmocka_unit_test(test_rules_between_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
