#pragma once
#include "image/image.h"

#include <glib.h>

/* A picture as the screen shows it: pixel (x, y) of the screen, counted from the picture's corner,
 * has its middle at ((x + 0.5) step_x, (y + 0.5) step_y) of the image. Any thread. */
typedef struct {
    const QtrImage *image; /* 8-bit RGB */
    double step_x, step_y; /* pixels of the image for one of the screen */
} QtrSampler;

/* The pixels [x, x + width) by [y, y + height) of the screen as 8-bit RGB, rows `stride`
 * bytes apart; beyond the image its edge goes on. Enlarged pixels are sharp squares; up to twice
 * reduced they are blended, and beyond that picked: there one has a smaller image. */
void qtr_sampler_fill(const QtrSampler *sampler, int x, int y, int width, int height, guint8 *out,
                      gsize stride);
