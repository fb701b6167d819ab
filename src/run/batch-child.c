#include "run/batch-private.h"

#include "base/error.h"
#include "base/file.h"
#include "run/folder.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define TAIL_LINES 30
#define TAIL_BYTES 16384

struct QtrChild {
    QtrBatch *batch;
    QtrTrial *trial;
    GSubprocess *process;
    GDataInputStream *out;
    GCancellable
        *cancellable; /* of the two operations pending, which once cancelled ignore the child */
    char *stderr_path, *command;
    char *phase;
    double fraction; /* of the phase */
    gint64 start;
    gboolean stopping;
    QtrChildDone done;
    gpointer user_data;
};

/* Shares of the work, roughly as they take time. */
static const struct {
    const char *phase;
    double begin, share;
} phases[] = {{"search", 0.0, 0.5}, {"train", 0.5, 0.45}, {"validate", 0.95, 0.05}};

QtrTrial *qtr_child_trial(const QtrChild *child)
{
    return child->trial;
}

const char *qtr_child_phase(const QtrChild *child)
{
    return child->phase ? child->phase : "starting";
}

double qtr_child_fraction(const QtrChild *child)
{
    for (gsize i = 0; i < G_N_ELEMENTS(phases); i++)
        if (g_strcmp0(child->phase, phases[i].phase) == 0)
            return phases[i].begin + phases[i].share * child->fraction;
    return 0;
}

/* Runs in the child before exec: only async-signal-safe calls. Its own process group keeps the
 * terminal's Ctrl-C from reaching it twice; it is not to outlive the batch, so that a second
 * Ctrl-C, which ends the batch at once, ends it as well; and the batch's blocked signals are not
 * its own. */
static void set_up_child(gpointer user_data)
{
    sigset_t none;

    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGINT);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The last lines of the trial's standard error; empty if there are none. */
static char *read_tail(const char *path)
{
    g_autofree char *text = NULL;
    g_autofree char *valid = NULL;
    FILE *file = g_fopen(path, "rb");
    gsize n = 0;
    char *begin;
    long size;

    if (!file)
        return g_strdup("");
    text = g_malloc0(TAIL_BYTES + 1);
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0 &&
        fseek(file, MAX(0L, size - TAIL_BYTES), SEEK_SET) == 0)
        n = fread(text, 1, TAIL_BYTES, file);
    (void)fclose(file);
    text[n] = '\0';
    valid = g_utf8_make_valid(g_strchomp(text), -1);
    begin = valid + strlen(valid);
    for (int lines = 0; begin > valid; begin--)
        if (begin[-1] == '\n' && ++lines == TAIL_LINES)
            break;
    return g_strdup(begin);
}

static char *last_line(const char *text)
{
    const char *end = strrchr(text, '\n');

    return g_strdup(end ? end + 1 : text);
}

static void write_failure(QtrChild *child, const char *tail)
{
    g_autofree char *dir = qtr_trial_first_dir(child->batch, child->trial);
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_ERROR);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *date = g_date_time_format(now, "%Y-%m-%d %H:%M:%S");
    g_autofree char *text = g_strdup_printf(
        "%s\n%s\ncommand: %s\ndevice: %s\n\nlast lines of %s:\n%s\n", date, child->trial->reason,
        child->command, child->trial->device, child->stderr_path, tail);
    g_autoptr(GError) error = NULL;

    if (!qtr_file_write(path, text, strlen(text), &error))
        qtr_warning(child->batch->log, "%s", error->message);
}

static void fail(QtrChild *child, char *reason)
{
    g_autofree char *tail = read_tail(child->stderr_path);
    g_autofree char *last = last_line(tail);

    child->trial->state = QTR_TRIAL_FAILED;
    g_free(child->trial->reason);
    child->trial->reason = *last ? g_strdup_printf("%s: %s", reason, last) : g_strdup(reason);
    write_failure(child, tail);
    g_free(reason);
}

static void settle(QtrChild *child)
{
    QtrTrial *trial = child->trial;
    g_autofree char *dir = qtr_trial_first_dir(child->batch, trial);

    trial->seconds = (double)(g_get_monotonic_time() - child->start) / G_USEC_PER_SEC;
    if (g_subprocess_get_if_signaled(child->process)) {
        int number = g_subprocess_get_term_sig(child->process);

        if (child->stopping)
            trial->state = QTR_TRIAL_QUEUED;
        else
            fail(child, g_strdup_printf("killed by signal %d (%s)", number, g_strsignal(number)));
    } else {
        int code = g_subprocess_get_exit_status(child->process);

        if (code == 0) {
            (void)qtr_folder_clear_failure(dir, NULL);
            trial->state = QTR_TRIAL_DONE;
        } else if (code == QTR_EXIT_INTERRUPTED && child->stopping) {
            trial->state = QTR_TRIAL_QUEUED;
        } else {
            fail(child, g_strdup_printf("exit code %d", code));
        }
    }
}

static void on_ended(GObject *source, GAsyncResult *result, gpointer user_data)
{
    QtrChild *child = user_data;
    g_autoptr(GError) error = NULL;

    if (!g_subprocess_wait_finish(G_SUBPROCESS(source), result, &error)) {
        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
            return;
        fail(child, g_strdup(error->message));
    } else {
        settle(child);
    }
    child->done(child, child->user_data);
}

/* Only progress is of interest: {"type": "progress", "phase": ..., "done": ..., "total": ...}. */
static void read_progress(QtrChild *child, const char *line)
{
    g_autoptr(JsonNode) node = json_from_string(line, NULL);
    JsonObject *object = node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    JsonNode *phase = object ? json_object_get_member(object, "phase") : NULL;
    JsonNode *done = object ? json_object_get_member(object, "done") : NULL;
    JsonNode *total = object ? json_object_get_member(object, "total") : NULL;

    if (!phase || !done || !total || !JSON_NODE_HOLDS_VALUE(phase) ||
        !JSON_NODE_HOLDS_VALUE(done) || !JSON_NODE_HOLDS_VALUE(total) ||
        !json_node_get_string(phase))
        return;
    g_free(child->phase);
    child->phase = g_strdup(json_node_get_string(phase));
    child->fraction = json_node_get_double(total) > 0
                          ? json_node_get_double(done) / json_node_get_double(total)
                          : 0;
    child->fraction = CLAMP(child->fraction, 0.0, 1.0);
}

static void on_line(GObject *source, GAsyncResult *result, gpointer user_data)
{
    QtrChild *child = user_data;
    g_autoptr(GError) error = NULL;
    g_autofree char *line =
        g_data_input_stream_read_line_finish(G_DATA_INPUT_STREAM(source), result, NULL, &error);

    if (!line) /* its end, or the child is freed */
        return;
    read_progress(child, line);
    g_data_input_stream_read_line_async(child->out, G_PRIORITY_DEFAULT, child->cancellable, on_line,
                                        child);
}

static GSubprocess *spawn(QtrChild *child, GPtrArray *argv, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE);

    g_subprocess_launcher_set_stderr_file_path(launcher, child->stderr_path);
    g_subprocess_launcher_set_child_setup(launcher, set_up_child, NULL, NULL);
    return g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, error);
}

QtrChild *qtr_child_start(QtrBatch *batch, QtrTrial *trial, const char *device, QtrChildDone done,
                          gpointer user_data, GError **error)
{
    QtrChild *child = g_new0(QtrChild, 1);
    g_autoptr(GPtrArray) argv = NULL;
    g_autofree char *dir = NULL;

    child->batch = batch;
    child->trial = trial;
    child->done = done;
    child->user_data = user_data;
    child->start = g_get_monotonic_time();
    child->cancellable = g_cancellable_new();
    g_free(trial->device);
    trial->device = g_strdup(device);
    if (!qtr_trial_make_folders(batch, trial, error))
        goto failed;
    dir = qtr_trial_first_dir(batch, trial);
    child->stderr_path = g_build_filename(dir, "stderr.txt", NULL);
    argv = qtr_trial_make_command(batch, trial, device, error);
    if (!argv)
        goto failed;
    child->command = g_strjoinv(" ", (char **)argv->pdata);
    child->process = spawn(child, argv, error);
    if (!child->process)
        goto failed;
    trial->state = QTR_TRIAL_RUNNING;
    g_clear_pointer(&trial->reason, g_free);
    child->out = g_data_input_stream_new(g_subprocess_get_stdout_pipe(child->process));
    g_data_input_stream_read_line_async(child->out, G_PRIORITY_DEFAULT, child->cancellable, on_line,
                                        child);
    g_subprocess_wait_async(child->process, child->cancellable, on_ended, child);
    return child;
failed:
    if (dir)
        (void)qtr_folder_write_failure(dir, *error, NULL);
    qtr_child_free(child);
    return NULL;
}

void qtr_child_stop(QtrChild *child)
{
    if (child->stopping)
        return;
    child->stopping = TRUE;
    g_subprocess_send_signal(child->process, SIGTERM);
}

void qtr_child_free(QtrChild *child)
{
    g_cancellable_cancel(child->cancellable);
    g_clear_object(&child->cancellable);
    g_clear_object(&child->out);
    g_clear_object(&child->process);
    g_free(child->stderr_path);
    g_free(child->command);
    g_free(child->phase);
    g_free(child);
}
