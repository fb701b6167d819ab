#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* How a share of 0..1 is coloured: from the ground's colour to a strong one; rising in contrast,
 * readable when grey. */
GdkRGBA qtr_share_colour(double share, gboolean dark);
/* The frame of the likeliest choice. */
void qtr_share_frame(GtkSnapshot *snapshot, const graphene_rect_t *bounds, float width,
                     GdkRGBA colour);

/* Tells these colours and that frame. */
#define QTR_TYPE_SHARE_LEGEND (qtr_share_legend_get_type())
G_DECLARE_FINAL_TYPE(QtrShareLegend, qtr_share_legend, QTR, SHARE_LEGEND, GtkWidget)

G_END_DECLS
