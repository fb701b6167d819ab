#include "run/rate.h"
#include "run/schedule.h"
#include "run/split.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12))
        fail_msg("%.15g is not %.15g", value, expected);
}

static void test_cosine_falls_to_zero(void **state)
{
    assert_near(qtr_schedule_lr(QTR_SCHEDULE_COSINE, 2e-3, 0.8, 0, 8), 2e-3);
    assert_near(qtr_schedule_lr(QTR_SCHEDULE_COSINE, 2e-3, 0.8, 4, 8), 1e-3);
    assert_near(qtr_schedule_lr(QTR_SCHEDULE_COSINE, 2e-3, 0.8, 8, 8), 0);
}

static void test_linear_falls_every_third_epoch(void **state)
{
    assert_near(qtr_schedule_lr(QTR_SCHEDULE_LINEAR, 1, 0.7, 2, 30), 1);
    assert_near(qtr_schedule_lr(QTR_SCHEDULE_LINEAR, 1, 0.7, 3, 30), 0.7);
    assert_near(qtr_schedule_lr(QTR_SCHEDULE_LINEAR, 1, 0.8, 8, 30), 0.64);
}

static void test_temperature(void **state)
{
    assert_near(qtr_schedule_temperature(10, 0.1, 2, 0, 12), 10);
    assert_near(qtr_schedule_temperature(10, 0.1, 2, 2, 12), 10);
    assert_near(qtr_schedule_temperature(10, 1, 2, 5, 12), 7);
    assert_near(qtr_schedule_temperature(10, 0.1, 2, 11, 12), 0.1);
    assert_near(qtr_schedule_temperature(10, 0.1, 0, 0, 1), 10);
    assert_near(qtr_schedule_temperature(10, 0.1, 5, 4, 3), 10);
}

static void test_entropy_weight(void **state)
{
    assert_near(qtr_schedule_sparse(QTR_SPARSITY_ENTROPY, 1, 1, 8), 0); /* before a quarter */
    assert_near(qtr_schedule_sparse(QTR_SPARSITY_ENTROPY, 1, 2, 8), 2 / 7.0 * log(2) / log(7));
    assert_near(qtr_schedule_sparse(QTR_SPARSITY_ENTROPY, 1, 7, 8), log(7) / log(7));
    assert_near(qtr_schedule_sparse(QTR_SPARSITY_ENTROPY, 1, 0, 1), 0);
    assert_near(qtr_schedule_sparse(QTR_SPARSITY_L1, 3, 0, 8), 3);
    assert_near(qtr_schedule_sparse(QTR_SPARSITY_NONE, 3, 7, 8), 0);
}

static QtrSplit split_of(guint32 count, double subsample, int batch, gboolean debug)
{
    QtrConfig *config = qtr_config_new();
    QtrSplit split;

    config->dataset.search_subsample = subsample;
    config->dataset.batch_size = batch;
    config->dataset.debug_mode = debug;
    qtr_split_init(&split, count, config, NULL);
    qtr_config_free(config);
    return split;
}

static void test_parts_are_apart(void **state)
{
    QtrSplit split = split_of(12, 0.67, 4, FALSE);
    gboolean seen[12] = {FALSE};

    assert_int_equal(split.n, 4);
    assert_int_equal(split.alphas_at, 4);
    assert_int_equal(split.valid_at, 8);
    for (int i = 0; i < 12; i++) {
        assert_in_range(split.indices[i], 0, 11);
        assert_false(seen[split.indices[i]]);
        seen[split.indices[i]] = TRUE;
    }
    qtr_split_clear(&split);
}

static void test_validation_shares_with_alphas_if_it_must(void **state)
{
    QtrSplit split = split_of(100, 0.7, 4, FALSE);

    assert_int_equal(split.n, 35);
    assert_int_equal(split.alphas_at, 35);
    assert_int_equal(split.valid_at, 35);
    qtr_split_clear(&split);
}

static void test_every_part_has_a_batch(void **state)
{
    QtrSplit debug = split_of(1000, 0.7, 16, TRUE), tiny = split_of(5, 0.7, 16, FALSE),
             small = split_of(40, 0.125, 16, FALSE);

    assert_int_equal(debug.n, 16);
    assert_int_equal(debug.alphas_at, 0); /* weights and alphas share */
    assert_int_equal(tiny.n, 5);
    assert_int_equal(tiny.valid_at, 0);
    assert_int_equal(small.n, 16);
    assert_int_equal(small.alphas_at, 16);
    qtr_split_clear(&debug);
    qtr_split_clear(&tiny);
    qtr_split_clear(&small);
}

static void assert_split_text(guint32 count, double part, int batch, const char *expected)
{
    QtrSplit split = split_of(count, part, batch, FALSE);
    g_autofree char *text = qtr_split_text(&split, count);

    assert_string_equal(text, expected);
    qtr_split_clear(&split);
}

static void test_parts_are_said(void **state)
{
    assert_split_text(205, 0.7, 4,
                      "71 train weights, 71 others train alphas and validate, 63 are not used");
    assert_split_text(205, 0.5, 4, "51 train weights, 51 alphas, 51 validate, 52 are not used");
    assert_split_text(12, 0.67, 4, "4 train weights, 4 alphas, 4 validate");
    assert_split_text(5, 0.7, 4, "4 train weights and alphas and validate, 1 is not used");
}

static void test_first_unit_is_not_in_the_rate(void **state)
{
    QtrRate rate = {0};

    /* The first step ended after a minute of compiling, the next two take 2 s each. */
    assert_true(isnan(qtr_rate_eta(&rate, 60, 11, 21)));
    assert_true(isnan(qtr_rate_eta(&rate, 61, 11, 21)));
    assert_true(qtr_rate_eta(&rate, 62, 12, 21) == 18);
    assert_true(qtr_rate_eta(&rate, 64, 13, 21) == 16);
    assert_true(qtr_rate_eta(&rate, 80, 21, 21) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cosine_falls_to_zero),
        cmocka_unit_test(test_linear_falls_every_third_epoch),
        cmocka_unit_test(test_temperature),
        cmocka_unit_test(test_entropy_weight),
        cmocka_unit_test(test_parts_are_apart),
        cmocka_unit_test(test_validation_shares_with_alphas_if_it_must),
        cmocka_unit_test(test_every_part_has_a_batch),
        cmocka_unit_test(test_parts_are_said),
        cmocka_unit_test(test_first_unit_is_not_in_the_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
