#pragma once
#include <glib-object.h>

G_BEGIN_DECLS

/* Which part of a picture is seen, how large, and which part is selected: shared by views that are
 * linked. Signal `changed`. */
#define QTR_TYPE_VIEWPORT (qtr_viewport_get_type())
G_DECLARE_FINAL_TYPE(QtrViewport, qtr_viewport, QTR, VIEWPORT, GObject)

#define QTR_ZOOM_MIN (1.0 / 64)
#define QTR_ZOOM_MAX 64.0

typedef struct {
    int x, y, width, height; /* pixels of the image; width 0: nothing */
} QtrArea;

QtrViewport *qtr_viewport_new(void);
/* Pixels of the image in the middle of the view. */
void qtr_viewport_get_centre(QtrViewport *self, double *x, double *y);
/* Pixels of the view for one of the image, for a view and an image of these sizes. */
double qtr_viewport_get_zoom(QtrViewport *self, int view_width, int view_height, int width,
                             int height);
/* Shows the whole image. */
void qtr_viewport_fit(QtrViewport *self, int width, int height);
void qtr_viewport_set(QtrViewport *self, double x, double y, double zoom);
/* Tells that what is seen has changed for another reason: the size of a view. */
void qtr_viewport_touch(QtrViewport *self);
/* Where the pointer is, in pixels of the image: the linked views show it too. NAN: nowhere. */
void qtr_viewport_set_pointer(QtrViewport *self, double x, double y);
void qtr_viewport_get_pointer(QtrViewport *self, double *x, double *y);
void qtr_viewport_set_selection(QtrViewport *self, const QtrArea *area); /* NULL: nothing */
QtrArea qtr_viewport_get_selection(QtrViewport *self);

G_END_DECLS
