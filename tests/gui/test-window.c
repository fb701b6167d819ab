/* The whole window: first steps, panels, files, and what happens when it is closed. Children are a
 * script that notes how it was called. */
#include "fake-run.h"
#include "hand.h"
#include "qtr-application.h"
#include "qtr-preferences.h"
#include "qtr-settings.h"
#include "qtr-window.h"
#include "stage.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static const char script[] =
    "#!/bin/sh\n"
    "echo \"$@\" >>\"$(dirname \"$0\")/calls\"\n"
    "case $2 in\n"
    "devices) echo '{\"type\":\"result\",\"devices\":[{\"index\":0,\"key\":\"k0\",\"name\":"
    "\"Test device\",\"memory\":1000,\"self_test\":true},{\"index\":1,\"key\":\"k1\",\"name\":"
    "\"Broken device\",\"self_test\":false,\"failure\":\"no luck\"}]}' ;;\n"
    "run) trap 'echo stopped >>\"$(dirname \"$0\")/calls\"; exit 130' TERM\n"
    "  while :; do sleep 0.1; done ;;\n"
    "esac\n";

typedef struct {
    char *folder, *program;
    QtrApplication *application;
    GtkWidget *window;
} Scene;

static char *calls(const Scene *scene)
{
    g_autofree char *path = g_build_filename(scene->folder, "calls", NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

static gboolean was_called_with(const Scene *scene, const char *what)
{
    g_autofree char *text = calls(scene);

    return strstr(text, what) != NULL;
}

static gboolean has_run(gpointer scene)
{
    return was_called_with(scene, "--headless run");
}

static gboolean has_stopped(gpointer scene)
{
    return was_called_with(scene, "stopped");
}

static gboolean is_idle(gpointer scene)
{
    return qtr_application_count_runs(((Scene *)scene)->application) == 0;
}

/* One for all tests, as there is one in a process. */
static int make_application(void **state)
{
    QtrApplication *application = qtr_application_new();

    g_application_set_flags(G_APPLICATION(application),
                            G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE);
    *state = application;
    return g_application_register(G_APPLICATION(application), NULL, NULL) ? 0 : -1;
}

static int free_application(void **state)
{
    g_object_unref(*state);
    return 0;
}

static Scene open_scene(void **state)
{
    Scene scene = {.folder = fake_dir_make(), .application = *state};
    g_autofree char *runs = g_build_filename(scene.folder, "runs", NULL);
    GSettings *settings = qtr_application_get_settings(scene.application);

    scene.program = g_build_filename(scene.folder, "program", NULL);
    assert_true(g_file_set_contents(scene.program, script, -1, NULL));
    assert_int_equal(g_chmod(scene.program, 0755), 0);
    g_setenv("QUANTOASTER_PROGRAM", scene.program, TRUE);
    g_settings_reset(settings, "first-start");
    g_settings_reset(settings, "panel");
    g_settings_reset(settings, "device");
    g_settings_set_string(settings, "runs-folder", runs);
    g_application_activate(G_APPLICATION(scene.application));
    scene.window = GTK_WIDGET(gtk_application_get_active_window(GTK_APPLICATION(*state)));
    assert_non_null(scene.window);
    stage_settle(0.8);
    return scene;
}

static void close_scene(Scene *scene)
{
    if (scene->window) {
        g_object_add_weak_pointer(G_OBJECT(scene->window), (gpointer *)&scene->window);
        gtk_window_destroy(GTK_WINDOW(scene->window));
    }
    stage_settle(0.3);
    assert_null(scene->window);
    qtr_application_stop_runs(scene->application);
    assert_true(stage_wait(is_idle, scene, 10));
    g_free(scene->program);
    fake_dir_remove(scene->folder);
}

static void assert_comes_to_read(GtkWidget *root, const char *text)
{
    assert_true(stage_comes_to_read(root, text, 20));
}

static void test_first_start_leads_to_the_demo(void **state)
{
    Scene scene = open_scene(state);

    assert_true(stage_reads(scene.window, "Welcome to QuanToaster"));
    assert_comes_to_read(scene.window, "2 OpenCL devices");
    stage_settle(0.4);
    stage_shot(GTK_WINDOW(scene.window), "welcome");
    stage_click(stage_find(scene.window, stage_has_action, "win.demo"));
    assert_true(stage_wait(has_run, &scene, 10));
    assert_true(was_called_with(&scene, "configs/demo.yaml --run-dir"));
    assert_int_equal(qtr_application_count_runs(scene.application), 1);
    assert_false(stage_reads(scene.window, "Welcome to QuanToaster"));
    assert_false(
        g_settings_get_boolean(qtr_application_get_settings(scene.application), "first-start"));
    close_scene(&scene);
}

static GtkWindow *find_dialog(void)
{
    GListModel *windows = gtk_window_get_toplevels();

    for (guint i = 0; i < g_list_model_get_n_items(windows); i++) {
        g_autoptr(GtkWindow) window = g_list_model_get_item(windows, i);

        if (ADW_IS_MESSAGE_DIALOG(window) && gtk_widget_get_mapped(GTK_WIDGET(window)))
            return window;
    }
    return NULL;
}

static gboolean has_label(GtkWidget *widget, gconstpointer label)
{
    return GTK_IS_BUTTON(widget) && g_strcmp0(gtk_button_get_label(GTK_BUTTON(widget)), label) == 0;
}

static void answer(const char *label)
{
    GtkWindow *dialog = find_dialog();

    assert_non_null(dialog);
    stage_click(stage_find(GTK_WIDGET(dialog), has_label, label));
    stage_settle(0.3);
}

static void test_closing_asks_about_runs(void **state)
{
    Scene scene = open_scene(state);

    stage_click(stage_find(scene.window, stage_has_action, "win.demo"));
    assert_true(stage_wait(has_run, &scene, 10));
    stage_settle(0.3); /* the script has its trap by now */
    gtk_window_close(GTK_WINDOW(scene.window));
    stage_settle(0.3);
    answer("_Cancel");
    assert_true(gtk_widget_get_mapped(scene.window));
    assert_int_equal(qtr_application_count_runs(scene.application), 1);
    gtk_window_close(GTK_WINDOW(scene.window));
    stage_settle(0.3);
    g_object_add_weak_pointer(G_OBJECT(scene.window), (gpointer *)&scene.window);
    answer("_Stop and Save");
    assert_null(scene.window);
    assert_true(stage_wait(has_stopped, &scene, 10));
    close_scene(&scene);
}

static void test_open_edit_and_close(void **state)
{
    Scene scene = open_scene(state);
    g_autofree char *path = g_build_filename(scene.folder, "mine.yaml", NULL), *text = NULL;
    g_autoptr(GFile) file = g_file_new_for_path(path);

    assert_true(g_file_set_contents(path, "search:\n  epochs: 3 # few\n", -1, NULL));
    g_application_open(G_APPLICATION(scene.application), &file, 1, "");
    assert_comes_to_read(scene.window, "mine.yaml");
    assert_true(stage_reads(scene.window, "Presets"));
    hand_press(scene.window, "alt+2");
    assert_comes_to_read(scene.window, "Final training");
    gtk_widget_activate_action(GTK_WIDGET(qtr_window_get_panel(QTR_WINDOW(scene.window), "space")),
                               "space.preset", "s", "demo.yaml");
    assert_comes_to_read(scene.window, "• mine.yaml");
    gtk_window_close(GTK_WINDOW(scene.window));
    stage_settle(0.3);
    answer("_Cancel");
    hand_press(scene.window, "ctrl+s");
    stage_settle(0.3);
    assert_false(stage_reads(scene.window, "• mine.yaml"));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_true(g_str_has_prefix(text, "search:\n  epochs: 3 # few\narch:\n"));
    close_scene(&scene);
}

static void test_run_of_a_faulty_configuration(void **state)
{
    Scene scene = open_scene(state);
    g_autofree char *path = g_build_filename(scene.folder, "bad.yaml", NULL);
    g_autoptr(GFile) file = g_file_new_for_path(path);

    assert_true(g_file_set_contents(path, "search:\n  epochs: many\n", -1, NULL));
    g_application_open(G_APPLICATION(scene.application), &file, 1, "");
    stage_settle(0.3);
    hand_press(scene.window, "ctrl+Return");
    stage_settle(0.5);
    assert_int_equal(qtr_application_count_runs(scene.application), 0);
    assert_comes_to_read(scene.window, "Line 2: search.epochs");
    close_scene(&scene);
}

static void test_no_device(void **state)
{
    Scene scene;
    GtkWidget *preferences;

    scene = open_scene(state);
    preferences = qtr_preferences_new(qtr_application_get_settings(scene.application));
    gtk_window_present(GTK_WINDOW(preferences));
    assert_comes_to_read(preferences, "A discrete GPU, else any GPU, else the processor");
    g_settings_set_string(qtr_application_get_settings(scene.application), "device", "k1");
    gtk_window_destroy(GTK_WINDOW(preferences));
    preferences = qtr_preferences_new(qtr_application_get_settings(scene.application));
    gtk_window_present(GTK_WINDOW(preferences));
    assert_comes_to_read(preferences, "Self-test failed: no luck");
    stage_settle(0.4);
    stage_shot(GTK_WINDOW(preferences), "preferences");
    gtk_window_destroy(GTK_WINDOW(preferences));
    close_scene(&scene);
}

static void test_pictures(void **state)
{
    Scene scene = open_scene(state);

    hand_press(scene.window, "ctrl+n");
    stage_settle(0.5);
    stage_settle(0.4);
    stage_shot(GTK_WINDOW(scene.window), "window");
    stage_resize(GTK_WINDOW(scene.window), 360, 640);
    assert_true(gtk_widget_get_width(scene.window) <= 360);
    stage_settle(0.4);
    stage_shot(GTK_WINDOW(scene.window), "window-narrow");
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_start_leads_to_the_demo),
        cmocka_unit_test(test_closing_asks_about_runs),
        cmocka_unit_test(test_open_edit_and_close),
        cmocka_unit_test(test_run_of_a_faulty_configuration),
        cmocka_unit_test(test_no_device),
        cmocka_unit_test(test_pictures),
    };

    if (!stage_init())
        return 77;
    return cmocka_run_group_tests(tests, make_application, free_application);
}
