#pragma once
#include "qtr-panel.h"
#include "qtr-run-folder.h"

G_BEGIN_DECLS

/* Watches one run folder, live or finished: its state, charts, alphas, network and validation. */
#define QTR_TYPE_MONITOR_PANEL (qtr_monitor_panel_get_type())
G_DECLARE_FINAL_TYPE(QtrMonitorPanel, qtr_monitor_panel, QTR, MONITOR_PANEL, QtrPanel)

/* NULL while none is shown. */
QtrRunFolder *qtr_monitor_panel_get_run(QtrMonitorPanel *self);

G_END_DECLS
