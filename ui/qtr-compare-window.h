#pragma once
#include "qtr-run-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The settings of two runs side by side: those that differ, or all. */
#define QTR_TYPE_COMPARE_WINDOW (qtr_compare_window_get_type())
G_DECLARE_FINAL_TYPE(QtrCompareWindow, qtr_compare_window, QTR, COMPARE_WINDOW, AdwWindow)

GtkWidget *qtr_compare_window_new(GtkWindow *parent, QtrRunItem *a, QtrRunItem *b);
/* Keys that differ. */
guint qtr_compare_window_count(QtrCompareWindow *self);

G_END_DECLS
