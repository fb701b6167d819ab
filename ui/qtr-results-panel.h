#pragma once
#include "qtr-panel.h"

G_BEGIN_DECLS

/* All runs of the log folder: table, Pareto plot, what the selected one found, comparison. */
#define QTR_TYPE_RESULTS_PANEL (qtr_results_panel_get_type())
G_DECLARE_FINAL_TYPE(QtrResultsPanel, qtr_results_panel, QTR, RESULTS_PANEL, QtrPanel)

void qtr_results_panel_set_folder(QtrResultsPanel *self, const char *folder);

G_END_DECLS
