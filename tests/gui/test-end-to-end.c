/* The way a newcomer takes, with mouse and keyboard and with real searches and trainings: first
 * start, the demo's search space, a batch of two, the Pareto plot, the best network in the viewer,
 * the comparison saved. */
#include "fake-run.h"
#include "hand.h"
#include "image/codec.h"
#include "qtr-application.h"
#include "qtr-batch-panel.h"
#include "qtr-images-panel.h"
#include "qtr-monitor-panel.h"
#include "qtr-pareto.h"
#include "qtr-picture-strip.h"
#include "qtr-results-table.h"
#include "qtr-window.h"
#include "qtr-yaml-view.h"
#include "run/folder.h"
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

#define PATIENCE 900 /* seconds; sanitized, the kernels may take minutes to compile */

/* Some seconds a run once the kernels are compiled. */
static const char settings_text[] =
    "dataset: {files_list: %s/data/demo, batch_size: 16, crop_size: 12}\n"
    "search: {epochs: 2, warm_up: 1, alpha_lr: 2e-2, w_lr: 2e-3}\n"
    "train: {epochs: 15, warm_up: 0, lr: 2e-3}\n"
    "env: {validation_sets: %s/configs/demo_valsets.yaml, seed: 1}\n";

typedef struct {
    char *folder;
    QtrApplication *application;
    GtkWidget *window;
} Scene;

static GtkWidget *comes_to_read(GtkWidget *root, const char *text, double seconds)
{
    if (!stage_comes_to_read(root, text, seconds))
        fail_msg("“%s” did not appear", text);
    return stage_find(root, stage_shows_text, text);
}

static GtkWidget *panel(Scene *scene, const char *name)
{
    return GTK_WIDGET(qtr_window_get_panel(QTR_WINDOW(scene->window), name));
}

static void open_application(Scene *scene)
{
    g_autofree char *runs = g_build_filename(scene->folder, "runs", NULL);
    GSettings *settings;

    scene->application = qtr_application_new();
    g_application_set_flags(G_APPLICATION(scene->application), G_APPLICATION_NON_UNIQUE);
    assert_true(g_application_register(G_APPLICATION(scene->application), NULL, NULL));
    settings = qtr_application_get_settings(scene->application);
    g_settings_set_string(settings, "runs-folder", runs);
    /* Tests beside this one would leave them too little of the processor. */
    g_settings_set_boolean(settings, "runs-give-way", FALSE);
    g_settings_set_int(settings, "window-width", 1400);
    g_settings_set_int(settings, "window-height", 1800);
    g_application_activate(G_APPLICATION(scene->application));
    scene->window =
        GTK_WIDGET(gtk_application_get_active_window(GTK_APPLICATION(scene->application)));
    assert_non_null(scene->window);
}

static void design(Scene *scene)
{
    const char *root = g_getenv("QTR_SOURCE_ROOT");
    g_autofree char *text = g_strdup_printf(settings_text, root, root);
    GtkWidget *editor;

    (void)comes_to_read(scene->window, "OpenCL device", 60);
    hand_click(comes_to_read(scene->window, "Design a _search space", 10));
    (void)comes_to_read(scene->window, "Architectures", 10);
    hand_press(scene->window, "alt+2");
    editor = stage_find_type(panel(scene, "config"), GTK_SOURCE_TYPE_VIEW);
    hand_click(editor);
    hand_press(scene->window, "ctrl+a");
    hand_type(scene->window, text);
    hand_press(scene->window, "alt+1");
    hand_click(comes_to_read(panel(scene, "space"), "_Presets", 10));
    hand_click(comes_to_read(panel(scene, "space"), "Demo: small and quick", 10));
    stage_settle(0.3);
    stage_shot(GTK_WINDOW(scene->window), "end-to-end-1-space");
}

static gboolean is_entry(GtkWidget *widget, gconstpointer title)
{
    return ADW_IS_ENTRY_ROW(widget) &&
           strcmp(adw_preferences_row_get_title(ADW_PREFERENCES_ROW(widget)), title) == 0;
}

static void fill(Scene *scene, const char *title, const char *text)
{
    hand_click(stage_find(panel(scene, "batch"), is_entry, title));
    hand_press(scene->window, "ctrl+a");
    hand_type(scene->window, text);
}

static gboolean both_are_done(gpointer scene)
{
    QtrBatchModel *model = qtr_batch_panel_get_model(QTR_BATCH_PANEL(panel(scene, "batch")));

    assert_int_equal(qtr_batch_model_count(model, QTR_STAND_FAILED), 0);
    return qtr_batch_model_count(model, QTR_STAND_DONE) == 2;
}

static gboolean is_idle(gpointer scene)
{
    return qtr_application_count_runs(((Scene *)scene)->application) == 0;
}

static void run_batch(Scene *scene)
{
    hand_press(scene->window, "alt+3");
    fill(scene, "_Name, also of its folder", "first");
    fill(scene, "_Penalties", "0 1");
    (void)comes_to_read(panel(scene, "batch"), "2 runs", 10);
    hand_click(stage_find(panel(scene, "batch"), stage_has_action, "batch.start"));
    (void)comes_to_read(panel(scene, "batch"), "1 Running", 60);
    assert_true(stage_wait(both_are_done, scene, PATIENCE));
    assert_true(stage_wait(is_idle, scene, 30));
    (void)comes_to_read(panel(scene, "batch"), "2 Done", 10);
    stage_shot(GTK_WINDOW(scene->window), "end-to-end-2-batch");
}

static gboolean has_two_points(gpointer pareto)
{
    return gtk_widget_get_mapped(pareto) && qtr_pareto_count(pareto) == 2;
}

static gboolean has_pictures(gpointer strip)
{
    return qtr_picture_strip_count(strip) == 3 && gtk_widget_get_width(strip) > 0;
}

static gboolean is_thumbnail(GtkWidget *widget, gconstpointer unused)
{
    return GTK_IS_PICTURE(widget);
}

static double psnr_of(QtrRunItem *item)
{
    const QtrValidationRow *row = item ? qtr_run_item_find_row(item, "demo") : NULL;

    return row ? row->psnr : -1;
}

/* Sorted by PSNR; the searches, which have none, come last. */
static char *click_best(Scene *scene)
{
    GtkWidget *table = stage_find_type(panel(scene, "results"), QTR_TYPE_RESULTS_TABLE);
    GListModel *shown = qtr_results_table_get_shown(QTR_RESULTS_TABLE(table));
    g_autoptr(QtrRunItem) best = NULL;
    g_autoptr(GPtrArray) selected = NULL;

    for (int i = 0; i < 2; i++) /* rising, then falling */
        hand_click(comes_to_read(table, "PSNR (dB)", 10));
    best = g_list_model_get_item(shown, 0);
    for (guint i = 0; i < g_list_model_get_n_items(shown); i++) {
        g_autoptr(QtrRunItem) item = g_list_model_get_item(shown, i);

        assert_true(psnr_of(item) <= psnr_of(best));
    }
    assert_true(psnr_of(best) > 15);
    hand_click(comes_to_read(table, qtr_run_item_get_snapshot(best)->name, 10));
    selected = qtr_results_table_get_selected(QTR_RESULTS_TABLE(table));
    assert_int_equal(selected->len, 1);
    assert_ptr_equal(selected->pdata[0], best);
    return g_strdup(qtr_run_item_get_snapshot(best)->dir);
}

static char *choose_best(Scene *scene)
{
    GtkWidget *pareto, *strip;
    char *best;

    hand_press(scene->window, "alt+5");
    pareto = stage_find_type(panel(scene, "results"), QTR_TYPE_PARETO);
    strip = stage_find_type(panel(scene, "results"), QTR_TYPE_PICTURE_STRIP);
    assert_true(stage_wait(has_two_points, pareto, 30));
    best = click_best(scene);
    assert_true(stage_wait(has_pictures, strip, 30));
    stage_settle(0.5);
    stage_shot(GTK_WINDOW(scene->window), "end-to-end-3-results");
    hand_click(stage_find(strip, is_thumbnail, NULL));
    return best;
}

static gboolean is_enlarged(gpointer comparison)
{
    return qtr_comparison_get(comparison, QTR_SLOT_A) != NULL &&
           qtr_comparison_get(comparison, QTR_SLOT_HR) != NULL &&
           !qtr_comparison_is_busy(comparison);
}

static gboolean exists(gpointer path)
{
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void save_comparison(Scene *scene, const char *path)
{
    GtkWidget *images = panel(scene, "images");

    hand_click(comes_to_read(images, "_Save", 10));
    hand_click(comes_to_read(images, "_Comparison as Shown…", 10));
    stage_choose_file(path);
    assert_true(stage_wait(exists, (gpointer)path, 20));
}

/* Bicubic at the left of a gap, the network's at the right: as large as the original, and not the
 * same. */
static void check_comparison(const QtrImage *pair, const QtrImage *hr)
{
    gsize half = 3 * (gsize)hr->width;
    gboolean differ = FALSE;

    assert_int_equal(pair->width, 2 * hr->width + 8);
    assert_int_equal(pair->height, hr->height);
    for (int y = 0; y < pair->height && !differ; y++) {
        const guint8 *row = (const guint8 *)pair->data + (gsize)y * qtr_image_stride(pair);

        differ = memcmp(row, row + half + 3 * 8, half) != 0;
    }
    assert_true(differ);
}

static void compare(Scene *scene, const char *best)
{
    QtrComparison *comparison =
        qtr_images_panel_get_comparison(QTR_IMAGES_PANEL(panel(scene, "images")));
    g_autofree char *path = g_build_filename(scene->folder, "comparison of the best.png", NULL);
    g_autoptr(QtrImage) pair = NULL, hr = NULL;

    assert_true(stage_wait(is_enlarged, comparison, 60));
    assert_string_equal(qtr_comparison_get_network(comparison, 0), best);
    (void)comes_to_read(panel(scene, "images"), "SR of network A", 10);
    save_comparison(scene, path);
    (void)comes_to_read(scene->window, path, 10);
    hand_rest();
    stage_shot(GTK_WINDOW(scene->window), "end-to-end-4-images");
    pair = qtr_image_load(path, NULL);
    hr = qtr_image_load(qtr_comparison_get_hr(comparison), NULL);
    assert_non_null(pair);
    assert_non_null(hr);
    check_comparison(pair, hr);
}

/* The best once more, of its genotype alone. */
static void train_again(Scene *scene)
{
    g_autofree char *weights = NULL;
    const char *run;

    hand_press(scene->window, "alt+5");
    hand_click(stage_find(panel(scene, "results"), stage_has_action, "results.train"));
    (void)comes_to_read(panel(scene, "monitor"), "PSNR in Training", 60);
    assert_true(stage_wait(is_idle, scene, PATIENCE));
    (void)comes_to_read(panel(scene, "monitor"), "Done", 20);
    stage_shot(GTK_WINDOW(scene->window), "end-to-end-5-monitor");
    run = qtr_run_folder_get_dir(
        qtr_monitor_panel_get_run(QTR_MONITOR_PANEL(panel(scene, "monitor"))));
    weights = qtr_folder_path(run, QTR_FOLDER_BEST);
    assert_non_null(strstr(run, "/runs/TUNE_first_penalty_"));
    assert_true(g_file_test(weights, G_FILE_TEST_EXISTS));
}

static void close_application(Scene *scene)
{
    g_object_add_weak_pointer(G_OBJECT(scene->window), (gpointer *)&scene->window);
    gtk_window_destroy(GTK_WINDOW(scene->window));
    stage_settle(0.5);
    assert_null(scene->window);
    g_object_unref(scene->application);
    fake_dir_remove(scene->folder);
}

static void test_from_first_start_to_a_comparison(void **state)
{
    Scene scene = {.folder = fake_dir_make()};
    g_autofree char *best = NULL;

    open_application(&scene);
    design(&scene);
    run_batch(&scene);
    best = choose_best(&scene);
    compare(&scene, best);
    train_again(&scene);
    close_application(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_first_start_to_a_comparison),
    };

    if (!stage_init()) {
        g_print("skipped: there is no display, or no xdotool\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
