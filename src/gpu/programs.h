#pragma once
#include "gpu/device.h"

/* Built programs that are not in the cache yet, where the driver takes long to hand a binary out
 * and would hold up the queue meanwhile (PoCL): another process is to store them. Elsewhere they
 * are stored as they are built. */

/* How many the device has built so far that are to be stored. */
guint qtr_programs_unstored(const QtrDevice *device);
/* Those from number `first` on, one a line, as qtr_programs_store takes them. Free with g_free. */
char *qtr_programs_list(const QtrDevice *device, guint first);

/* Builds each program of `list` and stores it, unless it is stored already. Lines that name no
 * program are QTR_ERROR_USAGE. `stop` (may be NULL) ends it early, as QTR_ERROR_CANCELLED. */
gboolean qtr_programs_store(QtrDevice *device, const char *list, const gint *stop, GError **error);
