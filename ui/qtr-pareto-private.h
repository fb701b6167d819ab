#pragma once
#include "qtr-pareto.h"
#include "run/plot-axis.h"

/* What the files of QtrPareto share. */
struct _QtrPareto {
    GtkWidget parent_instance;

    GArray *points; /* QtrParetoPoint */
    GArray *front;  /* guint, by rising cost */
    char *x_label, *y_label;
    double reference;
    int selected, hovered;
};

/* Where the axes are, in pixels of the widget. */
typedef struct {
    QtrPlotAxis x, y;
    double font, left, right, top, bottom;
} QtrParetoPlace;

const QtrParetoPoint *qtr_pareto_point(QtrPareto *self, guint index);
gboolean qtr_pareto_can_show(const QtrParetoPoint *point);
gboolean qtr_pareto_is_on_front(QtrPareto *self, guint index);

/* qtr-pareto-paint.c. FALSE if there is nothing to show. */
gboolean qtr_pareto_find_place(QtrPareto *self, QtrParetoPlace *place);
void qtr_pareto_snapshot(GtkWidget *widget, GtkSnapshot *snapshot);
