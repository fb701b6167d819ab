#pragma once
#include "qtr-comparison.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* How pictures are compared: which at the left and at the right, and in what way. Signal `changed`.
 */
#define QTR_TYPE_VIEW_GROUP (qtr_view_group_get_type())
G_DECLARE_FINAL_TYPE(QtrViewGroup, qtr_view_group, QTR, VIEW_GROUP, AdwPreferencesGroup)

typedef enum { QTR_VIEW_LEFT, QTR_VIEW_RIGHT } QtrViewSide;
typedef enum {
    QTR_SHOW_SIDE_BY_SIDE,
    QTR_SHOW_SPLIT,
    QTR_SHOW_FLICKER,
    QTR_SHOW_DIFFERENCE
} QtrShowMode;

QtrSlot qtr_view_group_get_slot(QtrViewGroup *self, QtrViewSide side);
QtrShowMode qtr_view_group_get_mode(QtrViewGroup *self);
double qtr_view_group_get_gain(QtrViewGroup *self); /* of the difference */
gboolean qtr_view_group_has_loupe(QtrViewGroup *self);

G_END_DECLS
