#pragma once
#include "qtr-panel.h"

/* The search space: the keys of `arch` as a form, its drawing and its figures. */
#define QTR_TYPE_SPACE_PANEL (qtr_space_panel_get_type())
G_DECLARE_FINAL_TYPE(QtrSpacePanel, qtr_space_panel, QTR, SPACE_PANEL, QtrPanel)
