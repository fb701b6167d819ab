#pragma once
#include "run/draw.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Shows a network's drawing on a white sheet, as wide as there is room, at most at twice its size.
 */
#define QTR_TYPE_DRAWING_VIEW (qtr_drawing_view_get_type())
G_DECLARE_FINAL_TYPE(QtrDrawingView, qtr_drawing_view, QTR, DRAWING_VIEW, GtkWidget)

/* Takes the drawing; NULL: none. */
void qtr_drawing_view_take(QtrDrawingView *self, QtrDrawing *drawing);
const QtrDrawing *qtr_drawing_view_get(QtrDrawingView *self);

G_END_DECLS
