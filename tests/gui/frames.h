#pragma once
#include <gtk/gtk.h>

/* How long the frames of a window take: on the clock, and of the processor for the main thread
 * alone, which a busy machine does not lengthen. */
typedef struct _Frames Frames;

Frames *frames_new(GtkWidget *widget); /* of the widget's window; counts from now on */
void frames_print(Frames *frames);     /* median, 99th percentile and longest of both */
void frames_free(Frames *frames);

int frames_compare(gconstpointer a, gconstpointer b);  /* of doubles */
double frames_percentile(GArray *times, double share); /* sorts; NAN without any */
double frames_resident_mib(void);                      /* memory of this process */
