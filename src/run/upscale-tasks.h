#pragma once
#include "run/upscale.h"

/* One image to enlarge. */
typedef struct {
    char *from, *to;
} QtrUpscaleTask;

/* What is to be done, as QtrUpscaleTask, and how many are left out because they were done. Nothing
 * is to be written over an input, by whichever path, nor over another result: that, an output that
 * does not fit the inputs, and no image at all are QTR_ERROR_USAGE. */
GPtrArray *qtr_upscale_tasks(const QtrUpscaleParams *params, QtrLog *log, guint *skipped,
                             GError **error);
