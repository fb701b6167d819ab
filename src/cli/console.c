#include "cli/console.h"

#include "base/json.h"
#include "cli/bar.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PLAIN_SECONDS 10
#define BAR_SECONDS 0.1

typedef struct {
    char *phase;
    gint64 time; /* monotonic microseconds */
} LastProgress;

struct QtrConsole {
    QtrConsoleParams params;
    gboolean bar;
    QtrBarStyle style;
    QtrLog *log;
    GMutex mutex;                       /* guards what follows and the streams */
    char *shown;                        /* the bar now on the screen, or NULL */
    LastProgress shown_last, json_last; /* on the screen, and as JSON */
};

static int terminal_columns(int fd)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static gboolean terminal_can_bar(FILE *stream)
{
    const char *term = g_getenv("TERM");

    return isatty(fileno(stream)) && term && *term && strcmp(term, "dumb") != 0;
}

static void erase_bar(QtrConsole *console)
{
    if (!console->shown)
        return;
    fputs("\r\033[K", console->params.err);
    fflush(console->params.err);
}

static void redraw_bar(QtrConsole *console)
{
    if (!console->shown)
        return;
    fprintf(console->params.err, "\r\033[K%s", console->shown);
    fflush(console->params.err);
}

static void log_line(QtrLogLevel level, const char *line, gpointer user_data)
{
    static const char *const prefix[] = {"", "", "warning: ", "error: "};
    static const char *const colour[] = {"\033[2m", "", "\033[33m", "\033[31m"};
    QtrConsole *console = user_data;
    gboolean coloured = console->bar && console->style.colour && *colour[level];

    g_mutex_lock(&console->mutex);
    erase_bar(console);
    fprintf(console->params.err, "%s%s%s%s\n", coloured ? colour[level] : "", prefix[level], line,
            coloured ? "\033[0m" : "");
    fflush(console->params.err);
    redraw_bar(console);
    g_mutex_unlock(&console->mutex);
}

QtrConsole *qtr_console_new(const QtrConsoleParams *params)
{
    QtrConsole *console = g_new0(QtrConsole, 1);
    const char *no_colour = g_getenv("NO_COLOR");

    console->params = *params;
    console->bar = params->bar < 0 ? terminal_can_bar(params->err) : params->bar > 0;
    console->style.colour = !(no_colour && *no_colour);
    console->style.utf8 = g_get_charset(NULL);
    console->log = qtr_log_new();
    g_mutex_init(&console->mutex);
    qtr_log_add_sink(console->log, log_line,
                     params->quiet     ? QTR_LOG_WARNING
                     : params->verbose ? QTR_LOG_DEBUG
                                       : QTR_LOG_INFO,
                     console);
    return console;
}

void qtr_console_free(QtrConsole *console)
{
    if (!console)
        return;
    erase_bar(console);
    qtr_log_free(console->log);
    g_mutex_clear(&console->mutex);
    g_free(console->shown);
    g_free(console->shown_last.phase);
    g_free(console->json_last.phase);
    g_free(console);
}

QtrLog *qtr_console_log(QtrConsole *console)
{
    return console->log;
}

static void write_json(QtrConsole *console, JsonObject *object)
{
    g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), object);
    g_autofree char *text = qtr_json_text(node, FALSE);

    fprintf(console->params.out, "%s\n", text);
    fflush(console->params.out);
}

static void progress_json(QtrConsole *console, const QtrProgress *progress)
{
    g_autoptr(JsonObject) object = json_object_new();

    json_object_set_string_member(object, "type", "progress");
    json_object_set_string_member(object, "phase", progress->phase);
    json_object_set_double_member(object, "done", progress->done);
    json_object_set_double_member(object, "total", progress->total);
    if (progress->eta >= 0)
        json_object_set_double_member(object, "eta", progress->eta);
    else
        json_object_set_null_member(object, "eta");
    if (progress->detail)
        json_object_set_string_member(object, "detail", progress->detail);
    write_json(console, object);
}

/* Progress is shown at most every `seconds`, but always when the phase changes or ends. */
static gboolean is_due(LastProgress *last, double seconds, const QtrProgress *progress)
{
    gint64 now = g_get_monotonic_time();
    gboolean changes = g_strcmp0(last->phase, progress->phase) != 0;

    if (!changes && progress->done < progress->total &&
        (double)(now - last->time) < seconds * G_USEC_PER_SEC)
        return FALSE;
    last->time = now;
    if (changes) {
        g_free(last->phase);
        last->phase = g_strdup(progress->phase);
    }
    return TRUE;
}

void qtr_console_progress(const QtrProgress *progress, gpointer user_data)
{
    QtrConsole *console = user_data;

    g_mutex_lock(&console->mutex);
    if (console->params.json && is_due(&console->json_last, BAR_SECONDS, progress))
        progress_json(console, progress);
    if (!console->params.quiet &&
        is_due(&console->shown_last, console->bar ? BAR_SECONDS : PLAIN_SECONDS, progress)) {
        if (console->bar) {
            console->style.columns = terminal_columns(fileno(console->params.err));
            g_free(console->shown);
            console->shown = qtr_bar_render(progress, &console->style);
            redraw_bar(console);
        } else if (!console->params.json) {
            g_autofree char *line = qtr_bar_plain(progress);

            fprintf(console->params.err, "%s\n", line);
            fflush(console->params.err);
        }
    }
    g_mutex_unlock(&console->mutex);
}

static void forget_bar(QtrConsole *console)
{
    erase_bar(console);
    g_clear_pointer(&console->shown, g_free);
}

void qtr_console_print(QtrConsole *console, const char *format, ...)
{
    va_list args;

    if (console->params.json)
        return;
    g_mutex_lock(&console->mutex);
    forget_bar(console);
    va_start(args, format);
    vfprintf(console->params.out, format, args);
    va_end(args);
    fflush(console->params.out);
    g_mutex_unlock(&console->mutex);
}

/* The type comes first, where a reader of the stream looks for it. */
void qtr_console_result(QtrConsole *console, const char *type, JsonObject *object)
{
    g_autoptr(JsonObject) owned = object;
    g_autoptr(JsonObject) line = NULL;
    g_autoptr(GList) members = NULL;

    if (!console->params.json)
        return;
    line = json_object_new();
    json_object_set_string_member(line, "type", type);
    members = json_object_get_members(owned);
    for (GList *m = members; m; m = m->next)
        json_object_set_member(line, m->data, json_object_dup_member(owned, m->data));
    g_mutex_lock(&console->mutex);
    forget_bar(console);
    write_json(console, line);
    g_mutex_unlock(&console->mutex);
}

void qtr_console_error(QtrConsole *console, const GError *error, int exit_code)
{
    g_mutex_lock(&console->mutex);
    forget_bar(console);
    fprintf(console->params.err, "quantoaster: %s\n", error->message);
    fflush(console->params.err);
    if (console->params.json) {
        g_autoptr(JsonObject) object = json_object_new();

        json_object_set_string_member(object, "type", "error");
        json_object_set_int_member(object, "exit_code", exit_code);
        json_object_set_string_member(object, "message", error->message);
        write_json(console, object);
    }
    g_mutex_unlock(&console->mutex);
}
