#pragma once
#include "qtr-run-snapshot.h"

/* An image of a run's validation: paths, of which LR and HR may be NULL, borrowed of the snapshot.
 */
typedef struct {
    const char *set, *name; /* may be NULL */
    const char *sr, *lr, *hr;
} QtrValidationPicture;

/* Those enlarged by the run, in the order of its events; free with g_array_unref. */
GArray *qtr_validation_pictures(const QtrRunSnapshot *snapshot);
