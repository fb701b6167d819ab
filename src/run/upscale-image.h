#pragma once
#include "run/infer.h"

/* An image of any kind enlarged: grey stays grey (run as RGB, averaged), alpha is run as grey, 8
 * and 16 bits stay what they are, colour profile and EXIF are kept. A plane of alpha that is one
 * value all over stays so. */
QtrImage *qtr_upscale_image(QtrInfer *infer, const QtrImage *image, GError **error);
