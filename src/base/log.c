#include "base/log.h"

#include <string.h>

#define WARNINGS_MAX 100

typedef struct {
    FILE *stream;
    QtrLogSink sink;
    gpointer user_data;
    QtrLogLevel min;
    gboolean with_time;
} Target;

struct QtrLog {
    GMutex mutex;
    GArray *targets;     /* Target */
    GPtrArray *warnings; /* char*, not taken yet */
};

QtrLog *qtr_log_new(void)
{
    QtrLog *log = g_new0(QtrLog, 1);

    g_mutex_init(&log->mutex);
    log->targets = g_array_new(FALSE, FALSE, sizeof(Target));
    log->warnings = g_ptr_array_new_with_free_func(g_free);
    return log;
}

void qtr_log_free(QtrLog *log)
{
    if (!log)
        return;
    g_array_unref(log->targets);
    g_ptr_array_unref(log->warnings);
    g_mutex_clear(&log->mutex);
    g_free(log);
}

static void add_target(QtrLog *log, Target target)
{
    g_mutex_lock(&log->mutex);
    g_array_append_val(log->targets, target);
    g_mutex_unlock(&log->mutex);
}

void qtr_log_add_stream(QtrLog *log, FILE *stream, QtrLogLevel min, gboolean with_time)
{
    add_target(log, (Target){.stream = stream, .min = min, .with_time = with_time});
}

void qtr_log_add_sink(QtrLog *log, QtrLogSink sink, QtrLogLevel min, gpointer user_data)
{
    add_target(log, (Target){.sink = sink, .min = min, .user_data = user_data});
}

void qtr_log_remove_stream(QtrLog *log, FILE *stream)
{
    g_mutex_lock(&log->mutex);
    for (guint i = log->targets->len; i-- > 0;)
        if (g_array_index(log->targets, Target, i).stream == stream)
            g_array_remove_index(log->targets, i);
    g_mutex_unlock(&log->mutex);
}

void qtr_log_remove_sink(QtrLog *log, QtrLogSink sink, gpointer user_data)
{
    g_mutex_lock(&log->mutex);
    for (guint i = log->targets->len; i-- > 0;) {
        const Target *target = &g_array_index(log->targets, Target, i);

        if (target->sink == sink && target->user_data == user_data)
            g_array_remove_index(log->targets, i);
    }
    g_mutex_unlock(&log->mutex);
}

static void write_line(const Target *target, QtrLogLevel level, const char *line)
{
    static const char *const prefix[] = {"", "", "warning: ", "error: "};

    if (target->sink) {
        target->sink(level, line, target->user_data);
        return;
    }
    if (target->with_time) {
        g_autoptr(GDateTime) now = g_date_time_new_now_local();
        g_autofree char *stamp = g_date_time_format(now, "%Y-%m-%d %H:%M:%S ");

        fputs(stamp, target->stream);
    }
    fprintf(target->stream, "%s%s\n", prefix[level], line);
    fflush(target->stream);
}

void qtr_log(QtrLog *log, QtrLogLevel level, const char *format, ...)
{
    g_autofree char *line = NULL;
    va_list args;

    if (!log)
        return;
    va_start(args, format);
    line = g_strdup_vprintf(format, args);
    va_end(args);

    g_mutex_lock(&log->mutex);
    for (guint i = 0; i < log->targets->len; i++) {
        const Target *target = &g_array_index(log->targets, Target, i);

        if (level >= target->min)
            write_line(target, level, line);
    }
    if (level == QTR_LOG_WARNING && log->warnings->len < WARNINGS_MAX)
        g_ptr_array_add(log->warnings, g_steal_pointer(&line));
    g_mutex_unlock(&log->mutex);
}

char **qtr_log_take_warnings(QtrLog *log)
{
    char **taken;

    g_mutex_lock(&log->mutex);
    g_ptr_array_add(log->warnings, NULL);
    taken = (char **)g_ptr_array_steal(log->warnings, NULL);
    g_mutex_unlock(&log->mutex);
    return taken;
}
