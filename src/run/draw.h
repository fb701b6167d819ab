#pragma once
#include "nn/genotype.h"

#include <cairo.h>
#include <math.h>

/* Networks as pictures: the flow of method.md 2 from left to right, a box for every layer. */
typedef struct QtrDrawing QtrDrawing; /* immutable once made */

/* All optional: NULL, negative or NAN leaves the part out. Borrowed for the call. */
typedef struct {
    const char *title; /* NULL: what kind of picture it is */
    int epoch;         /* from 1; -1: none */
    double loss;
} QtrDrawCaption;
#define QTR_DRAW_CAPTION_INIT                                                                      \
    {                                                                                              \
        .epoch = -1, .loss = (double)NAN                                                           \
    }

/* One primitive and bit width a layer. `arch` gives channels, scale, cells and skip mode; the layer
 * counts are the genotype's. BitOps and parameters are added where the genotype fits `arch`.
 * `caption` may be NULL. */
QtrDrawing *qtr_drawing_new_genotype(const QtrGenotype *genotype, const QtrArch *arch,
                                     const QtrDrawCaption *caption);

/* The supernet: for every layer its likeliest primitives with their shares, softmax of the raw
 * `alphas` (one array a layer of qtr_arch_layer_at, primitive-major), as bars divided by bit width.
 */
QtrDrawing *qtr_drawing_new_supernet(const QtrArch *arch, const float *const *alphas,
                                     const QtrDrawCaption *caption);
void qtr_drawing_free(QtrDrawing *drawing); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrDrawing, qtr_drawing_free)

/* In units of one pixel at 96 dpi. */
void qtr_drawing_size(const QtrDrawing *drawing, double *width, double *height);
/* With the origin at the upper left; leaves the ground as it is. */
void qtr_drawing_paint(const QtrDrawing *drawing, cairo_t *cr);
/* .svg or .png (at twice the size) by extension; all or nothing. Another extension is
 * QTR_ERROR_USAGE. */
gboolean qtr_drawing_save(const QtrDrawing *drawing, const char *path, GError **error);
