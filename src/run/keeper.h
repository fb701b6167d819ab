#pragma once
#include "gpu/device.h"

/* Has the programs that a run has built stored by a child process of the low priority, so that
 * the next run starts at once; see gpu/programs.h. The child never outlives its keeper: what it
 * did not come to is stored by a later run. */
typedef struct QtrKeeper QtrKeeper;

/* `executable` is the command of this program, see QtrJob; NULL: nothing is stored. `rest` is the
 * time in microseconds from the first results on that a run is left alone. Both are borrowed. */
QtrKeeper *qtr_keeper_new(QtrDevice *device, const char *const *executable, gint64 rest,
                          QtrLog *log);
void qtr_keeper_free(QtrKeeper *keeper); /* NULL-safe */

/* To be called whenever results have come. */
void qtr_keeper_tick(QtrKeeper *keeper);
