#pragma once
#include "qtr-key-row.h"
#include "qtr-panel.h"
#include "qtr-yaml-view.h"

/* The configuration: a form made from the schema beside its text. */
#define QTR_TYPE_CONFIG_PANEL (qtr_config_panel_get_type())
G_DECLARE_FINAL_TYPE(QtrConfigPanel, qtr_config_panel, QTR, CONFIG_PANEL, QtrPanel)

/* The row of a key, NULL if the form has none; borrowed. */
QtrKeyRow *qtr_config_panel_get_row(QtrConfigPanel *panel, const char *key);
QtrYamlView *qtr_config_panel_get_yaml(QtrConfigPanel *panel);
/* What to type into a terminal for the same run; NULL if it was never saved. Free with g_free. */
char *qtr_config_panel_command(QtrConfigPanel *panel);
