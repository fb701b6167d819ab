#pragma once
#include "nn/arch.h"

#include <gtk/gtk.h>

/* One horizontal bar for every bit width, its length a cost as a part of the greatest one. */
#define QTR_TYPE_COST_BARS (qtr_cost_bars_get_type())
G_DECLARE_FINAL_TYPE(QtrCostBars, qtr_cost_bars, QTR, COST_BARS, GtkWidget)

GtkWidget *qtr_cost_bars_new(void);

/* `shares` (0 to 1) and `bits` have `n` members. */
void qtr_cost_bars_set(QtrCostBars *bars, const double *shares, const int *bits, int n);
