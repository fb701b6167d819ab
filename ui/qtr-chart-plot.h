#pragma once
#include "qtr-chart-scene.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The plane of a chart: curves, what is under the pointer, zoom. Scrolling zooms along x about the
 * pointer, dragging shows the range dragged over, with Shift it moves; a double click shows all.
 * Arrow keys move the cursor, + and - zoom, 0 shows all. Property `zoomed`. */
#define QTR_TYPE_CHART_PLOT (qtr_chart_plot_get_type())
G_DECLARE_FINAL_TYPE(QtrChartPlot, qtr_chart_plot, QTR, CHART_PLOT, GtkWidget)

/* Changed by the caller, who then calls qtr_chart_plot_changed. */
QtrChartScene *qtr_chart_plot_get_scene(QtrChartPlot *self);
void qtr_chart_plot_changed(QtrChartPlot *self);
void qtr_chart_plot_reset(QtrChartPlot *self);
/* Shows [low, high] of x. */
void qtr_chart_plot_show(QtrChartPlot *self, double low, double high);
gboolean qtr_chart_plot_is_zoomed(QtrChartPlot *self);

G_END_DECLS
