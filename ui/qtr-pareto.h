#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Quality against cost of many runs, with the Pareto front: dots to hover over and to click. Arrow
 * keys go from dot to dot. Signal `chosen` (guint index of the point). */
#define QTR_TYPE_PARETO (qtr_pareto_get_type())
G_DECLARE_FINAL_TYPE(QtrPareto, qtr_pareto, QTR, PARETO, GtkWidget)

typedef struct {
    double cost, quality;
    char *label;
} QtrParetoPoint;

/* Takes the array of QtrParetoPoint (label freed with it); points that are not finite are left out.
 * `reference`: a line of quality, of bicubic; NAN: none. */
void qtr_pareto_take_points(QtrPareto *self, GArray *points, const char *x_label,
                            const char *y_label, double reference);
void qtr_pareto_select(QtrPareto *self, int index); /* -1: none */
/* How many are on the front, and how many can be shown. */
guint qtr_pareto_front_size(QtrPareto *self);
guint qtr_pareto_count(QtrPareto *self);
/* By extension: .svg, .png, .csv. */
gboolean qtr_pareto_save(QtrPareto *self, const char *path, GError **error);

G_END_DECLS
