#pragma once
#include "gpu/device.h"
#include "run/config.h"

/* What a search with a configuration would take on a device: the supernet is compiled, and a few
 * steps are taken on synthetic images. Figures are of the moment, for people. */

typedef struct {
    double compile;  /* seconds until the first alpha and weight step are done */
    double step;     /* seconds of an alpha and a weight step */
    double warm_up;  /* seconds of a weight step alone, as in the epochs of the warm-up */
    double evaluate; /* seconds of a batch of the validation */
    guint64 memory;  /* device memory of the supernet, bytes */
    guint images;    /* named in train.list, not looked at; 0 without dataset.files_list */
    guint steps;     /* of an epoch; 0 like the rest without images */
    double epoch;    /* seconds of an epoch that updates alphas, with its validation */
    double search;   /* seconds of all epochs */
} QtrMeasurement;

/* Reading images is left out: it goes on beside the steps. Stops within a step once `stop` (may be
 * NULL, read atomically) is not zero: QTR_ERROR_CANCELLED. QTR_ERROR_MEMORY if the device has not
 * enough; a train.list that is set but cannot be read is an error too. */
gboolean qtr_measure_search(QtrDevice *device, const QtrConfig *config, const gint *stop,
                            QtrMeasurement *measurement, GError **error);
