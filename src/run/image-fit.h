#pragma once
#include "base/log.h"
#include "run/image-pairs.h"

/* Sizes of LR and HR images that go together (method.md 11). */

typedef struct {
    int width, height;
} QtrImageSize;

/* QTR_ERROR_USAGE unless `hr` is `scale` times `lr`, or larger by less than `scale` pixels a side.
 */
gboolean qtr_image_fit(const QtrImagePair *pair, int scale, QtrImageSize lr, QtrImageSize hr,
                       GError **error);

/* The same of all `pairs` of `set`, whose files are only looked at. Those with nothing inside the
 * border that a measurement leaves out are taken from the list; `log` (may be NULL) is warned of
 * them. The error names the first pair that does not fit or cannot be read, and how many others;
 * QTR_ERROR_USAGE as well if nothing can be measured. */
gboolean qtr_image_fit_set(GPtrArray *pairs, const char *set, int scale, QtrLog *log,
                           GError **error);
