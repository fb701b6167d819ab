#pragma once
#include "gpu/device.h"
#include "gpu/tuning-file.h"

/* Tiles measured on a device; see ops/tune.h. Which tile is used never changes results.
 *
 * Those measured here are kept beside the device's cached programs, in a file for each device,
 * driver and version of the kernels. What was not measured here is looked up among the shipped
 * files (configs/tuning): in that named after the device, then in that named after its vendor, both
 * of whatever driver and kernels. A file that is damaged or another device's is ignored with a
 * warning that names it. */

/* The values of `name`; FALSE if nothing was measured. */
gboolean qtr_tuning_get(QtrDevice *device, const char *name, int values[QTR_TUNING_VALUES]);
/* For this device, until it is closed. */
void qtr_tuning_set(QtrDevice *device, const char *name, const int values[QTR_TUNING_VALUES]);
/* Forgets what was measured here. */
void qtr_tuning_forget(QtrDevice *device);

/* Writes what was set, for later runs. Returns the path (free it); NULL with an error, also for a
 * device opened without a cache. */
char *qtr_tuning_save(QtrDevice *device, GError **error);
/* Writes the same into `folder` under the name by which a shipped file is found. Returns the path
 * (free it). */
char *qtr_tuning_export(QtrDevice *device, const char *folder, GError **error);
