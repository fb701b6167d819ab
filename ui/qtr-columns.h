#pragma once
#include <gtk/gtk.h>

/* Its first two children side by side where there is room for both, otherwise below each other. */
#define QTR_TYPE_COLUMNS (qtr_columns_get_type())
G_DECLARE_FINAL_TYPE(QtrColumns, qtr_columns, QTR, COLUMNS, GtkWidget)
