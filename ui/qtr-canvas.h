#pragma once
#include "qtr-sampler.h"

#include <gdk/gdk.h>

/* What was last seen of a picture, at the screen's own resolution: where a picture is moved, only
 * what comes into view is made anew, and the rest is copied. Main thread. */
typedef struct QtrCanvas QtrCanvas;

QtrCanvas *qtr_canvas_new(void);
void qtr_canvas_free(QtrCanvas *canvas); /* NULL-safe */
/* Forgets what was seen: before an image that it was given is freed. */
void qtr_canvas_clear(QtrCanvas *canvas);

/* The pixels of `area` as qtr_sampler_fill gives them; not empty. Borrowed until the next call. */
GdkTexture *qtr_canvas_show(QtrCanvas *canvas, const QtrSampler *sampler, const GdkRectangle *area);
