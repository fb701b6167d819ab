#pragma once
#include "qtr-comparison.h"
#include "qtr-view-group.h"
#include "qtr-viewport.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Two pictures of a comparison as a view group says: beside each other, over each other, or how
 * they differ; moved and enlarged together. */
#define QTR_TYPE_IMAGE_PAIR (qtr_image_pair_get_type())
G_DECLARE_FINAL_TYPE(QtrImagePair, qtr_image_pair, QTR, IMAGE_PAIR, GtkBox)

/* Shows them as they are now; both are borrowed until the next call, NULL: none. */
void qtr_image_pair_show(QtrImagePair *self, QtrComparison *comparison, QtrViewGroup *group);
/* What is seen and selected; borrowed. */
QtrViewport *qtr_image_pair_get_viewport(QtrImagePair *self);
QtrPyramid *qtr_image_pair_get_picture(QtrImagePair *self, QtrViewSide side); /* NULL: not there */
/* Where the pointer is and the values there; empty outside. Free with g_free. */
char *qtr_image_pair_describe_pixel(QtrImagePair *self);

void qtr_image_pair_zoom(QtrImagePair *self, double factor);
void qtr_image_pair_actual_size(QtrImagePair *self);
void qtr_image_pair_fit(QtrImagePair *self); /* the whole image, if there is one */
/* Pixels of the screen for one of the image. */
double qtr_image_pair_get_zoom(QtrImagePair *self);

G_END_DECLS
