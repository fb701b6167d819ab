#include "fake-run.h"
#include "hand.h"
#include "qtr-compare-window.h"
#include "qtr-pareto.h"
#include "qtr-picture-strip.h"
#include "qtr-results-actions.h"
#include "qtr-results-panel.h"
#include "qtr-results-table.h"
#include "qtr-run-builder.h"
#include "qtr-validation-pictures.h"
#include "stage.h"

#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

typedef struct {
    char *dir;
    QtrPanel *panel;
    GtkWindow *window;
    QtrResultsTable *table;
    QtrPareto *pareto;
} Stage;

static const struct {
    double penalty, psnr, bitops;
    int trail;
} trials[] = {{0, 27.3, 9e9, 1},       {0, 27.1, 9.5e9, 2},     {0.001, 27.0, 4e9, 1},
              {0.001, 26.8, 4.4e9, 2}, {0.005, 26.5, 1.2e9, 1}, {0.005, 26.2, 1.3e9, 2}};

static void make_runs(const char *dir)
{
    for (gsize i = 0; i < G_N_ELEMENTS(trials); i++) {
        FakeRun run = FAKE_RUN_INIT;
        g_autofree char *name =
            g_strdup_printf("gumbel_penalty_%g_trail_%d", trials[i].penalty, trials[i].trail);
        g_autofree char *leaf = g_strdup_printf("batch/trail_%d/SEARCH_%s", trials[i].trail, name);
        g_autofree char *made = NULL;

        run.name = name;
        run.penalty = trials[i].penalty;
        run.psnr = trials[i].psnr;
        run.bitops = trials[i].bitops;
        run.pictures = i == 2;
        made = fake_run_make(dir, leaf, &run);
    }
}

static gboolean is_filled(gpointer data)
{
    Stage *stage = data;

    return g_list_model_get_n_items(qtr_results_table_get_shown(stage->table)) >=
               G_N_ELEMENTS(trials) &&
           qtr_pareto_count(stage->pareto) == G_N_ELEMENTS(trials);
}

static void open_stage(Stage *stage, int width, int height, gboolean dark)
{
    stage->panel = g_object_new(QTR_TYPE_RESULTS_PANEL, NULL);
    stage->table =
        QTR_RESULTS_TABLE(stage_find_type(GTK_WIDGET(stage->panel), QTR_TYPE_RESULTS_TABLE));
    stage->pareto = QTR_PARETO(stage_find_type(GTK_WIDGET(stage->panel), QTR_TYPE_PARETO));
    qtr_results_panel_set_folder(QTR_RESULTS_PANEL(stage->panel), stage->dir);
    stage->window = stage_show(GTK_WIDGET(stage->panel), width, height, dark);
}

static void test_no_runs(void **state)
{
    Stage stage = {.dir = fake_dir_make()};

    open_stage(&stage, 700, 500, FALSE);
    stage_settle(0.5);
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "No Runs Here"));
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "There is no run in"));
    stage_shot(stage.window, "results-empty");
    stage_close(stage.window, GTK_WIDGET(stage.panel));
    fake_dir_remove(stage.dir);
}

static QtrRunItem *item_at(Stage *stage, guint i)
{
    QtrRunItem *item = g_list_model_get_item(qtr_results_table_get_shown(stage->table), i);

    g_object_unref(item);
    return item;
}

static double psnr_at(Stage *stage, guint i)
{
    return qtr_run_item_find_row(item_at(stage, i), "Set14")->psnr;
}

static void choose_set(Stage *stage, guint index)
{
    GtkWidget *drop_down = stage_find_type(GTK_WIDGET(stage->panel), GTK_TYPE_DROP_DOWN);

    gtk_drop_down_set_selected(GTK_DROP_DOWN(drop_down), index);
    stage_settle(0.3);
}

/* Without a validation; last by PSNR in either direction. */
static void make_search(const char *dir)
{
    FakeRun run = FAKE_RUN_INIT;
    g_autofree char *made = NULL;

    run.name = "only-searched";
    run.train_epochs = 0;
    run.psnr = NAN;
    made = fake_run_make(dir, "SEARCH_only", &run);
}

static void check_order(Stage *stage, double first, double last)
{
    guint n = G_N_ELEMENTS(trials);

    stage_settle(0.2);
    assert_int_equal(g_list_model_get_n_items(qtr_results_table_get_shown(stage->table)), n + 1);
    assert_true(psnr_at(stage, 0) == first);
    assert_true(psnr_at(stage, n - 1) == last);
    assert_string_equal(qtr_run_item_get_snapshot(item_at(stage, n))->name, "only-searched");
}

static GtkWidget *label_of(Stage *stage, const char *text)
{
    return stage_find(GTK_WIDGET(stage->panel), stage_shows_text, text);
}

static void test_table_and_plot(void **state)
{
    Stage stage = {.dir = fake_dir_make()};
    g_autofree char *csv = g_build_filename(stage.dir, "plot.csv", NULL);
    g_autofree char *svg = g_build_filename(stage.dir, "plot.svg", NULL);

    make_runs(stage.dir);
    make_search(stage.dir);
    open_stage(&stage, 1280, 1500, FALSE);
    assert_true(stage_wait(is_filled, &stage, 10));
    choose_set(&stage, 1);
    assert_int_equal(qtr_pareto_front_size(stage.pareto), 3);
    hand_click(label_of(&stage, "PSNR (dB)"));
    check_order(&stage, 26.2, 27.3);
    hand_click(label_of(&stage, "PSNR (dB)"));
    check_order(&stage, 27.3, 26.2);
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "27.20 ± 0.14 dB"));
    /* The one with pictures. */
    hand_click(label_of(&stage, "gumbel_penalty_0.001_trail_1"));
    stage_settle(0.5);
    assert_int_equal(qtr_picture_strip_count(QTR_PICTURE_STRIP(
                         stage_find_type(GTK_WIDGET(stage.panel), QTR_TYPE_PICTURE_STRIP))),
                     2);
    assert_true(qtr_pareto_save(stage.pareto, csv, NULL));
    assert_true(qtr_pareto_save(stage.pareto, svg, NULL));
    assert_true(g_file_test(svg, G_FILE_TEST_EXISTS));
    stage_shot(stage.window, "results-light");
    adw_style_manager_set_color_scheme(adw_style_manager_get_default(),
                                       ADW_COLOR_SCHEME_FORCE_DARK);
    stage_settle(0.2);
    stage_shot(stage.window, "results-dark");
    stage_close(stage.window, GTK_WIDGET(stage.panel));
    open_stage(&stage, 360, 1400, FALSE);
    assert_true(stage_wait(is_filled, &stage, 10));
    stage_settle(0.3);
    assert_true(gtk_widget_get_width(GTK_WIDGET(stage.window)) <= 360);
    stage_shot(stage.window, "results-narrow");
    stage_close(stage.window, GTK_WIDGET(stage.panel));
    fake_dir_remove(stage.dir);
}

static gboolean was_called(gpointer dir)
{
    g_autofree char *calls = fake_program_calls(dir);

    return strchr(calls, '\n') != NULL;
}

static void test_train_this_genotype(void **state)
{
    Stage stage = {.dir = fake_dir_make()};
    GtkWidget *train;
    g_autofree char *calls = NULL, *expected = NULL, *folder = NULL;

    make_runs(stage.dir);
    fake_program_make(stage.dir);
    open_stage(&stage, 900, 900, FALSE);
    assert_true(stage_wait(is_filled, &stage, 10));
    train = stage_find(GTK_WIDGET(stage.panel), stage_has_action, "results.train");
    assert_false(gtk_widget_is_sensitive(train));
    hand_click(label_of(&stage, "gumbel_penalty_0.005_trail_1"));
    stage_click(train);
    assert_true(stage_wait(was_called, stage.dir, 10));
    calls = fake_program_calls(stage.dir);
    expected = g_strdup_printf("--headless run -q -c %s/batch/trail_1/SEARCH_%s/config.yaml "
                               "--genotype %s/batch/trail_1/SEARCH_%s/best_arch.gen "
                               "--run-dir %s/TUNE_gumbel_penalty_0.005_trail_1-",
                               stage.dir, "gumbel_penalty_0.005_trail_1", stage.dir,
                               "gumbel_penalty_0.005_trail_1", stage.dir);
    assert_true(g_str_has_prefix(calls, expected));
    folder = g_strstrip(g_strdup(strrchr(calls, ' ')));
    assert_true(g_file_test(folder, G_FILE_TEST_IS_DIR));
    fake_program_forget();
    stage_close(stage.window, GTK_WIDGET(stage.panel));
    fake_dir_remove(stage.dir);
}

static void test_compare_and_export(void **state)
{
    Stage stage = {.dir = fake_dir_make()};
    g_autofree char *out = NULL;
    g_autofree char *genotype = NULL;
    QtrRunItem *a, *b;
    GtkWidget *window;

    make_runs(stage.dir);
    open_stage(&stage, 900, 900, FALSE);
    assert_true(stage_wait(is_filled, &stage, 10));
    assert_false(gtk_widget_is_sensitive(
        stage_find(GTK_WIDGET(stage.panel), stage_has_action, "results.compare")));
    a = item_at(&stage, 0);
    for (guint i = 1; i < 6; i++) {
        b = item_at(&stage, i);
        if (qtr_run_item_get_snapshot(a)->penalty != qtr_run_item_get_snapshot(b)->penalty)
            break;
    }
    window = qtr_compare_window_new(stage.window, a, b);
    gtk_window_present(GTK_WINDOW(window));
    stage_settle(0.3);
    assert_int_equal(qtr_compare_window_count(QTR_COMPARE_WINDOW(window)), 1);
    assert_true(stage_reads(window, "search.penalty"));
    stage_shot(GTK_WINDOW(window), "compare");
    gtk_window_destroy(GTK_WINDOW(window));
    out = g_build_filename(stage.dir, "out", NULL);
    assert_int_equal(g_mkdir(out, 0755), 0);
    assert_true(qtr_results_export_to(a, out, NULL));
    genotype = g_strdup_printf("%s/%s_best_arch.gen", out, qtr_run_item_get_snapshot(a)->name);
    assert_true(g_file_test(genotype, G_FILE_TEST_EXISTS));
    /* Nothing is replaced. */
    assert_false(qtr_results_export_to(a, out, NULL));
    stage_close(stage.window, GTK_WIDGET(stage.panel));
    fake_dir_remove(stage.dir);
}

/* What a validation of the same sets once more, and of another one, tells of its pictures. */
static void validate_again(const char *dir, const char *sr)
{
    QtrEvents *events = fake_run_open_events(dir);

    assert_true(
        qtr_events_picture(events, "LR", "Set5", "hills", "images/Set5/hills_LR.png", NULL));
    assert_true(qtr_events_picture(events, "SR", "Set5", "hills", sr, NULL));
    assert_true(
        qtr_events_picture(events, "HR", "Set5", "hills", "images/Set5/hills_HR.png", NULL));
    assert_true(qtr_events_picture(events, "SR", "Set14", "hills", sr, NULL));
    qtr_events_close(events);
}

static const QtrValidationPicture *find_picture(const GArray *pictures, const char *set)
{
    for (guint i = 0; i < pictures->len; i++) {
        const QtrValidationPicture *p = &g_array_index(pictures, QtrValidationPicture, i);

        if (g_str_equal(p->set, set) && g_str_equal(p->name, "hills"))
            return p;
    }
    return NULL;
}

static void test_validated_again(void **state)
{
    FakeRun fake = FAKE_RUN_INIT;
    char *parent = fake_dir_make();
    g_autofree char *dir = NULL;
    g_autoptr(QtrRunSnapshot) before = NULL;
    g_autoptr(QtrRunSnapshot) after = NULL;
    g_autoptr(GArray) pictures = NULL;
    QtrPictureStrip *strip = g_object_new(QTR_TYPE_PICTURE_STRIP, NULL);
    GtkWindow *window;
    GtkWidget *shown;

    fake.pictures = TRUE;
    dir = fake_run_make(parent, "RUN_validated", &fake);
    before = qtr_run_snapshot_load(dir);
    qtr_picture_strip_set_snapshot(strip, before);
    assert_int_equal(qtr_picture_strip_count(strip), 2);
    window = stage_show(GTK_WIDGET(strip), 500, 200, FALSE);
    validate_again(dir, "images/Set5/anew_SR.png");
    after = qtr_run_snapshot_load(dir);
    qtr_picture_strip_set_snapshot(strip, after);
    assert_int_equal(qtr_picture_strip_count(strip), 3);
    pictures = qtr_validation_pictures(after);
    assert_int_equal(pictures->len, 3);
    assert_true(g_str_has_suffix(find_picture(pictures, "Set5")->sr, "images/Set5/anew_SR.png"));
    assert_true(g_str_has_suffix(find_picture(pictures, "Set5")->lr, "hills_LR.png"));
    assert_null(find_picture(pictures, "Set14")->lr);
    /* The same pictures once more are others on the disk. */
    shown = stage_find_type(GTK_WIDGET(strip), GTK_TYPE_PICTURE);
    g_object_add_weak_pointer(G_OBJECT(shown), (gpointer *)&shown);
    validate_again(dir, "images/Set5/anew_SR.png");
    qtr_run_snapshot_unref(after);
    after = qtr_run_snapshot_load(dir);
    qtr_picture_strip_set_snapshot(strip, after);
    assert_int_equal(qtr_picture_strip_count(strip), 3);
    stage_settle(0.3);
    assert_null(shown);
    stage_close(window, GTK_WIDGET(strip));
    fake_dir_remove(parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_runs),
        cmocka_unit_test(test_table_and_plot),
        cmocka_unit_test(test_compare_and_export),
        cmocka_unit_test(test_train_this_genotype),
        cmocka_unit_test(test_validated_again),
    };

    if (!stage_init()) {
        g_print("skipped: there is no display\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
