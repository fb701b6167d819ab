#pragma once
#include "qtr-pyramid.h"
#include "qtr-viewport.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Shows a picture, or two over each other. Drag or arrow keys move, scrolling and + - zoom, 0 shows
 * all, 1 shows pixel for pixel; with Shift dragging selects a rectangle, Escape selects nothing.
 * In split mode the divider is dragged, or moved with Ctrl and the arrow keys. */
#define QTR_TYPE_IMAGE_VIEW (qtr_image_view_get_type())
G_DECLARE_FINAL_TYPE(QtrImageView, qtr_image_view, QTR, IMAGE_VIEW, GtkWidget)

typedef enum { QTR_VIEW_ONE, QTR_VIEW_SPLIT, QTR_VIEW_FLICKER } QtrViewMode;

void qtr_image_view_set_viewport(QtrImageView *self, QtrViewport *viewport);
/* Of one size; either may be NULL. `b` is shown right of the divider, or in turn with `a`. */
void qtr_image_view_set_pictures(QtrImageView *self, QtrPyramid *a, const char *title_a,
                                 QtrPyramid *b, const char *title_b);
void qtr_image_view_set_mode(QtrImageView *self, QtrViewMode mode);
void qtr_image_view_set_loupe(QtrImageView *self, gboolean on);
/* Of the view's width, 0..1. */
void qtr_image_view_set_split(QtrImageView *self, double share);
void qtr_image_view_zoom(QtrImageView *self, double factor); /* about the middle */
void qtr_image_view_actual_size(QtrImageView *self);
double qtr_image_view_get_zoom(QtrImageView *self);

G_END_DECLS
