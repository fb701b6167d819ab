#pragma once
#include "run/infer.h"

/* The mean PSNR in dB, on the luma, of what `infer` makes of the images at `paths` (char*) when
 * they are reduced by bicubic (method.md 1 and 11); NAN if none is larger than the border left out.
 */
gboolean qtr_validation_psnr(QtrInfer *infer, const GPtrArray *paths, double *mean, GError **error);
