#pragma once
#include <glib.h>

/* Of a process about to become a program, between fork and exec: makes it give way to all others,
 * with its threads and children to come. It still gets what others leave, and never nothing.
 * `leads_session`: it has called setsid. Safe there; errors are left aside. */
void qtr_priority_lower(gboolean leads_session);
