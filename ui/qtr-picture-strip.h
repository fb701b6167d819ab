#pragma once
#include "qtr-run-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The validation pictures of a run, small, side by side. Signal `chosen` (path of the LR image,
 * which may be empty; of the HR image, likewise). Invisible while there are none. */
#define QTR_TYPE_PICTURE_STRIP (qtr_picture_strip_get_type())
G_DECLARE_FINAL_TYPE(QtrPictureStrip, qtr_picture_strip, QTR, PICTURE_STRIP, AdwBin)

void qtr_picture_strip_set_snapshot(QtrPictureStrip *self, QtrRunSnapshot *snapshot);
guint qtr_picture_strip_count(QtrPictureStrip *self);

G_END_DECLS
