#pragma once
#include "qtr-chart-plot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* A chart with title, legend and menu. Curves hidden by the user stay hidden when new data with
 * the same labels comes. Properties `title`, `x-label`, `y-label`, `log-scale` and `message` (said
 * while there are no points). Actions: chart.export('svg'|'png'|'csv'), chart.reset. */
#define QTR_TYPE_CHART (qtr_chart_get_type())
G_DECLARE_FINAL_TYPE(QtrChart, qtr_chart, QTR, CHART, AdwBin)

GtkWidget *qtr_chart_new(const char *title);
/* Takes the array of QtrChartLine; the chart frees them. */
void qtr_chart_take_lines(QtrChart *self, GPtrArray *lines);
QtrChartPlot *qtr_chart_get_plot(QtrChart *self);
/* See qtr_chart_scene_save. */
gboolean qtr_chart_save(QtrChart *self, const char *path, GError **error);

G_END_DECLS
