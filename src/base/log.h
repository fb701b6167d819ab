#pragma once
#include <glib.h>
#include <stdio.h>

/* A logger that is passed around; there is no global one. Thread-safe. A NULL QtrLog is silent.
 * Every line goes to the sinks added, with a time stamp in files and without on terminals. */
typedef struct QtrLog QtrLog;

typedef enum { QTR_LOG_DEBUG, QTR_LOG_INFO, QTR_LOG_WARNING, QTR_LOG_ERROR } QtrLogLevel;

/* Called under the log's lock with one line without a newline. */
typedef void (*QtrLogSink)(QtrLogLevel level, const char *line, gpointer user_data);

QtrLog *qtr_log_new(void);
void qtr_log_free(QtrLog *log); /* NULL-safe; does not close streams */

/* Lines of at least `min` go to `stream` (borrowed), e.g. stderr or a run's log.txt. */
void qtr_log_add_stream(QtrLog *log, FILE *stream, QtrLogLevel min, gboolean with_time);
void qtr_log_add_sink(QtrLog *log, QtrLogSink sink, QtrLogLevel min, gpointer user_data);
void qtr_log_remove_stream(QtrLog *log, FILE *stream);
void qtr_log_remove_sink(QtrLog *log, QtrLogSink sink, gpointer user_data);

/* The warnings since the last call, at most the first hundred, ended by NULL (g_strfreev): for a
 * file that could not be opened before. */
char **qtr_log_take_warnings(QtrLog *log);

void qtr_log(QtrLog *log, QtrLogLevel level, const char *format, ...) G_GNUC_PRINTF(3, 4);
#define qtr_debug(log, ...) qtr_log((log), QTR_LOG_DEBUG, __VA_ARGS__)
#define qtr_info(log, ...) qtr_log((log), QTR_LOG_INFO, __VA_ARGS__)
#define qtr_warning(log, ...) qtr_log((log), QTR_LOG_WARNING, __VA_ARGS__)
