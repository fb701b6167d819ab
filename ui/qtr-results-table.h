#pragma once
#include "qtr-run-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Runs as a table to sort by any column, with one or more selected. Signals: `selection-changed`,
 * `activated` (QtrRunItem). */
#define QTR_TYPE_RESULTS_TABLE (qtr_results_table_get_type())
G_DECLARE_FINAL_TYPE(QtrResultsTable, qtr_results_table, QTR, RESULTS_TABLE, AdwBin)

/* Filtered by the text of qtr_results_table_filter. */
void qtr_results_table_set_model(QtrResultsTable *self, GListModel *runs);
/* The validation set whose figures are shown; NULL: none. */
void qtr_results_table_set_set(QtrResultsTable *self, const char *set);
/* Shows only runs with this in name, folder or device; "": all. */
void qtr_results_table_filter(QtrResultsTable *self, const char *text);
/* QtrRunItem, referenced, in the order shown. */
GPtrArray *qtr_results_table_get_selected(QtrResultsTable *self);
void qtr_results_table_select(QtrResultsTable *self, QtrRunItem *item);
/* In the order shown. */
GListModel *qtr_results_table_get_shown(QtrResultsTable *self);
GtkColumnView *qtr_results_table_get_view(QtrResultsTable *self);

G_END_DECLS
