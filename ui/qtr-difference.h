#pragma once
#include "qtr-pyramid.h"

G_BEGIN_DECLS

/* The picture of how two pictures differ, made in a thread. Signal `changed` when there is another
 * one. */
#define QTR_TYPE_DIFFERENCE (qtr_difference_get_type())
G_DECLARE_FINAL_TYPE(QtrDifference, qtr_difference, QTR, DIFFERENCE, GObject)

QtrDifference *qtr_difference_new(void);
/* Of these, equally large, `gain` times; until it is made NULL, or theirs with the last gain.
 * Borrowed. */
QtrPyramid *qtr_difference_get(QtrDifference *self, QtrPyramid *a, QtrPyramid *b, double gain);

G_END_DECLS
