#include "fake-run.h"
#include "hand.h"
#include "qtr-chart-hover.h"
#include "qtr-chart.h"
#include "stage.h"

#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

/* However many samples, the points stay few and keep mean and range. */
static void test_series_is_bounded(void **state)
{
    g_autoptr(QtrSeries) series = qtr_series_new();
    double least = INFINITY, largest = -INFINITY, sum = 0, weights = 0;
    const QtrSeriesPoint *points;

    for (int i = 0; i < 600000; i++)
        qtr_series_add(series, i, i % 1000 == 7 ? 50 : i % 2);
    points = qtr_series_points(series);
    assert_true(qtr_series_length(series) <= QTR_SERIES_MAX);
    assert_true(qtr_series_length(series) > QTR_SERIES_MAX / 4);
    for (guint i = 0; i < qtr_series_length(series); i++) {
        least = MIN(least, points[i].min);
        largest = MAX(largest, points[i].max);
        sum += points[i].y * points[i].count;
        weights += points[i].count;
        assert_true(i == 0 || points[i].x > points[i - 1].x);
    }
    assert_true(weights == 600000 && least == 0 && largest == 50);
    /* 600 fifties, in the place of ones */
    assert_true(fabs(sum - (300000 + 600 * 49)) < 1e-3);
    qtr_series_add(series, 600000, NAN);
    assert_true(qtr_series_last(series) == 1);
}

static void test_series_begins_anew_where_a_run_resumes(void **state)
{
    g_autoptr(QtrSeries) series = qtr_series_new();

    for (int i = 0; i < 10; i++)
        qtr_series_add(series, i, 100 + i);
    qtr_series_truncate(series, 4);
    assert_int_equal(qtr_series_length(series), 4);
    assert_true(qtr_series_last(series) == 103);
    qtr_series_add(series, 4, 7);
    assert_int_equal(qtr_series_length(series), 5);
}

static GPtrArray *make_lines(guint n)
{
    GPtrArray *lines = g_ptr_array_new();
    g_autoptr(QtrSeries) falling = qtr_series_new();
    g_autoptr(QtrSeries) short_one = qtr_series_new();

    for (guint i = 0; i < n; i++)
        qtr_series_add(falling, i, exp(-(double)i / n) + 0.02 * sin(i));
    qtr_series_add(short_one, 1, 0.5);
    qtr_series_add(short_one, 2.5, 0.25);
    g_ptr_array_add(lines,
                    qtr_chart_line_new_series("loss, \"weights\"", falling, 0, QTR_DASH_SOLID));
    g_ptr_array_add(lines, qtr_chart_line_new_series("alphas", short_one, 1, QTR_DASH_DASHED));
    return lines;
}

static gboolean is_entry(GtkWidget *widget, gconstpointer label)
{
    return GTK_IS_TOGGLE_BUTTON(widget) && stage_reads(widget, label);
}

static void test_zoom_and_legend(void **state)
{
    GtkWidget *chart = qtr_chart_new("Loss");
    GtkWindow *window;
    QtrChartPlot *plot = qtr_chart_get_plot(QTR_CHART(chart));
    QtrChartScene *scene = qtr_chart_plot_get_scene(plot);
    GtkWidget *entry, *reset;
    g_autofree char *text = NULL;

    g_object_set(chart, "x-label", "epoch", "y-label", "loss", NULL);
    qtr_chart_take_lines(QTR_CHART(chart), make_lines(100));
    window = stage_show(chart, 640, 420, FALSE);
    reset = stage_find(chart, stage_has_action, "chart.reset");
    assert_false(gtk_widget_get_visible(reset));
    qtr_chart_plot_show(plot, 10, 20);
    assert_true(qtr_chart_plot_is_zoomed(plot));
    assert_true(scene->x.low == 10 && scene->x.high == 20);
    /* Never beyond what there is. */
    qtr_chart_plot_show(plot, -50, -20);
    assert_true(scene->x.low >= 0);
    stage_settle(0.1);
    stage_click(reset);
    assert_false(qtr_chart_plot_is_zoomed(plot));
    entry = stage_find(chart, is_entry, "alphas");
    hand_click(entry);
    assert_true(((QtrChartLine *)g_ptr_array_index(scene->lines, 1))->hidden);
    /* What was hidden stays hidden when there is more. */
    qtr_chart_take_lines(QTR_CHART(chart), make_lines(120));
    assert_true(((QtrChartLine *)g_ptr_array_index(scene->lines, 1))->hidden);
    text = qtr_chart_hover_text(scene, 10.2);
    assert_non_null(strstr(text, "epoch 10\n"));
    assert_non_null(strstr(text, "weights"));
    assert_null(strstr(text, "alphas"));
    g_object_set(chart, "log-scale", TRUE, NULL);
    stage_settle(0.1);
    stage_shot(window, "chart");
    stage_close(window, chart);
}

static void test_export(void **state)
{
    char *dir = fake_dir_make();
    g_autofree char *csv = g_build_filename(dir, "c.csv", NULL);
    g_autofree char *svg = g_build_filename(dir, "c.svg", NULL);
    g_autofree char *png = g_build_filename(dir, "c.png", NULL);
    g_autofree char *other = g_build_filename(dir, "c.doc", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GdkTexture) texture = NULL;
    QtrChart *chart = g_object_ref_sink(QTR_CHART(qtr_chart_new("Loss")));

    g_object_set(chart, "x-label", "epoch", NULL);
    qtr_chart_take_lines(chart, make_lines(3));
    assert_true(qtr_chart_save(chart, csv, NULL));
    assert_true(g_file_get_contents(csv, &text, NULL, NULL));
    assert_true(g_str_has_prefix(text, "epoch,\"loss, \"\"weights\"\"\",\"alphas\"\n0,1,\n1,"));
    assert_non_null(strstr(text, "\n2.5,,0.25\n"));
    assert_true(qtr_chart_save(chart, svg, NULL));
    assert_true(qtr_chart_save(chart, png, NULL));
    texture = gdk_texture_new_from_filename(png, NULL);
    assert_true(gdk_texture_get_width(texture) > 800);
    assert_false(qtr_chart_save(chart, other, &error));
    assert_non_null(error);
    g_object_unref(chart);
    fake_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_series_is_bounded),
        cmocka_unit_test(test_series_begins_anew_where_a_run_resumes),
        cmocka_unit_test(test_zoom_and_legend),
        cmocka_unit_test(test_export),
    };

    if (!stage_init()) {
        g_print("skipped: there is no display\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
