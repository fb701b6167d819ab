#pragma once
#include "qtr-chart-scene.h"

#include <gtk/gtk.h>

/* The cursor line at `x` with the values of all curves shown, in a card that stays inside. */
void qtr_chart_hover_paint(const QtrChartScene *scene, const QtrChartLook *look,
                           const QtrChartLayout *layout, double x, GtkWidget *widget,
                           GtkSnapshot *snapshot);
/* The same as text. Free with g_free. */
char *qtr_chart_hover_text(const QtrChartScene *scene, double x);
