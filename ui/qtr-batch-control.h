#pragma once
#include "qtr-batch-model.h"

#include <gtk/gtk.h>

/* Starting, pausing and ending a batch: by child processes, signals and its folder. Failures are
 * said in the widget's window. */

gboolean qtr_batch_control_is_batch(const char *dir); /* whether it is the folder of one */

/* Arguments that go on with the batch of `model`, free with g_strfreev; NULL: there is nothing to
 * go on with. */
char **qtr_batch_control_arguments(QtrBatchModel *model, gboolean retry_failed);
/* Goes on with what is queued or was interrupted, and with what failed if asked to; refused while a
 * process does so. */
gboolean qtr_batch_control_resume(GtkWidget *widget, QtrBatchModel *model, gboolean retry_failed);
/* Paused, it begins no further run. */
void qtr_batch_control_pause(GtkWidget *widget, QtrBatchModel *model, gboolean paused);
/* All runs finish their step, save and end. */
void qtr_batch_control_stop(GtkWidget *widget, QtrBatchModel *model);
/* All runs end at once; what is since the last checkpoint is lost. */
void qtr_batch_control_kill(GtkWidget *widget, QtrBatchModel *model);
