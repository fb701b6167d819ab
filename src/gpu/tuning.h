#pragma once
#include "gpu/device.h"

/* Tiles measured on a device, kept beside its cached programs in a file for each device, driver and
 * version of the kernels; see ops/tune.h. Which tile is used never changes results. */

#define QTR_TUNING_VALUES 3

/* The values of `name`; FALSE if nothing was measured. A file that is damaged or another device's
 * is ignored with a warning that names it. */
gboolean qtr_tuning_get(QtrDevice *device, const char *name, int values[QTR_TUNING_VALUES]);
/* For this device, until it is closed. */
void qtr_tuning_set(QtrDevice *device, const char *name, const int values[QTR_TUNING_VALUES]);
void qtr_tuning_forget(QtrDevice *device);

/* Writes what was set, for later runs. Returns the path (free it); NULL with an error, also for a
 * device opened without a cache. */
char *qtr_tuning_save(QtrDevice *device, GError **error);
