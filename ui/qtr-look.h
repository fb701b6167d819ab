#pragma once
#include <gtk/gtk.h>

/* Of one turn of the wheel or one press of a key. */
#define QTR_ZOOM_STEP 1.25

/* How a widget that paints itself is to look. */
gboolean qtr_look_is_dark(GtkWidget *widget);
GdkRGBA qtr_look_colour(GtkWidget *widget); /* of text */
/* Height of the widget's font, with the user's text scaling. */
double qtr_look_font_pixels(GtkWidget *widget);
