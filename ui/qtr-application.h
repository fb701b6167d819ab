#pragma once
#include "qtr-process.h"

#include <adwaita.h>

/* The application: its windows, its settings and the runs it has started. */
#define QTR_TYPE_APPLICATION (qtr_application_get_type())
G_DECLARE_FINAL_TYPE(QtrApplication, qtr_application, QTR, APPLICATION, AdwApplication)

QtrApplication *qtr_application_new(void);

GSettings *qtr_application_get_settings(QtrApplication *application); /* borrowed */

/* Keeps an eye on a run (QTR_PROCESS_RUN) until it ends: asked about when the last window closes,
 * and told about, by a notification if no window is active. `title` names it. */
void qtr_application_add_run(QtrApplication *application, QtrProcess *child, const char *folder,
                             const char *title);
/* Whether a child of this process works in `folder`. */
gboolean qtr_application_runs_in(QtrApplication *application, const char *folder);
guint qtr_application_count_runs(QtrApplication *application);
void qtr_application_stop_runs(QtrApplication *application); /* each saves what it has */
