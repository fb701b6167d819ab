#pragma once
#include <gtk/gtk.h>

/* Times in milliseconds, counted in steps of 0.02 up to 200, so that an hour of them takes no more
 * memory than a second. */
typedef struct _Times Times;

Times *times_new(void);
void times_add(Times *times, double ms);
guint times_count(const Times *times);
/* The end of the step with that share of the times below; NAN without any. */
double times_percentile(const Times *times, double share);
void times_print(const Times *times, const char *what); /* median, 99th percentile and longest */

/* How long the frames of a window take: on the clock, and of the processor for the main thread
 * alone, which a busy machine does not lengthen. */
typedef struct _Frames Frames;

Frames *frames_new(GtkWidget *widget); /* of the widget's window; counts from now on */
void frames_print(const Frames *frames);
void frames_free(Frames *frames);

double frames_resident_mib(void); /* memory of this process */
double frames_in_use_mib(void);   /* of it what was allocated from the heap and not freed */
