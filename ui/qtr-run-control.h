#pragma once
#include "qtr-run-snapshot.h"

#include <gtk/gtk.h>

/* What can be done to a run: all of it by signals and child processes. Failures are said in the
 * widget's window. */

/* Why the folder cannot be shown as a run, for people; NULL: it can. Free with g_free. */
char *qtr_run_control_check_folder(const char *path);

gboolean qtr_run_control_can_stop(const QtrRunSnapshot *snapshot);
/* Asks its process to finish the step, save and end; once, whoever asked before. */
void qtr_run_control_stop(GtkWidget *widget, const QtrRunSnapshot *snapshot);

void qtr_run_control_resume(GtkWidget *widget, const QtrRunSnapshot *snapshot);

/* Whether a child of this window works in the folder; it may not have written there yet. */
gboolean qtr_run_control_is_started(const char *folder);

void qtr_run_control_show_folder(GtkWidget *widget, const char *dir);

/* Starts `args` (NULL-terminated) as a run that the application knows as `name` in `folder`. */
gboolean qtr_run_control_start(GtkWidget *widget, const char *const *args, const char *folder,
                               const char *name);
