#pragma once
#include "image/image.h"

#define QTR_METRICS_BORDER 4 /* pixels off every side, method.md 11 */
/* The least multiple of `scale` that the border leaves something of. */
#define QTR_METRICS_LEAST_SIDE(scale) ((2 * QTR_METRICS_BORDER / (scale) + 1) * (scale))

/* On two 8-bit RGB images of one size, Y channel, `border` pixels off every side.
 * Identical images: PSNR is +infinity. Nothing left inside the border: NaN. */
double qtr_image_psnr_y(const QtrImage *a, const QtrImage *b, int border);
/* Wang 2004: 11x11 Gaussian window of sigma 1.5, K1 0.01, K2 0.03, valid region only.
 * NaN if that is empty. */
double qtr_image_ssim_y(const QtrImage *a, const QtrImage *b, int border);
