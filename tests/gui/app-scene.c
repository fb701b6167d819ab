#include "app-scene.h"

#include "fake-run.h"
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
    "  echo \"pid $$\" >>\"$(dirname \"$0\")/calls\"\n"
    "  while :; do sleep 0.1; done ;;\n"
    "esac\n";

gboolean app_scene_was_called(const AppScene *scene, const char *what)
{
    g_autofree char *path = g_build_filename(scene->folder, "calls", NULL);
    g_autofree char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) && strstr(text, what);
}

gboolean app_scene_has_run(gpointer scene)
{
    return app_scene_was_called(scene, "--headless run");
}

gboolean app_scene_has_stopped(gpointer scene)
{
    return app_scene_was_called(scene, "stopped");
}

gboolean app_scene_is_idle(gpointer scene)
{
    return qtr_application_count_runs(((AppScene *)scene)->application) == 0;
}

int app_scene_begin(void **state)
{
    QtrApplication *application = qtr_application_new();

    g_application_set_flags(G_APPLICATION(application),
                            G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE);
    *state = application;
    return g_application_register(G_APPLICATION(application), NULL, NULL) ? 0 : -1;
}

int app_scene_end(void **state)
{
    g_object_unref(*state);
    return 0;
}

AppScene app_scene_open(void **state)
{
    AppScene scene = {.folder = fake_dir_make(), .application = *state};
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

void app_scene_close(AppScene *scene)
{
    if (scene->window) {
        g_object_add_weak_pointer(G_OBJECT(scene->window), (gpointer *)&scene->window);
        gtk_window_destroy(GTK_WINDOW(scene->window));
    }
    stage_settle(0.3);
    assert_null(scene->window);
    qtr_application_stop_runs(scene->application);
    assert_true(stage_wait(app_scene_is_idle, scene, 10));
    g_free(scene->program);
    fake_dir_remove(scene->folder);
}

void app_scene_reads(const AppScene *scene, const char *text)
{
    if (!stage_comes_to_read(scene->window, text, 20))
        fail_msg("“%s” did not appear", text);
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

void app_scene_answer(const char *label)
{
    GtkWindow *dialog = find_dialog();

    assert_non_null(dialog);
    stage_click(stage_find(GTK_WIDGET(dialog), has_label, label));
    stage_settle(0.3);
}

guint app_scene_count_entries(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    guint n = 0;

    assert_non_null(dir);
    while (g_dir_read_name(dir))
        n++;
    return n;
}
