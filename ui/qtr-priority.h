#pragma once
#include <glib.h>

/* Of a process about to become a program, between fork and exec: makes it give way to others, with
 * its threads and children to come. Beside one that wants as much it gets a tenth of the processor:
 * the lowest priorities get so little that a run would stand still. `leads_session`: it has called
 * setsid. Safe there; errors are left aside. */
void qtr_priority_lower(gboolean leads_session);
