/* A disk that is full in earnest: a small file system of the test's own, in a namespace of its own.
 * Nothing is lost, the user reads why, and once there is room the same keys save. */
#include "app-scene.h"
#include "fake-run.h"
#include "hand.h"
#include "qtr-images-panel.h"
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gtksourceview/gtksource.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
/* cmocka needs the headers above */
#include <cmocka.h>

/* Where it is mounted. */
typedef struct {
    char *path, *ballast;
} Disk;

static gboolean write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    gboolean ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        (void)close(fd);
    return ok;
}

/* Only while there is one thread; we stay who we are. */
static gboolean enter_namespace(void)
{
    g_autofree char *uids = g_strdup_printf("%u %u 1", getuid(), getuid());
    g_autofree char *gids = g_strdup_printf("%u %u 1", getgid(), getgid());

    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_file("/proc/self/uid_map", uids) &&
           write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/gid_map", gids) &&
           mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static Disk disk_mount(void)
{
    Disk disk = {.path = fake_dir_make()};

    disk.ballast = g_build_filename(disk.path, "ballast", NULL);
    assert_int_equal(mount("tmpfs", disk.path, "tmpfs", 0, "size=1m"), 0);
    return disk;
}

static void disk_unmount(Disk *disk)
{
    (void)umount2(disk->path, MNT_DETACH);
    fake_dir_remove(disk->path);
    g_free(disk->ballast);
}

static void disk_fill(const Disk *disk)
{
    static const char block[4096] = {1};
    FILE *file = fopen(disk->ballast, "we");

    assert_non_null(file);
    (void)setvbuf(file, NULL, _IONBF, 0);
    while (fwrite(block, 1, sizeof block, file) == sizeof block)
        ;
    (void)fclose(file);
}

static void disk_empty(const Disk *disk)
{
    assert_int_equal(g_unlink(disk->ballast), 0);
}

static void assert_holds(const char *path, const char *text, gboolean whole)
{
    g_autofree char *found = NULL;

    assert_true(g_file_get_contents(path, &found, NULL, NULL));
    if (whole)
        assert_string_equal(found, text);
    else
        assert_non_null(strstr(found, text));
}

static void test_configuration(void **state)
{
    Disk disk = disk_mount();
    AppScene scene = app_scene_open(state);
    g_autofree char *path = g_build_filename(disk.path, "mine.yaml", NULL);
    g_autoptr(GFile) file = g_file_new_for_path(path);
    GtkWidget *yaml;

    assert_true(g_file_set_contents(path, "search:\n  epochs: 3\n", -1, NULL));
    g_application_open(G_APPLICATION(scene.application), &file, 1, "");
    hand_press(scene.window, "alt+2");
    app_scene_reads(&scene, "Final training");
    yaml = stage_find_type(scene.window, GTK_SOURCE_TYPE_VIEW);
    hand_click_at(yaml, 60, 8);
    hand_press(yaml, "ctrl+End");
    hand_type(yaml, "# the only copy of a thought");
    app_scene_reads(&scene, "• mine.yaml");
    disk_fill(&disk);
    hand_press(scene.window, "ctrl+s");
    app_scene_reads(&scene, "No space left on device");
    assert_true(stage_reads(scene.window, "• mine.yaml"));
    assert_int_equal(app_scene_count_entries(disk.path),
                     2); /* the ballast, and no half of it beside */
    assert_holds(path, "search:\n  epochs: 3\n", TRUE);
    disk_empty(&disk);
    hand_press(scene.window, "ctrl+s");
    stage_settle(0.5);
    assert_false(stage_reads(scene.window, "• mine.yaml"));
    assert_holds(path, "# the only copy of a thought", FALSE);
    app_scene_close(&scene);
    disk_unmount(&disk);
}

static QtrComparison *comparison_of(const AppScene *scene)
{
    return qtr_images_panel_get_comparison(
        QTR_IMAGES_PANEL(qtr_window_get_panel(QTR_WINDOW(scene->window), "images")));
}

static gboolean has_sr(gpointer scene)
{
    return qtr_comparison_get(comparison_of(scene), QTR_SLOT_A) != NULL;
}

static void save_comparison(const AppScene *scene, const char *path)
{
    gtk_widget_activate_action(
        GTK_WIDGET(qtr_window_get_panel(QTR_WINDOW(scene->window), "images")), "images.save", "s",
        "comparison");
    stage_choose_file(path);
}

static void test_picture(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    print_message(
        "skipped: a library of the file dialog leaks, and the stack does not tell which\n");
    skip();
#endif
    Disk disk = disk_mount();
    AppScene scene = app_scene_open(state);
    FakeRun fake = FAKE_RUN_INIT;
    g_autofree char *path = g_build_filename(disk.path, "pair.png", NULL);
    g_autofree char *dir = NULL, *lr = NULL, *hr = NULL;

    fake.pictures = TRUE;
    dir = fake_run_make(scene.folder, "RUN_demo", &fake);
    lr = g_build_filename(dir, "images/Set5/hills_LR.png", NULL);
    hr = g_build_filename(dir, "images/Set5/hills_HR.png", NULL);
    gtk_widget_activate_action(scene.window, "win.view-images", "(sss)", dir, lr, hr);
    assert_true(stage_wait(has_sr, &scene, 10));
    disk_fill(&disk);
    save_comparison(&scene, path);
    app_scene_reads(&scene, "No space left on device");
    assert_int_equal(app_scene_count_entries(disk.path), 1); /* the ballast alone */
    disk_empty(&disk);
    save_comparison(&scene, path);
    app_scene_reads(&scene, "Saved to ");
    assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    app_scene_close(&scene);
    disk_unmount(&disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_picture),
    };

    if (!enter_namespace()) {
        g_print("skipped: this machine lets nobody mount a file system of his own (%s)\n",
                g_strerror(errno));
        return 77;
    }
    if (!stage_init()) {
        g_print("skipped: there is no display, or no xdotool\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, app_scene_begin, app_scene_end);
}
