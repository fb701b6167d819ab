#pragma once
#include <json-glib/json-glib.h>

/* A child process of this very program: `quantoaster-gtk --headless ARGS`. All computing happens in
 * children; a crash there ends nothing here. They give way to other programs unless the preference
 * "runs-give-way" is off. Main thread only.
 *
 * Signals:
 *   message (JsonObject *object)  a line of JSON on standard output (QTR_PROCESS_ANSWER, --json)
 *   finished ()                   once, after the last message
 */
#define QTR_TYPE_PROCESS (qtr_process_get_type())
G_DECLARE_FINAL_TYPE(QtrProcess, qtr_process, QTR, PROCESS, GObject)

typedef enum {
    QTR_PROCESS_ANSWER, /* a question: its standard output is read */
    QTR_PROCESS_RUN,    /* a run: in a session of its own, goes on when the window goes */
} QtrProcessKind;

/* Starts it. `args` is NULL-terminated, without program and --headless; `folder` the working folder
 * or NULL. NULL with an error if the program cannot be started. */
QtrProcess *qtr_process_new(QtrProcessKind kind, const char *const *args, const char *folder,
                            GError **error);

gboolean qtr_process_is_running(QtrProcess *child);
/* Exit code; -1 while it runs; 128 + number if a signal ended it. */
int qtr_process_get_code(QtrProcess *child);
/* What went wrong, for people: the program's own error message, else how it ended. NULL if it runs
 * or ended with 0. */
const char *qtr_process_get_failure(QtrProcess *child);

void qtr_process_stop(QtrProcess *child); /* SIGTERM: finishes the step, saves, exits with 130 */
void qtr_process_kill(QtrProcess *child);
