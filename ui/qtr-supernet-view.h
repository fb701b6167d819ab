#pragma once
#include "run/draw.h"

#include <gtk/gtk.h>

/* A network's drawing as high as there is room, for a window that scrolls it sideways. */
#define QTR_TYPE_SUPERNET_VIEW (qtr_supernet_view_get_type())
G_DECLARE_FINAL_TYPE(QtrSupernetView, qtr_supernet_view, QTR, SUPERNET_VIEW, GtkWidget)

/* Takes the drawing; NULL: none. */
void qtr_supernet_view_take(QtrSupernetView *view, QtrDrawing *drawing);
const QtrDrawing *qtr_supernet_view_get(QtrSupernetView *view);
