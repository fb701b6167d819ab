#include "qtr-process.h"

#include "base/error.h"
#include "base/file.h"
#include "qtr-priority.h"
#include "qtr-settings.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define STDERR_MAX (1 << 20)

struct _QtrProcess {
    GObject parent_instance;

    QtrProcessKind kind;
    GSubprocess *process;
    GDataInputStream *output; /* of an answer, NULL at its end */
    GCancellable *cancellable;
    char *stderr_path; /* of a run */
    char *failure;
    gboolean exited, finished;
    int code;
};

G_DEFINE_FINAL_TYPE(QtrProcess, qtr_process, G_TYPE_OBJECT)

enum { SIGNAL_MESSAGE, SIGNAL_FINISHED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void read_next(QtrProcess *self);

/* The last line that says something, without the program's own prefix. */
static char *last_line(char *text)
{
    char *line;

    g_strchomp(text);
    line = strrchr(text, '\n');
    line = line ? line + 1 : text;
    if (g_str_has_prefix(line, "error: "))
        line += strlen("error: ");
    return *line ? g_utf8_make_valid(line, -1) : NULL;
}

static void describe_failure(QtrProcess *self)
{
    g_autofree char *text = NULL;
    gsize size;

    if (self->code == 0 || self->failure)
        return;
    if (self->stderr_path && (text = qtr_file_read(self->stderr_path, STDERR_MAX, &size, NULL)))
        self->failure = last_line(text);
    if (!self->failure && self->code > 128 && self->code != QTR_EXIT_INTERRUPTED)
        self->failure = g_strdup_printf(_("The process was ended by signal %d (%s)."),
                                        self->code - 128, g_strsignal(self->code - 128));
    else if (!self->failure && self->code == QTR_EXIT_INTERRUPTED)
        self->failure = g_strdup(_("Stopped; what was done is saved."));
    else if (!self->failure)
        self->failure = g_strdup_printf(_("The process ended with status %d."), self->code);
}

static void finish_if_done(QtrProcess *self)
{
    if (!self->exited || self->output || self->finished)
        return;
    self->finished = TRUE;
    describe_failure(self);
    g_signal_emit(self, signals[SIGNAL_FINISHED], 0);
}

static void take_line(QtrProcess *self, const char *line)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonNode *root;
    JsonObject *object;

    if (!json_parser_load_from_data(parser, line, -1, NULL))
        return; /* a driver's own chatter */
    root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root))
        return;
    object = json_node_get_object(root);
    if (g_strcmp0(json_object_get_string_member_with_default(object, "type", ""), "error") == 0) {
        g_free(self->failure);
        self->failure = g_strdup(json_object_get_string_member_with_default(object, "message", ""));
    }
    g_signal_emit(self, signals[SIGNAL_MESSAGE], 0, object);
}

static void on_line(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(QtrProcess) self = user_data;
    g_autoptr(GError) error = NULL;
    g_autofree char *line = g_data_input_stream_read_line_finish_utf8(G_DATA_INPUT_STREAM(source),
                                                                      result, NULL, &error);

    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (line) {
        take_line(self, line);
        read_next(self);
        return;
    }
    if (error && error->domain == G_CONVERT_ERROR) {
        read_next(self);
        return;
    }
    g_clear_object(&self->output);
    finish_if_done(self);
}

static void read_next(QtrProcess *self)
{
    if (self->output)
        g_data_input_stream_read_line_async(self->output, G_PRIORITY_DEFAULT_IDLE,
                                            self->cancellable, on_line, g_object_ref(self));
}

static void on_exited(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(QtrProcess) self = user_data;
    GSubprocess *process = G_SUBPROCESS(source);

    if (!g_subprocess_wait_finish(process, result, NULL))
        return;
    self->exited = TRUE;
    self->code = g_subprocess_get_if_exited(process) ? g_subprocess_get_exit_status(process)
                                                     : 128 + g_subprocess_get_term_sig(process);
    finish_if_done(self);
}

typedef enum {
    SETUP_OWN_SESSION = 1 << 0,
    SETUP_GIVE_WAY = 1 << 1,
} Setup;

/* Between fork and exec: only async-signal-safe calls. */
static void set_up(gpointer setup)
{
    if (GPOINTER_TO_UINT(setup) & SETUP_OWN_SESSION)
        (void)setsid();
    if (GPOINTER_TO_UINT(setup) & SETUP_GIVE_WAY)
        qtr_priority_lower(GPOINTER_TO_UINT(setup) & SETUP_OWN_SESSION);
}

static GSubprocessLauncher *make_launcher(QtrProcess *self, const char *folder, GError **error)
{
    gboolean run = self->kind == QTR_PROCESS_RUN;
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        run ? G_SUBPROCESS_FLAGS_STDOUT_SILENCE
            : G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    g_autoptr(GSettings) settings = qtr_settings_new();
    guint setup = run ? SETUP_OWN_SESSION : 0;

    if (g_settings_get_boolean(settings, "runs-give-way"))
        setup |= SETUP_GIVE_WAY;
    if (setup)
        g_subprocess_launcher_set_child_setup(launcher, set_up, GUINT_TO_POINTER(setup), NULL);
    if (folder)
        g_subprocess_launcher_set_cwd(launcher, folder);
    if (run) {
        int fd = g_file_open_tmp("quantoaster-XXXXXX.log", &self->stderr_path, error);

        if (fd < 0)
            return NULL;
        close(fd);
        g_subprocess_launcher_set_stderr_file_path(launcher, self->stderr_path);
    }
    return g_steal_pointer(&launcher);
}

QtrProcess *qtr_process_new(QtrProcessKind kind, const char *const *args, const char *folder,
                            GError **error)
{
    g_autoptr(QtrProcess) self = g_object_new(QTR_TYPE_PROCESS, NULL);
    g_autofree char *program = qtr_settings_program();
    g_autoptr(GSubprocessLauncher) launcher = NULL;
    g_autoptr(GPtrArray) argv = g_ptr_array_new();

    self->kind = kind;
    launcher = make_launcher(self, folder, error);
    if (!launcher)
        return NULL;
    g_ptr_array_add(argv, program);
    g_ptr_array_add(argv, (gpointer) "--headless");
    for (; *args; args++)
        g_ptr_array_add(argv, (gpointer)*args);
    g_ptr_array_add(argv, NULL);
    self->process = g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, error);
    if (!self->process)
        return NULL;
    if (kind == QTR_PROCESS_ANSWER)
        self->output = g_data_input_stream_new(g_subprocess_get_stdout_pipe(self->process));
    g_subprocess_wait_async(self->process, self->cancellable, on_exited, g_object_ref(self));
    read_next(self);
    return g_steal_pointer(&self);
}

gboolean qtr_process_is_running(QtrProcess *child)
{
    return !child->exited;
}

int qtr_process_get_code(QtrProcess *child)
{
    return child->code;
}

const char *qtr_process_get_failure(QtrProcess *child)
{
    return child->finished ? child->failure : NULL;
}

void qtr_process_stop(QtrProcess *child)
{
    if (!child->exited)
        g_subprocess_send_signal(child->process, SIGTERM);
}

void qtr_process_kill(QtrProcess *child)
{
    if (!child->exited)
        g_subprocess_force_exit(child->process);
}

static void qtr_process_finalize(GObject *object)
{
    QtrProcess *self = QTR_PROCESS(object);

    if (self->stderr_path)
        (void)g_unlink(self->stderr_path);
    g_clear_object(&self->output);
    g_clear_object(&self->process);
    g_clear_object(&self->cancellable);
    g_free(self->stderr_path);
    g_free(self->failure);
    G_OBJECT_CLASS(qtr_process_parent_class)->finalize(object);
}

static void qtr_process_class_init(QtrProcessClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = qtr_process_finalize;
    signals[SIGNAL_MESSAGE] = g_signal_new("message", QTR_TYPE_PROCESS, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
    signals[SIGNAL_FINISHED] = g_signal_new("finished", QTR_TYPE_PROCESS, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void qtr_process_init(QtrProcess *self)
{
    self->cancellable = g_cancellable_new();
    self->code = -1;
}
