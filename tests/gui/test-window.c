/* The whole window: first steps, panels, files, and what happens when it is closed. Children are a
 * script that notes how it was called. */
#include "app-scene.h"
#include "fake-run.h"
#include "hand.h"
#include "qtr-images-panel.h"
#include "qtr-picture-row.h"
#include "qtr-preferences.h"
#include "qtr-results-table.h"
#include "stage.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static void test_first_start_leads_to_the_demo(void **state)
{
    AppScene scene = app_scene_open(state);

    assert_true(stage_reads(scene.window, "Welcome to QuanToaster"));
    app_scene_reads(&scene, "2 OpenCL devices");
    stage_settle(0.4);
    stage_shot(GTK_WINDOW(scene.window), "welcome");
    stage_click(stage_find(scene.window, stage_has_action, "win.demo"));
    assert_true(stage_wait(app_scene_has_run, &scene, 10));
    assert_true(app_scene_was_called(&scene, "configs/demo.yaml --run-dir"));
    assert_int_equal(qtr_application_count_runs(scene.application), 1);
    assert_false(stage_reads(scene.window, "Welcome to QuanToaster"));
    assert_false(
        g_settings_get_boolean(qtr_application_get_settings(scene.application), "first-start"));
    app_scene_close(&scene);
}

static void test_closing_asks_about_runs(void **state)
{
    AppScene scene = app_scene_open(state);

    stage_click(stage_find(scene.window, stage_has_action, "win.demo"));
    assert_true(stage_wait(app_scene_has_run, &scene, 10));
    stage_settle(0.3); /* the script has its trap by now */
    gtk_window_close(GTK_WINDOW(scene.window));
    stage_settle(0.3);
    app_scene_answer("_Cancel");
    assert_true(gtk_widget_get_mapped(scene.window));
    assert_int_equal(qtr_application_count_runs(scene.application), 1);
    gtk_window_close(GTK_WINDOW(scene.window));
    stage_settle(0.3);
    g_object_add_weak_pointer(G_OBJECT(scene.window), (gpointer *)&scene.window);
    app_scene_answer("_Stop and Save");
    assert_null(scene.window);
    assert_true(stage_wait(app_scene_has_stopped, &scene, 10));
    app_scene_close(&scene);
}

/* Opens a new file with this text in the window; its path. */
static char *open_text(const AppScene *scene, const char *name, const char *text)
{
    char *path = g_build_filename(scene->folder, name, NULL);
    g_autoptr(GFile) file = g_file_new_for_path(path);

    assert_true(g_file_set_contents(path, text, -1, NULL));
    g_application_open(G_APPLICATION(scene->application), &file, 1, "");
    return path;
}

static void apply_preset(const AppScene *scene)
{
    gtk_widget_activate_action(GTK_WIDGET(qtr_window_get_panel(QTR_WINDOW(scene->window), "space")),
                               "space.preset", "s", "demo.yaml");
}

static void test_open_edit_and_close(void **state)
{
    AppScene scene = app_scene_open(state);
    g_autofree char *path = open_text(&scene, "mine.yaml", "search:\n  epochs: 3 # few\n");
    g_autofree char *text = NULL;

    app_scene_reads(&scene, "mine.yaml");
    assert_true(stage_reads(scene.window, "Presets"));
    hand_press(scene.window, "alt+2");
    app_scene_reads(&scene, "Final training");
    apply_preset(&scene);
    app_scene_reads(&scene, "• mine.yaml");
    gtk_window_close(GTK_WINDOW(scene.window));
    stage_settle(0.3);
    app_scene_answer("_Cancel");
    hand_press(scene.window, "ctrl+s");
    stage_settle(0.3);
    assert_false(stage_reads(scene.window, "• mine.yaml"));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_true(g_str_has_prefix(text, "search:\n  epochs: 3 # few\narch:\n"));
    app_scene_close(&scene);
}

static void assert_text(const char *path, const char *expected)
{
    g_autofree char *text = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, expected);
}

/* What another window has saved meanwhile is not written over: not by Save, not by Run, not by the
 * answer to the question of closing; and it is not run in place of what is shown. */
static void test_changed_by_another_program(void **state)
{
    static const char told[] = "The file was changed by another program; use Save As";
    static const char theirs[] = "search:\n  epochs: 5 # theirs\n";
    AppScene scene = app_scene_open(state);
    g_autofree char *path = open_text(&scene, "ours.yaml", "search:\n  epochs: 3\n");

    app_scene_reads(&scene, "ours.yaml");
    assert_true(g_file_set_contents(path, theirs, -1, NULL));
    hand_press(scene.window, "ctrl+Return");
    app_scene_reads(&scene, told);
    stage_settle(0.5);
    assert_int_equal(qtr_application_count_runs(scene.application), 0);
    apply_preset(&scene);
    app_scene_reads(&scene, "• ours.yaml");
    hand_press(scene.window, "ctrl+Return");
    stage_settle(0.5);
    assert_int_equal(qtr_application_count_runs(scene.application), 0);
    assert_text(path, theirs);
    gtk_window_close(GTK_WINDOW(scene.window));
    stage_settle(0.3);
    app_scene_answer("_Save");
    assert_true(gtk_widget_get_mapped(scene.window));
    assert_true(stage_reads(scene.window, "• ours.yaml"));
    assert_text(path, theirs);
    hand_press(scene.window, "ctrl+s");
    stage_settle(0.3);
    assert_text(path, theirs);
    app_scene_close(&scene);
}

static void test_run_of_a_faulty_configuration(void **state)
{
    AppScene scene = app_scene_open(state);
    g_autofree char *path = open_text(&scene, "bad.yaml", "search:\n  epochs: many\n");

    stage_settle(0.3);
    hand_press(scene.window, "ctrl+Return");
    stage_settle(0.5);
    assert_int_equal(qtr_application_count_runs(scene.application), 0);
    app_scene_reads(&scene, "Line 2: search.epochs");
    app_scene_close(&scene);
}

static gboolean is_presets(GtkWidget *widget, gconstpointer unused)
{
    return GTK_IS_MENU_BUTTON(widget) &&
           g_strcmp0(gtk_menu_button_get_label(GTK_MENU_BUTTON(widget)), "_Presets") == 0;
}

static void test_preset_over_broken_text(void **state)
{
    AppScene scene = app_scene_open(state);
    g_autofree char *path = open_text(&scene, "bad.yaml", "search:\n  epochs: [3\nx\n");

    app_scene_reads(&scene, "bad.yaml");
    hand_choose(stage_find(scene.window, is_presets, NULL), "Demo: small and quick");
    app_scene_reads(&scene,
                    "Not applied: first mend line 4 in Configuration, or choose New Configuration");
    assert_false(stage_reads(scene.window, "• bad.yaml"));
    app_scene_close(&scene);
}

static void test_no_device(void **state)
{
    AppScene scene;
    GtkWidget *preferences;

    scene = app_scene_open(state);
    preferences = qtr_preferences_new(qtr_application_get_settings(scene.application));
    gtk_window_present(GTK_WINDOW(preferences));
    assert_true(
        stage_comes_to_read(preferences, "A discrete GPU, else any GPU, else the processor", 20));
    g_settings_set_string(qtr_application_get_settings(scene.application), "device", "k1");
    gtk_window_destroy(GTK_WINDOW(preferences));
    preferences = qtr_preferences_new(qtr_application_get_settings(scene.application));
    gtk_window_present(GTK_WINDOW(preferences));
    assert_true(stage_comes_to_read(preferences, "Self-test failed: no luck", 20));
    stage_settle(0.4);
    stage_shot(GTK_WINDOW(preferences), "preferences");
    gtk_window_destroy(GTK_WINDOW(preferences));
    app_scene_close(&scene);
}

/* What children do about it, test-process tells. */
static void test_runs_need_not_give_way(void **state)
{
    AppScene scene = app_scene_open(state);
    GSettings *settings = qtr_application_get_settings(scene.application);
    GtkWidget *preferences = qtr_preferences_new(settings);

    gtk_window_present(GTK_WINDOW(preferences));
    assert_true(stage_comes_to_read(preferences, "Runs _give way to other programs", 20));
    assert_true(g_settings_get_boolean(settings, "runs-give-way"));
    stage_click(stage_find_type(preferences, GTK_TYPE_SWITCH));
    assert_false(g_settings_get_boolean(settings, "runs-give-way"));
    g_settings_reset(settings, "runs-give-way");
    gtk_window_destroy(GTK_WINDOW(preferences));
    app_scene_close(&scene);
}

static QtrComparison *comparison_of(const AppScene *scene)
{
    return qtr_images_panel_get_comparison(
        QTR_IMAGES_PANEL(qtr_window_get_panel(QTR_WINDOW(scene->window), "images")));
}

static gboolean has_result(gpointer scene)
{
    return qtr_comparison_get(comparison_of(scene), QTR_SLOT_A) &&
           qtr_comparison_get(comparison_of(scene), QTR_SLOT_HR);
}

static gboolean has_two_runs(GtkWidget *widget, gconstpointer unused)
{
    return QTR_IS_RESULTS_TABLE(widget) &&
           g_list_model_get_n_items(qtr_results_table_get_shown(QTR_RESULTS_TABLE(widget))) == 2;
}

static gboolean lists_two_runs(gpointer scene)
{
    return stage_find(((AppScene *)scene)->window, has_two_runs, NULL) != NULL;
}

/* A run of a folder that the application knows nothing of: Results lists what lies beside it, and
 * Images has its network and pictures ready. */
static void test_run_from_elsewhere(void **state)
{
    AppScene scene = app_scene_open(state);
    g_autofree char *logs = g_build_filename(scene.folder, "LOGS", NULL);
    FakeRun fake = FAKE_RUN_INIT;
    g_autofree char *other = fake_run_make(logs, "other", &fake);
    g_autofree char *dir = NULL;
    g_autofree char *lr = NULL;
    g_autofree char *picture =
        g_build_filename(g_getenv("QTR_SOURCE_ROOT"), "data/demo/valid/LRx4/stairs.png", NULL);
    g_autoptr(GFile) file = NULL;
    g_autoptr(GFile) own = NULL;
    GtkWidget *row;

    fake.name = "elsewhere";
    fake.pictures = TRUE;
    dir = fake_run_make(logs, "elsewhere", &fake);
    lr = g_build_filename(dir, "images/Set5/hills_LR.png", NULL);
    file = g_file_new_for_path(dir);
    g_application_open(G_APPLICATION(scene.application), &file, 1, "");
    app_scene_reads(&scene, "elsewhere");
    hand_press(scene.window, "alt+5");
    assert_true(stage_wait(lists_two_runs, &scene, 20));
    hand_press(scene.window, "alt+6");
    assert_true(stage_wait(has_result, &scene, 20));
    assert_string_equal(qtr_comparison_get_network(comparison_of(&scene), 0), dir);
    assert_string_equal(qtr_comparison_get_lr(comparison_of(&scene)), lr);
    stage_settle(0.4);
    stage_shot(GTK_WINDOW(scene.window), "images-of-a-run");
    row = stage_find_type(scene.window, QTR_TYPE_PICTURE_ROW);
    hand_choose(row, "Set5 · a-photo");
    assert_true(g_str_has_suffix(qtr_comparison_get_lr(comparison_of(&scene)), "0001_LR.png"));
    /* An image of one's own is none of them, and from it one gets back to any. */
    own = g_file_new_for_path(picture);
    g_application_open(G_APPLICATION(scene.application), &own, 1, "");
    stage_settle(0.4);
    assert_string_equal(qtr_comparison_get_lr(comparison_of(&scene)), picture);
    hand_choose(row, "Set5 · a-photo");
    assert_true(g_str_has_suffix(qtr_comparison_get_lr(comparison_of(&scene)), "0001_LR.png"));
    app_scene_close(&scene);
}

static void test_pictures(void **state)
{
    AppScene scene = app_scene_open(state);

    hand_press(scene.window, "ctrl+n");
    stage_settle(0.5);
    stage_settle(0.4);
    stage_shot(GTK_WINDOW(scene.window), "window");
    stage_resize(GTK_WINDOW(scene.window), 360, 640);
    assert_true(gtk_widget_get_width(scene.window) <= 360);
    stage_settle(0.4);
    stage_shot(GTK_WINDOW(scene.window), "window-narrow");
    app_scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_start_leads_to_the_demo),
        cmocka_unit_test(test_closing_asks_about_runs),
        cmocka_unit_test(test_open_edit_and_close),
        cmocka_unit_test(test_changed_by_another_program),
        cmocka_unit_test(test_run_of_a_faulty_configuration),
        cmocka_unit_test(test_preset_over_broken_text),
        cmocka_unit_test(test_no_device),
        cmocka_unit_test(test_runs_need_not_give_way),
        cmocka_unit_test(test_run_from_elsewhere),
        cmocka_unit_test(test_pictures),
    };

    if (!stage_init())
        return 77;
    return cmocka_run_group_tests(tests, app_scene_begin, app_scene_end);
}
