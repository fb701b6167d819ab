#pragma once
#include "qtr-run-list.h"

#include <gtk/gtk.h>

/* What can be done with a run of the results; failures are said in the widget's window. */

/* Trains the network's genotype anew, in a run of its own beside `item`'s, and shows that. */
void qtr_results_train(GtkWidget *widget, QtrRunItem *item, const char *runs_folder);
/* Copies best_arch.gen and best.safetensors, as far as there are, to a folder asked for. */
void qtr_results_export(GtkWidget *widget, QtrRunItem *item);
/* The same to a given folder; files there are not replaced. */
gboolean qtr_results_export_to(QtrRunItem *item, const char *folder, GError **error);
gboolean qtr_results_has_genotype(QtrRunItem *item);
