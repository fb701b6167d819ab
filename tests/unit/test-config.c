#include "base/error.h"
#include "run/config.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static QtrConfig *load(const char *text, const char *const *overrides, GPtrArray **problems)
{
    g_autoptr(GError) error = NULL;
    QtrConfig *config =
        qtr_config_load_text(text, strlen(text), "c.yaml", NULL, overrides, NULL, problems, &error);

    if (!config)
        fail_msg("%s", error->message);
    return config;
}

static char *source_path(const char *path)
{
    return g_build_filename(g_getenv("QTR_SOURCE_ROOT"), path, NULL);
}

static QtrConfig *load_file(const char *path)
{
    g_autoptr(GError) error = NULL;
    QtrConfig *config = qtr_config_load(path, NULL, NULL, NULL, &error);

    if (!config)
        fail_msg("%s", error->message);
    return config;
}

/* The whole message that loading `text` gives, "" if it loads. */
static char *failure(const char *text, const char *const *overrides)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrConfig) config =
        qtr_config_load_text(text, strlen(text), "c.yaml", NULL, overrides, NULL, NULL, &error);

    if (config)
        return g_strdup("");
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    return g_strdup(error->message);
}

static void assert_fails(const char *text, const char *message)
{
    g_autofree char *found = failure(text, NULL);

    if (strcmp(found, message) != 0)
        fail_msg("%s\ngives   %s\nwanted  %s", text, found, message);
}

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

static void test_quant_config(void **state)
{
    g_autofree char *path = source_path("configs/quant_config.yaml");
    g_autoptr(QtrConfig) config = load_file(path);

    assert_true(config->dataset.search_subsample == 0.7);
    assert_int_equal(config->arch.bits.n, 2);
    assert_int_equal(config->arch.bits.values[0], 8);
    assert_true(config->search.quant_noise);
    assert_false(config->arch.skip_mode);
    assert_true(config->search.sparse_coef == 1e-4);
    assert_true(config->search.w_weight_decay == 3e-8);
    assert_true(config->search.w_grad_clip == 5);
    assert_int_equal(config->search.epochs, 20);
    assert_int_equal(config->train.lr_scheduler, QTR_SCHEDULE_COSINE);
    assert_string_equal(config->env.run_name, "Recovery_final_model");
    assert_string_equal(config->env.gpu, "0");
    assert_null(config->train.genotype_path);
    assert_string_equal(config->arch.primitives[QTR_BLOCK_UPSAMPLE][0], "simple_5x5_grouped_3");
}

static void test_fp_config(void **state)
{
    g_autofree char *path = source_path("configs/fp_config.yaml");
    g_autoptr(QtrConfig) config = load_file(path);

    assert_int_equal(config->arch.bits.n, 1);
    assert_int_equal(config->arch.bits.values[0], 32);
    assert_true(config->search.w_weight_decay == 3e-7);
    assert_true(config->train.lr == 1e-3);
    assert_int_equal(config->train.lr_scheduler, QTR_SCHEDULE_LINEAR);
    assert_int_equal(config->search.epochs, 10);
}

static void test_trajectory_config(void **state)
{
    const char *shared = g_getenv("QTR_SHARED");
    g_autofree char *path =
        g_build_filename(shared ? shared : "", "golden", "trajectory", "config.yaml", NULL);
    g_autoptr(QtrConfig) config = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        print_message("skipped: no reference configuration at %s\n", path);
        skip();
    }
    config = load_file(path);
    assert_int_equal(config->arch.c_fixed, 12);
    assert_true(config->arch.skip_mode);
    assert_int_equal(config->search.warm_up, 2);
    assert_true(config->search.alpha_lr == 0.03);
}

/* What the reference's own files hold: keys it no longer reads, and keys given twice. */
static void test_reference_oddities(void **state)
{
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(QtrConfig) config = load("dataset:\n"
                                       "  search_subsample: 0.5\n"
                                       "  search_subsample: 0.125 # part\n"
                                       "search:\n"
                                       "  epochs: 30 \n"
                                       "  temperature_start: 1e1\n"
                                       "  aux_fp: False\n"
                                       "  adjuster: \n"
                                       "    lr: 0.001\n"
                                       "  load_path: #/home/dev/best.pth.tar \n"
                                       "  epochs: 20\n"
                                       "train:\n"
                                       "  lr : 1e-4\n",
                                       NULL, &problems);
    static const char *const wanted[] = {
        "c.yaml:3:3: dataset.search_subsample: given twice; the last value given counts",
        "c.yaml:6:3: search.temperature_start: obsolete and ignored: search.temp_max and "
        "search.temp_min count",
        "c.yaml:7:3: search.aux_fp: obsolete and ignored: there is no auxiliary full-precision "
        "loss",
        "c.yaml:8:3: search.adjuster: obsolete and ignored: search.penalty weighs the cost",
        "c.yaml:11:3: search.epochs: given twice; the last value given counts",
    };

    assert_true(config->dataset.search_subsample == 0.125);
    assert_int_equal(config->search.epochs, 20);
    assert_true(config->train.lr == 1e-4);
    assert_int_equal(problems->len, G_N_ELEMENTS(wanted));
    for (guint i = 0; i < problems->len; i++) {
        const QtrConfigProblem *problem = problems->pdata[i];
        g_autofree char *text = qtr_config_problem_text(problem);

        assert_true(problem->warning);
        assert_string_equal(text, wanted[i]);
    }
}

static void count_line(QtrLogLevel level, const char *line, gpointer user_data)
{
    *(int *)user_data += level == QTR_LOG_WARNING;
}

static void test_warnings_are_logged_once(void **state)
{
    const char *text = "search: {unrolled: False, temp_red: 0.6}";
    g_autoptr(QtrConfig) config = NULL;
    QtrLog *log = qtr_log_new();
    int lines = 0;

    qtr_log_add_sink(log, count_line, QTR_LOG_DEBUG, &lines);
    config = qtr_config_load_text(text, strlen(text), "c.yaml", NULL, NULL, log, NULL, NULL);
    assert_non_null(config);
    assert_int_equal(lines, 2);
    qtr_log_free(log);
}

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

/* Whatever a file holds, a message can be shown on a terminal. */
static void test_messages_are_printable(void **state)
{
    g_autofree char *text = g_strdup_printf("search: {epochs: \"\\e[2J%0900d\"}", 0);
    g_autofree char *found = failure(text, NULL);

    assert_null(strchr(found, '\033'));
    assert_non_null(strstr(found, "got the text ?[2J000"));
    assert_in_range(strlen(found), 400, 500);
}

static void test_overrides(void **state)
{
    const char *const overrides[] = {"search.penalty=0.001",
                                     "arch.bits=[8,4,2]",
                                     "arch.primitives.skip=[zero, simple_1x1]",
                                     "arch.arch_pattern={head: 3, tail: 0}",
                                     "train.genotype_path=some where/a=b.gen",
                                     "env.seed=",
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

/* Truncated files neither crash nor go on with half a word. */
static void test_prefixes_of_a_file(void **state)
{
    g_autofree char *path = source_path("configs/quant_config.yaml");
    g_autofree char *text = NULL;
    gsize size;

    assert_true(g_file_get_contents(path, &text, &size, NULL));
    for (gsize n = 0; n < size; n++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(QtrConfig) config =
            qtr_config_load_text(text, n, "c.yaml", NULL, NULL, NULL, NULL, &error);

        assert_int_equal(config == NULL, error != NULL);
    }
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

/* The order of places an input path is looked for at. */
static void test_relative_paths(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("qtr-config-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "c.yaml", NULL);
    g_autofree char *beside = g_build_filename(dir, "list-of-images", NULL);
    g_autoptr(QtrConfig) config = NULL;

    assert_true(g_file_set_contents(path,
                                    "dataset: {files_list: list-of-images}\n"
                                    "search: {load_path: nowhere.safetensors}\n"
                                    "env: {log_dir: list-of-images}\n",
                                    -1, NULL));
    assert_int_equal(g_mkdir(beside, 0700), 0);
    config = load_file(path);
    assert_string_equal(config->dataset.files_list, beside);
    assert_string_equal(config->search.load_path, "nowhere.safetensors");
    assert_string_equal(config->env.log_dir, "list-of-images");
    qtr_config_make_absolute(config);
    assert_true(g_path_is_absolute(config->search.load_path));
    assert_true(g_str_has_suffix(config->env.log_dir, "/list-of-images"));
    assert_true(g_path_is_absolute(config->env.log_dir));
    assert_null(config->train.genotype_path);
    (void)g_rmdir(beside);
    (void)g_unlink(path);
    (void)g_rmdir(dir);
}

static void test_files_that_are_not_there(void **state)
{
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(GError) error = NULL;

    assert_null(qtr_config_load("/nowhere/c.yaml", NULL, NULL, &problems, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_IO));
    assert_null(problems);
    g_clear_error(&error);
    assert_null(qtr_config_find("no_such_config.yaml", &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    assert_non_null(strstr(error->message, "looked in the current folder, configs and"));
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
        cmocka_unit_test(test_quant_config),
        cmocka_unit_test(test_fp_config),
        cmocka_unit_test(test_trajectory_config),
        cmocka_unit_test(test_reference_oddities),
        cmocka_unit_test(test_warnings_are_logged_once),
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_wrong_types),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_unknown_keys),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_primitives),
        cmocka_unit_test(test_default_lists_need_fitting_channels),
        cmocka_unit_test(test_rules_between_keys),
        cmocka_unit_test(test_all_errors_at_once),
        cmocka_unit_test(test_messages_are_printable),
        cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_broken_yaml),
        cmocka_unit_test(test_prefixes_of_a_file),
        cmocka_unit_test(test_written_yaml_reads_back),
        cmocka_unit_test(test_copy_is_independent),
        cmocka_unit_test(test_relative_paths),
        cmocka_unit_test(test_files_that_are_not_there),
        cmocka_unit_test(test_required_keys),
        cmocka_unit_test(test_schema_is_sound),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
