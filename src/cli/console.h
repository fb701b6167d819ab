#pragma once
#include "run/job.h"

#include <json-glib/json-glib.h>

/* What a command shows: log lines and a progress bar on standard error, results on standard output.
 */
typedef struct QtrConsole QtrConsole;

typedef struct {
    FILE *out, *err;  /* borrowed */
    gboolean json;    /* results and progress as JSON lines on `out` */
    gboolean quiet;   /* no progress, warnings and errors only */
    gboolean verbose; /* debug lines too */
    int bar; /* 1 bar, 0 plain lines every few seconds, -1 by terminal, TERM and NO_COLOR */
} QtrConsoleParams;

QtrConsole *qtr_console_new(const QtrConsoleParams *params);
void qtr_console_free(QtrConsole *console); /* takes the bar off the screen; NULL-safe */

QtrLog *qtr_console_log(QtrConsole *console); /* owned by the console; log and bar do not mix */

/* A QtrProgressFunc with the console as user data. Any one thread at a time. */
void qtr_console_progress(const QtrProgress *progress, gpointer user_data);

/* Results. `print` is silent with --json; `result` writes {"type": type, ...} with --json only and
 * takes the object. Both clear the bar first. */
void qtr_console_print(QtrConsole *console, const char *format, ...) G_GNUC_PRINTF(2, 3);
void qtr_console_result(QtrConsole *console, const char *type, JsonObject *object);

/* The final error, on standard error and, with --json, as {"type": "error", ...}. */
void qtr_console_error(QtrConsole *console, const GError *error, int exit_code);
