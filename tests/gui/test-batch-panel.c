#include "fake-run.h"
#include "hand.h"
#include "qtr-batch-control.h"
#include "qtr-batch-panel.h"
#include "qtr-batch-setup.h"
#include "qtr-document.h"
#include "qtr-settings.h"
#include "qtr-trial-table.h"
#include "stage.h"

#include "run/batch.h"

#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
/* cmocka needs the headers above */
#include <cmocka.h>

/* Stands for this program: tells of two devices, and notes what else it is called with. */
static const char *const program_text =
    "#!/bin/bash\n"
    "if [ \"$2\" = devices ]; then\n"
    "  echo '{\"type\":\"result\",\"devices\":[{\"index\":0,\"key\":\"gpu\",\"name\":\"Example "
    "GPU\",\"self_test\":true,\"memory\":8000000000},{\"index\":1,\"key\":\"old\",\"name\":\"An "
    "older one\",\"self_test\":false,\"failure\":\"convolution: wrong result\"}]}'\n"
    "  exit 0\n"
    "fi\n"
    "echo \"$*\" >> \"${0%/*}/calls.txt\"\n";

/* Holds the lock of the batch in $1 as the process of computer $2 that runs it does. */
static const char *const holder_text = "exec 9>\"$1/.lock\"; flock 9; echo $$ $2 >&9\n"
                                       "trap 'exit 130' TERM\n"
                                       "while :; do sleep 0.1; done\n";

typedef struct {
    char *root, *batch, *calls;
    GApplication *application;
    QtrDocument *document;
    QtrPanel *panel;
    GtkWindow *window;
} Stage;

static void write_text(const char *path, const char *text, int mode)
{
    assert_true(g_file_set_contents(path, text, -1, NULL));
    assert_int_equal(g_chmod(path, mode), 0);
}

static void open_stage(Stage *stage, int width, int height)
{
    g_autofree char *program = NULL;

    *stage = (Stage){.root = fake_dir_make()};
    program = g_build_filename(stage->root, "program", NULL);
    stage->calls = g_build_filename(stage->root, "calls.txt", NULL);
    stage->batch = g_build_filename(stage->root, "gumbel", NULL);
    write_text(program, program_text, 0755);
    g_setenv("QUANTOASTER_PROGRAM", program, TRUE);
    stage->application = g_application_new(NULL, G_APPLICATION_DEFAULT_FLAGS);
    g_application_set_default(stage->application);
    stage->document = qtr_document_new();
    stage->panel = g_object_new(QTR_TYPE_BATCH_PANEL, NULL);
    qtr_panel_set_document(stage->panel, stage->document);
    stage->window = stage_show(GTK_WIDGET(stage->panel), width, height, FALSE);
}

static void close_stage(Stage *stage)
{
    stage_close(stage->window, GTK_WIDGET(stage->panel));
    g_application_set_default(NULL);
    g_object_unref(stage->application);
    g_object_unref(stage->document);
    g_unsetenv("QUANTOASTER_PROGRAM");
    fake_dir_remove(stage->root);
    g_free(stage->batch);
    g_free(stage->calls);
}

static void make_trial(GString *json, const char *root, const char *penalty, int trail,
                       const char *state, const char *reason, gboolean begun)
{
    g_autofree char *id = g_strdup_printf("gumbel_penalty_%s_trail_%d", penalty, trail);
    g_autofree char *search = g_strdup_printf("trail_%d/SEARCH_%s", trail, id);
    FakeRun run = FAKE_RUN_INIT;

    g_string_append_printf(json,
                           "%s{\"id\":\"%s\",\"name\":\"gumbel\",\"key\":\"penalty\","
                           "\"value\":\"%s\",\"folder\":\"trail_%d\",\"trail\":%d,"
                           "\"state\":\"%s\",\"seconds\":12,\"overrides\":[]",
                           json->str[json->len - 1] == '[' ? "" : ",", id, penalty, trail, trail,
                           state);
    if (reason)
        g_string_append_printf(json, ",\"reason\":\"%s\"", reason);
    if (begun) {
        g_autofree char *dir = NULL;
        g_autofree char *log = NULL;

        run.name = id;
        run.state = g_str_equal(state, "done") ? "done" : NULL;
        run.psnr = g_str_equal(state, "done") ? 27.2 : NAN;
        run.train_epochs = g_str_equal(state, "done") ? 12 : 0;
        dir = fake_run_make(root, search, &run);
        log = g_build_filename(dir, "log.txt", NULL);
        write_text(log, "12:00:00 search: begun\n12:00:31 epoch 1/12: train loss 0.12\n", 0644);
        g_string_append_printf(json, ",\"search_dir\":\"%s\",\"device\":\"gpu\"", search);
    }
    g_string_append(json, "}");
}

static void make_batch(const char *dir)
{
    g_autoptr(GString) json = g_string_new("{\"format\":1,\"trials\":[");
    g_autofree char *path = g_build_filename(dir, "batch.json", NULL);

    assert_int_equal(g_mkdir_with_parents(dir, 0755), 0);
    make_trial(json, dir, "0", 1, "done", NULL, TRUE);
    make_trial(json, dir, "0.001", 1, "running", NULL, TRUE);
    make_trial(json, dir, "0.005", 1, "failed", "exit code 1: the disk is full", TRUE);
    make_trial(json, dir, "0", 2, "queued", NULL, FALSE);
    g_string_append(json, "]}");
    write_text(path, json->str, 0644);
}

static void make_empty_batch(const char *dir)
{
    g_autoptr(GString) json = g_string_new("{\"format\":1,\"trials\":[");
    g_autofree char *path = g_build_filename(dir, "batch.json", NULL);

    assert_int_equal(g_mkdir_with_parents(dir, 0755), 0);
    make_trial(json, dir, "0", 2, "queued", NULL, FALSE);
    g_string_append(json, "]}");
    write_text(path, json->str, 0644);
}

static QtrBatchModel *model_of(Stage *stage)
{
    return qtr_batch_panel_get_model(QTR_BATCH_PANEL(stage->panel));
}

static gboolean is_read(gpointer data)
{
    return g_list_model_get_n_items(G_LIST_MODEL(model_of(data))) == 4;
}

static GtkWidget *button(Stage *stage, const char *action)
{
    return stage_find(GTK_WIDGET(stage->panel), stage_has_action, action);
}

static gboolean has_devices(gpointer data)
{
    return stage_reads(GTK_WIDGET(((Stage *)data)->panel), "Self-test passed");
}

static gboolean is_entry(GtkWidget *widget, gconstpointer title)
{
    return ADW_IS_ENTRY_ROW(widget) &&
           g_str_has_prefix(adw_preferences_row_get_title(ADW_PREFERENCES_ROW(widget)), title);
}

static gboolean was_called(gpointer data)
{
    return g_file_test(((Stage *)data)->calls, G_FILE_TEST_EXISTS);
}

static void test_start(void **state)
{
    Stage stage;
    g_autofree char *calls = NULL;
    GtkWidget *name, *values;

    open_stage(&stage, 760, 820);
    assert_true(stage_wait(has_devices, &stage, 10));
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "convolution: wrong result"));
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "3 runs"));
    stage_shot(stage.window, "batch-setup");
    values = stage_find(GTK_WIDGET(stage.panel), is_entry, "_Penalties");
    hand_enter(values, "0 much");
    stage_settle(0.1);
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "“much” is no penalty"));
    stage_click(button(&stage, "batch.start"));
    assert_false(was_called(&stage));
    hand_enter(values, "0, 0.01");
    name = stage_find(GTK_WIDGET(stage.panel), is_entry, "_Name");
    hand_enter(name, "never-seen-before");
    stage_click(button(&stage, "batch.start"));
    assert_true(stage_wait(was_called, &stage, 10));
    stage_settle(0.2);
    assert_true(g_file_get_contents(stage.calls, &calls, NULL, NULL));
    assert_non_null(strstr(calls, "--headless batch -q -c "));
    assert_non_null(strstr(calls, "-v 0 0.01 -d never-seen-before -n never-seen-before -r 1 -g gpu "
                                  "--set env.log_dir="));
    close_stage(&stage);
}

/* A batch is written elsewhere than the configuration it is of. */
static void test_relative_paths(void **state)
{
    Stage stage;
    g_autoptr(GSettings) settings = qtr_settings_new();
    g_autofree char *photos = NULL, *config = NULL, *copy = NULL, *text = NULL, *expected = NULL;

    open_stage(&stage, 760, 820);
    g_settings_set_string(settings, "runs-folder", stage.root);
    photos = g_build_filename(stage.root, "mine", "photos", NULL);
    assert_int_equal(g_mkdir_with_parents(photos, 0755), 0);
    config = g_build_filename(stage.root, "mine", "config.yaml", NULL);
    write_text(config, "dataset:\n  files_list: photos # of the garden\n", 0644);
    assert_true(qtr_document_load(stage.document, config, NULL));
    assert_true(stage_wait(has_devices, &stage, 10));
    hand_enter(stage_find(GTK_WIDGET(stage.panel), is_entry, "_Name"), "garden");
    stage_click(button(&stage, "batch.start"));
    assert_true(stage_wait(was_called, &stage, 10));
    copy = g_build_filename(stage.root, ".garden.yaml", NULL);
    assert_true(g_file_get_contents(copy, &text, NULL, NULL));
    expected = g_strdup_printf("dataset:\n  files_list: \"%s\" # of the garden\n", photos);
    assert_string_equal(text, expected);
    g_settings_reset(settings, "runs-folder");
    close_stage(&stage);
}

static void test_watch(void **state)
{
    Stage stage;
    g_auto(GStrv) args = NULL;
    g_autofree char *line = NULL, *expected = NULL;

    open_stage(&stage, 1200, 900);
    make_batch(stage.batch);
    qtr_batch_panel_open(QTR_BATCH_PANEL(stage.panel), stage.batch);
    assert_true(stage_wait(is_read, &stage, 10));
    stage_settle(0.2);
    assert_int_equal(qtr_batch_model_count(model_of(&stage), QTR_STAND_DONE), 1);
    assert_int_equal(qtr_batch_model_count(model_of(&stage), QTR_STAND_FAILED), 1);
    /* Nobody runs it. */
    assert_int_equal(qtr_batch_model_count(model_of(&stage), QTR_STAND_STOPPED), 1);
    assert_true(gtk_widget_get_mapped(button(&stage, "batch.resume")));
    assert_true(gtk_widget_get_mapped(button(&stage, "batch.retry")));
    assert_false(gtk_widget_get_mapped(button(&stage, "batch.stop")));
    hand_click(stage_find(stage_find_type(GTK_WIDGET(stage.panel), QTR_TYPE_TRIAL_TABLE),
                          stage_shows_text, "gumbel_penalty_0.005_trail_1"));
    stage_settle(0.2);
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "the disk is full"));
    stage_shot(stage.window, "batch-stopped");
    args = qtr_batch_control_arguments(model_of(&stage), TRUE);
    line = g_strjoinv(" ", args);
    /* Where it lies now, wherever it was made. */
    expected = g_strdup_printf("batch -q --resume %s --retry-failed", stage.batch);
    assert_string_equal(line, expected);
    close_stage(&stage);
}

static gboolean has_one(gpointer data)
{
    return g_list_model_get_n_items(G_LIST_MODEL(model_of(data))) == 1;
}

static void test_random_baseline_goes_on(void **state)
{
    Stage stage;
    g_autofree char *path = NULL, *calls = NULL, *expected = NULL;

    open_stage(&stage, 900, 700);
    assert_int_equal(g_mkdir_with_parents(stage.batch, 0755), 0);
    path = g_build_filename(stage.batch, "batch.json", NULL);
    write_text(path,
               "{\"format\":1,\"trials\":[{\"id\":\"base_trail_3_fp\",\"name\":\"base\","
               "\"key\":\"kind\",\"value\":\"fp\",\"folder\":\".\",\"trail\":3,\"genotype\":"
               "\"Genotype_SR(head=[])\",\"state\":\"queued\",\"seconds\":0,\"overrides\":[]}]}",
               0644);
    qtr_batch_panel_open(QTR_BATCH_PANEL(stage.panel), stage.batch);
    assert_true(stage_wait(has_one, &stage, 10));
    stage_settle(0.3);
    stage_click(button(&stage, "batch.resume"));
    assert_true(stage_wait(was_called, &stage, 10));
    stage_settle(0.2);
    assert_true(g_file_get_contents(stage.calls, &calls, NULL, NULL));
    expected = g_strdup_printf("--headless batch -q --resume %s\n", stage.batch);
    assert_true(g_str_has_suffix(calls, expected));
    close_stage(&stage);
}

static gboolean runs(gpointer data)
{
    return qtr_batch_model_is_running(model_of(data));
}

static gboolean runs_not(gpointer data)
{
    return !runs(data);
}

static gboolean is_pause(GtkWidget *widget, gconstpointer unused)
{
    return GTK_IS_TOGGLE_BUTTON(widget) &&
           g_strcmp0(gtk_button_get_label(GTK_BUTTON(widget)), "_Pause") == 0;
}

static GPid hold(Stage *stage, const char *host)
{
    const char *const argv[] = {"bash", "-c", holder_text, "bash", stage->batch, host, NULL};
    GPid pid;

    assert_true(g_spawn_async(NULL, (char **)argv, NULL,
                              G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                              NULL));
    assert_true(stage_wait(runs, stage, 10));
    stage_settle(1.3);
    return pid;
}

static void test_control(void **state)
{
    Stage stage;
    GtkWidget *pause;

    open_stage(&stage, 1200, 900);
    make_batch(stage.batch);
    qtr_batch_panel_open(QTR_BATCH_PANEL(stage.panel), stage.batch);
    assert_true(stage_wait(is_read, &stage, 10));
    (void)hold(&stage, g_get_host_name());
    assert_int_equal(qtr_batch_model_count(model_of(&stage), QTR_STAND_RUNNING), 1);
    assert_false(gtk_widget_get_mapped(button(&stage, "batch.resume")));
    pause = stage_find(GTK_WIDGET(stage.panel), is_pause, NULL);
    hand_click(pause);
    assert_true(qtr_batch_is_paused(stage.batch));
    stage_settle(1.3);
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "Paused"));
    stage_shot(stage.window, "batch-running");
    adw_style_manager_set_color_scheme(adw_style_manager_get_default(),
                                       ADW_COLOR_SCHEME_FORCE_DARK);
    stage_settle(0.2);
    stage_shot(stage.window, "batch-dark");
    hand_click(pause);
    assert_false(qtr_batch_is_paused(stage.batch));
    stage_click(button(&stage, "batch.stop"));
    assert_true(stage_wait(runs_not, &stage, 10));
    /* What this process wrote would be taken for its own: without it. */
    make_empty_batch(stage.batch);
    (void)hold(&stage, g_get_host_name());
    assert_int_equal(qtr_batch_model_count(model_of(&stage), QTR_STAND_RUNNING), 0);
    qtr_batch_control_kill(GTK_WIDGET(stage.panel), model_of(&stage));
    assert_true(stage_wait(runs_not, &stage, 10));
    close_stage(&stage);
}

/* Its number is that of somebody else's process here, for which this one's own child stands. */
static void test_batch_of_another_computer(void **state)
{
    Stage stage;
    GPid pid;

    open_stage(&stage, 1200, 900);
    make_empty_batch(stage.batch);
    qtr_batch_panel_open(QTR_BATCH_PANEL(stage.panel), stage.batch);
    assert_true(stage_wait(has_one, &stage, 10));
    pid = hold(&stage, "another");
    assert_false(gtk_widget_get_mapped(button(&stage, "batch.resume")));
    assert_false(gtk_widget_get_mapped(button(&stage, "batch.stop")));
    assert_false(gtk_widget_get_mapped(button(&stage, "batch.cancel")));
    assert_true(gtk_widget_get_mapped(stage_find(GTK_WIDGET(stage.panel), is_pause, NULL)));
    qtr_batch_control_stop(GTK_WIDGET(stage.panel), model_of(&stage));
    qtr_batch_control_kill(GTK_WIDGET(stage.panel), model_of(&stage));
    assert_false(qtr_batch_control_resume(GTK_WIDGET(stage.panel), model_of(&stage), FALSE));
    stage_settle(0.5);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(stage_wait(runs_not, &stage, 10));
    close_stage(&stage);
}

static void test_narrow_and_damaged(void **state)
{
    Stage stage;
    g_autofree char *path = NULL;

    open_stage(&stage, 360, 760);
    assert_true(stage_wait(has_devices, &stage, 10));
    assert_true(gtk_widget_get_width(GTK_WIDGET(stage.window)) <= 360);
    stage_shot(stage.window, "batch-setup-narrow");
    make_batch(stage.batch);
    qtr_batch_panel_open(QTR_BATCH_PANEL(stage.panel), stage.batch);
    assert_true(stage_wait(is_read, &stage, 10));
    stage_settle(0.2);
    assert_true(gtk_widget_get_width(GTK_WIDGET(stage.window)) <= 360);
    stage_shot(stage.window, "batch-narrow");
    path = g_build_filename(stage.batch, "batch.json", NULL);
    write_text(path, "{\"format\":1", 0644);
    stage_settle(1.5);
    assert_true(stage_reads(GTK_WIDGET(stage.panel), "batch.json"));
    close_stage(&stage);
}

/* A batch is begun in the folder that was chosen, whatever its name is in YAML. */
static void test_names_of_folders(void **state)
{
    static const char *const names[] = {"plain",     "my runs #2", "mine: all",
                                        "\"0\" 'x'", "#",          "null"};
    Stage stage;
    QtrBatchSetup *setup;

    open_stage(&stage, 760, 820);
    setup = QTR_BATCH_SETUP(stage_find_type(GTK_WIDGET(stage.panel), QTR_TYPE_BATCH_SETUP));
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *reason = NULL;
        g_autoptr(GPtrArray) args = qtr_batch_setup_arguments(setup, "x", names[i], &reason);
        const char *overrides[2] = {NULL};
        g_autoptr(QtrConfig) config = NULL;

        assert_non_null(args);
        for (guint a = 0; a + 2 < args->len; a++)
            if (g_str_equal(args->pdata[a], "--set"))
                overrides[0] = args->pdata[a + 1];
        config = qtr_config_load_text("", 0, "nothing", NULL, overrides, NULL, NULL, NULL);
        assert_non_null(config);
        assert_string_equal(config->env.log_dir, names[i]);
    }
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start),
        cmocka_unit_test(test_relative_paths),
        cmocka_unit_test(test_watch),
        cmocka_unit_test(test_random_baseline_goes_on),
        cmocka_unit_test(test_control),
        cmocka_unit_test(test_batch_of_another_computer),
        cmocka_unit_test(test_narrow_and_damaged),
        cmocka_unit_test(test_names_of_folders),
    };

    if (!stage_init()) {
        g_print("skipped: there is no display\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
