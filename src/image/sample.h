#pragma once
#include "image/resize.h"

/* One training sample (method.md 1). */

/* Cuts the `hr` x `hr` square that `draw` picks out of 8-bit RGB `image`, flips it if `draw` says
 * so, and writes it as three planes to `hr_out`, and its bicubic reduction `shrink` (hr to lr) to
 * `lr_out`. The image must be at least hr x hr. */
void qtr_sample_cut(const QtrImage *image, const guint32 draw[3], const QtrResize *shrink, int hr,
                    int lr, guint8 *hr_out, guint8 *lr_out);
