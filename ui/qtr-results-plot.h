#pragma once
#include "qtr-run-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The PSNR of runs on a validation set against their BitOps, with the Pareto front, to be saved
 * too; invisible while there is none. Signal `chosen` (QtrRunItem). */
#define QTR_TYPE_RESULTS_PLOT (qtr_results_plot_get_type())
G_DECLARE_FINAL_TYPE(QtrResultsPlot, qtr_results_plot, QTR, RESULTS_PLOT, AdwBin)

/* `runs`: of QtrRunItem; `set` may be NULL. */
void qtr_results_plot_show(QtrResultsPlot *self, GListModel *runs, const char *set);
void qtr_results_plot_select(QtrResultsPlot *self, QtrRunItem *item); /* NULL: none */

G_END_DECLS
