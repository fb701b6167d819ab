#include "base/error.h"
#include "run/plot-axis.h"
#include "run/plot.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static void test_front(void **state)
{
    const QtrPlotPoint points[] = {
        {4, 30, "dear and good"}, {1, 20, "cheap"},     {2, 19, "dominated"}, {2, 25, "middle"},
        {2, 25, "middle again"},  {5, 30, "no better"}, {1, 18, "worse"},     {0.5, NAN, "failed"},
    };
    const guint expected[] = {1, 3, 4, 0};
    g_autoptr(GArray) front = qtr_plot_front(points, G_N_ELEMENTS(points));

    assert_int_equal(front->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < front->len; i++)
        assert_int_equal(g_array_index(front, guint, i), expected[i]);
}

static void assert_ticks(QtrPlotRange range, double low, double high, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GArray) ticks = NULL;
    QtrPlotAxis axis;

    qtr_plot_axis_init(&axis, range, low, high, 6);
    assert_true(axis.low <= low && axis.high >= high && axis.low < axis.high);
    ticks = qtr_plot_axis_ticks(&axis);
    for (guint i = 0; i < ticks->len; i++) {
        const QtrPlotTick *tick = &g_array_index(ticks, QtrPlotTick, i);
        char buffer[64];

        if (tick->labelled)
            g_string_append_printf(text, "%s|",
                                   qtr_plot_axis_text(&axis, tick->value, buffer, sizeof buffer));
    }
    assert_string_equal(text->str, expected);
}

static void test_ticks_are_round_numbers(void **state)
{
    assert_ticks(QTR_PLOT_ROUND, 26.08, 27.6, "26.0|26.5|27.0|27.5|28.0|");
    assert_ticks(QTR_PLOT_ROUND, 28.42, 28.42, "28.2|28.4|28.6|");
    assert_ticks(QTR_PLOT_ROUND, 0, 0, "-0.2|0.0|0.2|");
    assert_ticks(QTR_PLOT_TIGHT, 0, 29, "0|10|20|");
    assert_ticks(QTR_PLOT_LOG, 3e9, 47e9, "5 G|10 G|20 G|50 G|");
    assert_ticks(QTR_PLOT_LOG, 1, 1e6, "1|10|100|1 k|10 k|100 k|1 M|");
}

static void test_places(void **state)
{
    QtrPlotAxis axis = {.log = TRUE, .low = 1, .high = 100, .start = 50, .end = 250};

    assert_float_equal(qtr_plot_axis_place(&axis, 10), 150, 1e-9);
    axis.log = FALSE;
    assert_float_equal(qtr_plot_axis_place(&axis, 50.5), 150, 1e-9);
}

static void save_and_open(const QtrPlotParams *params, const QtrPlotSeries *series, guint n)
{
    g_autofree char *dir = g_dir_make_tmp("qtr-plot-XXXXXX", NULL);
    const char *const names[] = {"p.svg", "p.png"};

    for (guint i = 0; i < 2; i++) {
        g_autofree char *path = g_build_filename(dir, names[i], NULL);
        g_autoptr(GError) error = NULL;
        GStatBuf st;

        assert_true(qtr_plot_save(params, series, n, path, &error));
        assert_int_equal(g_stat(path, &st), 0);
        assert_true(st.st_size > 1000);
        g_unlink(path);
    }
    g_rmdir(dir);
}

static void test_odd_data(void **state)
{
    const QtrPlotPoint points[] = {{1e9, 27, "a\xff"},
                                   {0, 26, "no cost"},
                                   {-5, 26, NULL},
                                   {2e9, INFINITY, NULL},
                                   {1e9, 27, ""}};
    const QtrPlotSeries series[] = {{"runs", points, G_N_ELEMENTS(points), FALSE},
                                    {NULL, points, 0, TRUE},
                                    {"curve", points, G_N_ELEMENTS(points), TRUE}};
    QtrPlotParams params = QTR_PLOT_PARAMS_INIT;

    params.log_x = TRUE;
    params.front = TRUE;
    params.reference = 26;
    params.reference_label = "bicubic";
    save_and_open(&params, series, 3);
    save_and_open(&params, series, 0);
    save_and_open(&params, &series[1], 1);
    params.log_x = FALSE;
    save_and_open(&params, series, 3);
}

static void test_unknown_extension(void **state)
{
    QtrPlotParams params = QTR_PLOT_PARAMS_INIT;
    g_autoptr(GError) error = NULL;

    assert_false(qtr_plot_save(&params, NULL, 0, "/tmp/plot", &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_front),
        cmocka_unit_test(test_ticks_are_round_numbers),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_odd_data),
        cmocka_unit_test(test_unknown_extension),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
