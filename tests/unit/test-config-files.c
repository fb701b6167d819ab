/* Whole files: those shipped, the reference's own, and parts of them. */
#include "config-fixture.h"

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
    g_autofree char *path = source_path("tests/data/trajectory/config.yaml");
    g_autoptr(QtrConfig) config = load_file(path);

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quant_config),
        cmocka_unit_test(test_fp_config),
        cmocka_unit_test(test_trajectory_config),
        cmocka_unit_test(test_reference_oddities),
        cmocka_unit_test(test_warnings_are_logged_once),
        cmocka_unit_test(test_prefixes_of_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
