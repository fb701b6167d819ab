/* What the window starts gives way to other programs, its own children too, unless the user wants
 * it otherwise. */
#include "qtr-process.h"
#include "qtr-settings.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
/* cmocka needs the headers above */
#include <cmocka.h>

/* `nice` alone says the niceness of whoever calls it; so does a child of the program. */
static const char script[] = "#!/bin/sh\n"
                             "told=$2\n"
                             "(sh -c 'nice; cat /proc/self/autogroup' >\"$told.part\" 2>&1)\n"
                             "mv \"$told.part\" \"$told\"\n";

typedef struct {
    char *folder, *program;
    GSettings *settings;
} Scene;

static int begin(void **state)
{
    Scene *scene = g_new0(Scene, 1);

    scene->folder = g_dir_make_tmp("qtr-process-XXXXXX", NULL);
    scene->program = g_build_filename(scene->folder, "program", NULL);
    scene->settings = qtr_settings_new();
    *state = scene;
    (void)g_setenv("QUANTOASTER_PROGRAM", scene->program, TRUE);
    return g_file_set_contents_full(scene->program, script, -1, G_FILE_SET_CONTENTS_NONE, 0700,
                                    NULL)
               ? 0
               : -1;
}

static int end(void **state)
{
    Scene *scene = *state;

    g_unsetenv("QUANTOASTER_PROGRAM");
    (void)g_unlink(scene->program);
    (void)g_rmdir(scene->folder);
    g_object_unref(scene->settings);
    g_free(scene->program);
    g_free(scene->folder);
    g_free(scene);
    return 0;
}

static void on_finished(QtrProcess *process, gboolean *finished)
{
    *finished = TRUE;
}

/* What a child of the child says: its niceness, and that of its session if the system has such. */
static char *ask(Scene *scene, QtrProcessKind kind)
{
    g_autofree char *path = g_build_filename(scene->folder, "told", NULL);
    const char *const args[] = {path, NULL};
    g_autoptr(QtrProcess) process = qtr_process_new(kind, args, NULL, NULL);
    gboolean finished = FALSE;
    char *text = NULL;

    assert_non_null(process);
    g_signal_connect(process, "finished", G_CALLBACK(on_finished), &finished);
    while (!finished)
        g_main_context_iteration(NULL, TRUE);
    assert_int_equal(qtr_process_get_code(process), 0);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    (void)g_unlink(path);
    return text;
}

static gboolean has_sessions(void)
{
    g_autofree char *text = NULL;

    return g_file_get_contents("/proc/sys/kernel/sched_autogroup_enabled", &text, NULL, NULL) &&
           *text == '1';
}

static void test_gives_way(void **state)
{
    Scene *scene = *state;
    g_autofree char *run = ask(scene, QTR_PROCESS_RUN);
    g_autofree char *answer = ask(scene, QTR_PROCESS_ANSWER);
    g_autofree char *expected = g_strdup_printf("%d\n", MAX(getpriority(PRIO_PROCESS, 0), 10));

    assert_true(g_str_has_prefix(run, expected));
    assert_true(g_str_has_prefix(answer, expected));
    if (has_sessions())
        assert_non_null(strstr(run, "nice 10"));
}

static void test_does_not(void **state)
{
    Scene *scene = *state;
    g_autofree char *expected = g_strdup_printf("%d\n", getpriority(PRIO_PROCESS, 0));
    g_autofree char *run = NULL, *answer = NULL;

    g_settings_set_boolean(scene->settings, "runs-give-way", FALSE);
    run = ask(scene, QTR_PROCESS_RUN);
    answer = ask(scene, QTR_PROCESS_ANSWER);
    g_settings_reset(scene->settings, "runs-give-way");
    assert_true(g_str_has_prefix(run, expected));
    assert_true(g_str_has_prefix(answer, expected));
    if (has_sessions())
        assert_null(strstr(run, "nice 10"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_gives_way, begin, end),
        cmocka_unit_test_setup_teardown(test_does_not, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
