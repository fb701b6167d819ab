#pragma once
#include "qtr-chart-plot.h"

/* What the files of QtrChartPlot share. */
struct _QtrChartPlot {
    GtkWidget parent_instance;

    QtrChartScene *scene;
    QtrChartLook look;      /* of `node` */
    QtrChartLayout layout;  /* of `node` */
    GskRenderNode *node;    /* the curves as last painted; NULL: to be painted anew */
    double cursor;          /* x value under the pointer; NAN: none */
    double drag_x, drag_dx; /* pixels; drag_x NAN: no range is being dragged */
    QtrChartRange pan_from; /* the range when a pan began */
    gboolean panning;
};

double qtr_chart_plot_clamp(QtrChartPlot *self, double pixel); /* to the plane, along x */
void qtr_chart_plot_add_controllers(QtrChartPlot *self);
