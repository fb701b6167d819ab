#pragma once
#include "ops/conv.h"

/* Measures the tiles a convolution could have on a device whose work-groups share local memory. */

typedef struct {
    QtrConvTile tile; /* the fastest */
    double seconds;   /* a launch with it, and with the tile that is taken without measuring */
    double usual;
    int candidates;
} QtrTuneResult;

/* For images of height x width; the device then uses the fastest (gpu/tuning.h). Outputs have the
 * same bits with every tile; one that a driver compiles to other bits, or cannot run, is passed
 * over. */
gboolean qtr_tune_conv(QtrDevice *device, const QtrConvShape *shape, int images, int height,
                       int width, QtrTuneResult *result, GError **error);
