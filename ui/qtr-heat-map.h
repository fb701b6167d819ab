#pragma once
#include "qtr-run-space.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The shares of all choices of all layers of a supernet: a row a layer, a column for each bit width
 * of each primitive, the likeliest framed. Click or arrow keys choose a layer: property `layer`. */
#define QTR_TYPE_HEAT_MAP (qtr_heat_map_get_type())
G_DECLARE_FINAL_TYPE(QtrHeatMap, qtr_heat_map, QTR, HEAT_MAP, GtkWidget)

/* `alphas` belongs to `snapshot`, which is referenced; NULL snapshot or alphas: nothing. */
void qtr_heat_map_set(QtrHeatMap *self, QtrRunSnapshot *snapshot, const QtrRunAlphas *alphas);
guint qtr_heat_map_get_layer(QtrHeatMap *self);
void qtr_heat_map_set_layer(QtrHeatMap *self, guint layer);

G_END_DECLS
