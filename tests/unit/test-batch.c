#include "scratch-fixture.h"

#include "base/error.h"
#include "base/file.h"
#include "run/batch.h"
#include "run/table.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* A stand-in for `quantoaster run`: penalty 1 fails, 2 dies, 3 waits to be stopped, 4 for the file
 * "go", others leave a result. What it was called with is appended to calls.txt. */
static const char *const script_text =
    "#!/bin/bash\n"
    "echo \"$*\" >> \"${0%/*}/calls.txt\"\n"
    "while [ $# -gt 0 ]; do\n"
    "  case $1 in\n"
    "  --run-dir|--resume) dir=$2 ;;\n"
    "  --train-dir) train=$2 ;;\n"
    "  search.penalty=*) penalty=${1#*=} ;;\n"
    "  esac\n"
    "  shift\n"
    "done\n"
    "echo '{\"type\":\"progress\",\"phase\":\"train\",\"done\":1,\"total\":2}'\n"
    "echo 'not json'\n"
    "touch \"$dir/config.yaml\" \"$dir/checkpoint.safetensors\"\n"
    "case $penalty in\n"
    "1) echo 'about to fail' >&2; echo 'the disk is full' >&2; exit 1 ;;\n"
    "2) kill -9 $$ ;;\n"
    "3) trap 'exit 130' TERM; touch \"${0%/*}/waiting\"; while :; do sleep 0.05; done ;;\n"
    "4) until [ -e \"${0%/*}/go\" ]; do sleep 0.05; done ;;\n"
    "esac\n"
    "mkdir -p \"${train:-$dir}\"\n"
    "printf 'set,Model size,BitOps(32x32),BitOps(256x256),PSNR\\nSet5,0.1,%s,2,30\\n' "
    "\"${penalty:-9}00\" "
    ">\"${train:-$dir}/validation_df.csv\"\n";

typedef struct {
    char *root, *dir, *script, *calls;
    const char *executable[2];
    gint stop;
    double last_done;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->root = scratch_new();
    f->dir = g_build_filename(f->root, "logs", "gumbel", NULL);
    f->script = g_build_filename(f->root, "child.sh", NULL);
    f->calls = g_build_filename(f->root, "calls.txt", NULL);
    f->executable[0] = f->script;
    assert_true(qtr_file_write(f->script, script_text, strlen(script_text), NULL));
    assert_int_equal(g_chmod(f->script, 0755), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    scratch_remove(f->root);
    g_free(f->root);
    g_free(f->dir);
    g_free(f->script);
    g_free(f->calls);
    g_free(f);
    return 0;
}

static void on_progress(const QtrProgress *progress, gpointer user_data)
{
    Fixture *f = user_data;
    g_autofree char *waiting = g_build_filename(f->root, "waiting", NULL);

    assert_true(progress->done >= 0 && progress->done <= progress->total);
    f->last_done = progress->done;
    if (g_file_test(waiting, G_FILE_TEST_EXISTS))
        g_atomic_int_set(&f->stop, 1);
}

static QtrBatchParams params_of(Fixture *f, const char *const *devices)
{
    return (QtrBatchParams){.dir = f->dir,
                            .name = "NAME",
                            .config_text = "search:\n",
                            .executable = f->executable,
                            .devices = devices,
                            .progress = on_progress,
                            .progress_data = f,
                            .stop = &f->stop};
}

static const char *const one_device[] = {"0", NULL};
static const char *const two_devices[] = {"0", "1", NULL};

/* 0: done; otherwise the error's code + 1. */
static int run_grid(Fixture *f, QtrBatchParams params, const char *const *values, int repeat)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrBatch) batch = qtr_batch_new(&params, &error);

    if (batch) {
        qtr_batch_add_grid(batch, "search", "penalty", values, repeat, 777);
        if (qtr_batch_run(batch, &error))
            return 0;
    }
    assert_non_null(error);
    assert_true(error->domain == QTR_ERROR);
    return error->code + 1;
}

static int count_calls(const Fixture *f)
{
    g_autofree char *text = NULL;
    int lines = 0;

    if (!g_file_get_contents(f->calls, &text, NULL, NULL))
        return 0;
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    return lines;
}

static QtrTable *load_summary(const Fixture *f)
{
    g_autofree char *path = g_build_filename(f->dir, "summary.csv", NULL);
    QtrTable *table = qtr_table_load(path, NULL);

    assert_non_null(table);
    return table;
}

static const char *cell(const QtrTable *table, guint row, const char *column)
{
    return qtr_table_get(table, row, (guint)qtr_table_find_column(table, column));
}

static void test_grid_in_its_folders(void **state)
{
    Fixture *f = *state;
    const char *const values[] = {"0", "0.001", NULL};
    g_autoptr(QtrTable) table = NULL;
    g_autofree char *calls = NULL;
    g_autofree char *search = NULL;

    assert_int_equal(run_grid(f, params_of(f, one_device), values, 2), 0);
    table = load_summary(f);
    assert_int_equal(qtr_table_rows(table), 4);
    assert_string_equal(cell(table, 1, "value"), "0.001");
    assert_string_equal(cell(table, 3, "state"), "done");
    assert_string_equal(cell(table, 3, "PSNR Set5"), "30");
    search = g_strdup(cell(table, 3, "search folder"));
    assert_true(g_regex_match_simple(
        "^trail_2/SEARCH_NAME_penalty_0\\.001_trail_2-\\d{4}-\\d\\d-\\d\\d-\\d{6}", search, 0, 0));
    assert_true(g_str_has_prefix(cell(table, 3, "train folder"), "trail_2/TUNE_NAME_penalty_"));
    assert_true(f->last_done == 4);
    assert_true(g_file_get_contents(f->calls, &calls, NULL, NULL));
    assert_non_null(strstr(calls, "run --json -g 0 --train-dir "));
    assert_non_null(strstr(calls, "--set env.seed=778 --set env.run_name='NAME_penalty_0.001_"
                                  "trail_2' --set search.penalty=0.001"));
}

static void test_failures_leave_a_note_and_the_rest_goes_on(void **state)
{
    Fixture *f = *state;
    const char *const values[] = {"1", "2", "0", NULL};
    g_autoptr(QtrTable) table = NULL;
    g_autofree char *path = NULL;
    g_autofree char *note = NULL;

    assert_int_equal(run_grid(f, params_of(f, one_device), values, 1), QTR_ERROR_PARTIAL + 1);
    table = load_summary(f);
    assert_string_equal(cell(table, 0, "state"), "failed");
    assert_string_equal(cell(table, 0, "reason"), "exit code 1: the disk is full");
    assert_non_null(strstr(cell(table, 1, "reason"), "killed by signal 9"));
    assert_string_equal(cell(table, 2, "state"), "done");
    path = g_build_filename(f->dir, cell(table, 0, "search folder"), "ERROR.txt", NULL);
    assert_true(g_file_get_contents(path, &note, NULL, NULL));
    assert_non_null(strstr(note, "exit code 1"));
    assert_non_null(strstr(note, "about to fail\nthe disk is full\n"));
}

static void test_second_start_repeats_only_what_failed(void **state)
{
    Fixture *f = *state;
    const char *const values[] = {"0", "1", NULL};
    QtrBatchParams params = params_of(f, one_device);

    assert_int_equal(run_grid(f, params, values, 1), QTR_ERROR_PARTIAL + 1);
    assert_int_equal(count_calls(f), 2);
    assert_int_equal(run_grid(f, params, values, 1), QTR_ERROR_PARTIAL + 1);
    assert_int_equal(count_calls(f), 2);
    params.retry_failed = TRUE;
    assert_int_equal(run_grid(f, params, values, 1), QTR_ERROR_PARTIAL + 1);
    assert_int_equal(count_calls(f), 3);
    assert_int_equal(run_grid(f, params, (const char *const[]){"0", "5", NULL}, 1), 0);
    assert_int_equal(count_calls(f), 4);
}

static void test_stopped_trials_go_on_later(void **state)
{
    Fixture *f = *state;
    const char *const values[] = {"3", "0", NULL};
    g_autoptr(QtrTable) table = NULL;
    g_autofree char *waiting = g_build_filename(f->root, "waiting", NULL);
    g_autofree char *calls = NULL;

    assert_int_equal(run_grid(f, params_of(f, one_device), values, 1), QTR_ERROR_CANCELLED + 1);
    assert_int_equal(count_calls(f), 1);
    table = load_summary(f);
    assert_string_equal(cell(table, 0, "state"), "queued");
    assert_int_equal(run_grid(f, params_of(f, one_device), values, 1), QTR_ERROR_CANCELLED + 1);
    assert_true(g_file_get_contents(f->calls, &calls, NULL, NULL));
    assert_null(strstr(calls, "--resume")); /* the flag is still up: nothing was begun */
    g_unlink(waiting);
    f->stop = 0;
    assert_int_equal(run_grid(f, params_of(f, one_device), values, 1), QTR_ERROR_CANCELLED + 1);
    g_clear_pointer(&calls, g_free);
    assert_true(g_file_get_contents(f->calls, &calls, NULL, NULL));
    assert_non_null(strstr(calls, "--resume "));
}

static void test_two_devices_side_by_side(void **state)
{
    Fixture *f = *state;
    const char *const values[] = {"0", "7", "5", "6", NULL};
    g_autofree char *calls = NULL;

    assert_int_equal(run_grid(f, params_of(f, two_devices), values, 1), 0);
    assert_true(g_file_get_contents(f->calls, &calls, NULL, NULL));
    assert_non_null(strstr(calls, "-g 0 "));
    assert_non_null(strstr(calls, "-g 1 "));
}

static void test_program_that_is_not_there(void **state)
{
    Fixture *f = *state;
    const char *const values[] = {"0", NULL};

    g_unlink(f->script);
    assert_int_equal(run_grid(f, params_of(f, one_device), values, 1), QTR_ERROR_PARTIAL + 1);
}

static void test_another_configuration_is_refused(void **state)
{
    Fixture *f = *state;
    const char *const values[] = {"0", NULL};
    QtrBatchParams params = params_of(f, one_device);

    assert_int_equal(run_grid(f, params, values, 1), 0);
    params.config_text = "search:\n  epochs: 3\n";
    assert_int_equal(run_grid(f, params, values, 1), QTR_ERROR_USAGE + 1);
    params.name = "OTHER";
    assert_int_equal(run_grid(f, params, values, 1), 0);
}

static void test_one_process_at_a_time(void **state)
{
    Fixture *f = *state;
    QtrBatchParams params = params_of(f, one_device);
    g_autoptr(QtrBatch) batch = qtr_batch_new(&params, NULL);
    g_autoptr(GError) error = NULL;

    assert_non_null(batch);
    assert_null(qtr_batch_new(&params, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
}

static void test_damaged_state_is_an_error(void **state)
{
    Fixture *f = *state;
    const char *const texts[] = {
        "{",
        "{\"format\": 1}",
        "{\"format\": 2, \"trials\": []}",
        "{\"format\": {}, \"trials\": []}",
        "{\"format\": 1, \"trials\": [3]}",
        "{\"format\": 1, \"trials\": [{\"id\": \"a\", \"name\": \"b\", \"key\": \"c\", "
        "\"value\": \"d\", \"folder\": \"../../etc\", \"state\": \"done\"}]}"};
    g_autofree char *path = g_build_filename(f->dir, "batch.json", NULL);

    assert_int_equal(g_mkdir_with_parents(f->dir, 0755), 0);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        QtrBatchParams params = params_of(f, one_device);
        g_autoptr(GError) error = NULL;

        assert_true(qtr_file_write(path, texts[i], strlen(texts[i]), NULL));
        assert_null(qtr_batch_new(&params, &error));
        assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_FORMAT));
        assert_non_null(strstr(error->message, "batch.json"));
    }
}

/* A grid of `key` under `name`. */
static int run_key(Fixture *f, const char *name, const char *key, const char *const *values,
                   int repeat)
{
    QtrBatchParams params = params_of(f, one_device);
    g_autoptr(QtrBatch) batch = NULL;
    g_autoptr(GError) error = NULL;

    params.name = name;
    batch = qtr_batch_new(&params, &error);
    assert_non_null(batch);
    qtr_batch_add_grid(batch, "search", key, values, repeat, 777);
    return qtr_batch_run(batch, &error) ? 0 : error->code + 1;
}

static int resume_all(Fixture *f, gboolean retry_failed)
{
    QtrBatchParams params = params_of(f, two_devices);
    g_autoptr(QtrBatch) batch = NULL;
    g_autoptr(GError) error = NULL;

    params.name = params.config_text = NULL;
    params.retry_failed = retry_failed;
    batch = qtr_batch_new(&params, &error);
    if (batch) {
        qtr_batch_add_all(batch);
        if (qtr_batch_run(batch, &error))
            return 0;
    }
    return error->code + 1;
}

/* Several keys under one name, several names, a grid that is not rectangular: what goes on are the
 * trials there are, with their own configuration, and no others. */
static void test_resumed_batch_has_the_trials_it_had(void **state)
{
    Fixture *f = *state;
    g_autofree char *calls = NULL;
    g_autoptr(GPtrArray) trials = NULL;

    assert_int_equal(run_key(f, "N", "penalty", (const char *const[]){"1", "5", NULL}, 1),
                     QTR_ERROR_PARTIAL + 1);
    f->stop = 1;
    assert_int_equal(run_key(f, "N", "w_lr", (const char *const[]){"0.1", NULL}, 2),
                     QTR_ERROR_CANCELLED + 1);
    assert_int_equal(run_key(f, "M", "penalty", (const char *const[]){"7", NULL}, 1),
                     QTR_ERROR_CANCELLED + 1);
    f->stop = 0;
    g_unlink(f->calls);
    assert_int_equal(resume_all(f, FALSE), QTR_ERROR_PARTIAL + 1);
    assert_int_equal(count_calls(f), 3);
    assert_true(g_file_get_contents(f->calls, &calls, NULL, NULL));
    assert_non_null(strstr(calls, "/config_N.yaml"));
    assert_non_null(strstr(calls, "/config_M.yaml"));
    assert_non_null(strstr(calls, "env.seed=778 --set env.run_name='N_w_lr_0.1_trail_2' --set "
                                  "search.w_lr=0.1"));
    assert_int_equal(resume_all(f, TRUE), QTR_ERROR_PARTIAL + 1);
    assert_int_equal(count_calls(f), 4);
    trials = qtr_batch_read(f->dir, NULL);
    assert_int_equal(trials->len, 5);
    assert_int_equal(run_key(f, "N", "penalty", (const char *const[]){"5", NULL}, 1), 0);
    assert_int_equal(count_calls(f), 4);
}

static void test_nothing_to_resume(void **state)
{
    Fixture *f = *state;
    QtrBatchParams params = params_of(f, one_device);
    g_autoptr(GError) error = NULL;

    params.name = params.config_text = NULL;
    assert_null(qtr_batch_new(&params, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    assert_non_null(strstr(error->message, f->dir));
    assert_false(g_file_test(f->dir, G_FILE_TEST_EXISTS));
}

/* The glyphs of all that is written in the plot. */
static int count_glyphs(const Fixture *f)
{
    g_autofree char *path = g_build_filename(f->dir, "pareto.svg", NULL);
    g_autofree char *text = NULL;
    int n = 0;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    for (const char *at = text; (at = strstr(at, "<use ")); at++)
        n++;
    return n;
}

static void move_aside(Fixture *f, const char *name)
{
    g_free(f->dir);
    f->dir = g_build_filename(f->root, "logs", name, NULL);
}

/* Three plots of two points at the same place: only what their labels say is different. */
static void test_trials_of_several_keys_are_told_apart(void **state)
{
    Fixture *f = *state;
    const char *const values[] = {"9", NULL};
    int alike; /* "9 #1", "9 #2" */

    assert_int_equal(run_key(f, "N", "penalty", values, 2), 0);
    alike = count_glyphs(f);
    move_aside(f, "keys");
    assert_int_equal(run_key(f, "N", "penalty", values, 1), 0);
    assert_int_equal(run_key(f, "N", "w_lr", values, 1), 0);
    assert_true(count_glyphs(f) >= alike + (int)strlen("penalty"
                                                       "w_lr"));
    move_aside(f, "names");
    assert_int_equal(run_key(f, "one", "penalty", values, 1), 0);
    assert_int_equal(run_key(f, "another", "penalty", values, 1), 0);
    assert_true(count_glyphs(f) >= alike + (int)strlen("one"
                                                       "another"));
}

/* Holds the lock of the batch as another process would, with this text in it. */
static QtrBatchRunner runner_with(const Fixture *f, const char *text, gboolean locked, int *pid)
{
    g_autofree char *path = g_build_filename(f->dir, ".lock", NULL);
    QtrBatchRunner runner;
    int fd;

    assert_int_equal(g_mkdir_with_parents(f->dir, 0755), 0);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    fd = g_open(path, O_RDWR | O_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (locked)
        assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    runner = qtr_batch_runner(f->dir, pid);
    (void)close(fd);
    return runner;
}

/* The number of a process of another computer is that of a stranger here. */
static void test_batch_of_another_computer(void **state)
{
    Fixture *f = *state;
    g_autofree char *here = g_strdup_printf("%d %s\n", (int)getpid(), g_get_host_name());
    g_autofree char *there = g_strdup_printf("%d not-%s\n", (int)getpid(), g_get_host_name());
    g_autofree char *nowhere = g_strdup_printf("%d\n", (int)getpid());
    int pid = -1;

    assert_int_equal(runner_with(f, there, TRUE, &pid), QTR_BATCH_ELSEWHERE);
    assert_int_equal(pid, 0);
    assert_int_equal(runner_with(f, nowhere, TRUE, &pid), QTR_BATCH_ELSEWHERE);
    assert_int_equal(pid, 0);
    assert_int_equal(runner_with(f, here, TRUE, &pid), QTR_BATCH_HERE);
    assert_int_equal(pid, (int)getpid());
    assert_int_equal(runner_with(f, here, FALSE, &pid), QTR_BATCH_IDLE);
    assert_int_equal(runner_with(f, there, FALSE, &pid), QTR_BATCH_IDLE);
    assert_int_equal(pid, 0);
}

typedef struct {
    Fixture *f;
    gboolean paused, ended;
    int reports; /* since the first trial ended */
} Pause;

static QtrTrialState state_in_file(const char *dir, guint trial)
{
    g_autoptr(GPtrArray) trials = qtr_batch_read(dir, NULL);

    assert_non_null(trials);
    return ((QtrTrial *)g_ptr_array_index(trials, trial))->state;
}

/* Pauses while the first trial waits, lets it end, and ends the pause once the batch has had the
 * chance to begin another: between two reports it looks for trials to begin. */
static void pause_a_while(const QtrProgress *progress, gpointer user_data)
{
    Pause *pause = user_data;
    const char *dir = pause->f->dir;
    int pid;

    assert_int_equal(qtr_batch_runner(dir, &pid), QTR_BATCH_HERE);
    assert_int_equal(pid, (int)getpid());
    if (!pause->paused) {
        g_autofree char *go = g_build_filename(pause->f->root, "go", NULL);

        assert_int_equal(state_in_file(dir, 0), QTR_TRIAL_RUNNING);
        assert_true(qtr_batch_set_paused(dir, TRUE, NULL));
        assert_true(g_file_set_contents(go, "", 0, NULL));
        pause->paused = TRUE;
    } else if (!pause->ended) {
        pause->ended = state_in_file(dir, 0) == QTR_TRIAL_DONE;
    } else if (++pause->reports == 2) {
        assert_int_equal(state_in_file(dir, 1), QTR_TRIAL_QUEUED);
        assert_int_equal(count_calls(pause->f), 1);
        assert_true(qtr_batch_set_paused(dir, FALSE, NULL));
    }
}

static void test_paused_batch_begins_nothing(void **state)
{
    Fixture *f = *state;
    const char *const values[] = {"4", "0", NULL};
    QtrBatchParams params = params_of(f, one_device);
    Pause pause = {f, FALSE, FALSE, 0};
    int pid;

    /* What an earlier batch left is no pause of this one. */
    assert_int_equal(g_mkdir_with_parents(f->dir, 0755), 0);
    assert_true(qtr_batch_set_paused(f->dir, TRUE, NULL));
    params.progress = pause_a_while;
    params.progress_data = &pause;
    assert_int_equal(run_grid(f, params, values, 1), 0);
    assert_true(pause.reports >= 2);
    assert_int_equal(count_calls(f), 2);
    assert_int_equal(qtr_batch_runner(f->dir, &pid), QTR_BATCH_IDLE);
    assert_int_equal(state_in_file(f->dir, 1), QTR_TRIAL_DONE);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_grid_in_its_folders),
        CASE(test_failures_leave_a_note_and_the_rest_goes_on),
        CASE(test_second_start_repeats_only_what_failed),
        CASE(test_stopped_trials_go_on_later),
        CASE(test_two_devices_side_by_side),
        CASE(test_program_that_is_not_there),
        CASE(test_another_configuration_is_refused),
        CASE(test_one_process_at_a_time),
        CASE(test_damaged_state_is_an_error),
        CASE(test_paused_batch_begins_nothing),
        CASE(test_resumed_batch_has_the_trials_it_had),
        CASE(test_nothing_to_resume),
        CASE(test_trials_of_several_keys_are_told_apart),
        CASE(test_batch_of_another_computer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
