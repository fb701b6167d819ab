#pragma once
#include "run/draw-surface.h"
#include "run/draw.h"

/* Rows of a supernet layer before the rest is summed up. */
#define QTR_DRAW_ROWS 8

struct QtrDrawing {
    QtrArch arch; /* layer counts are those drawn */
    QtrGenotype genotype;
    float *shares[QTR_BLOCKS][QTR_LAYERS_MAX]; /* supernet: n_primitives * n_bits; genotype: NULL */
    gboolean supernet;
    gboolean folded; /* upsampling and tail on a second line */
    char *title, *subtitle;
    double card_width; /* of every layer */
    double width, height;
};

/* draw-card.c: one layer's box. */
double qtr_draw_card_width(const QtrDrawing *drawing, cairo_t *cr);
double qtr_draw_card_height(const QtrDrawing *drawing, QtrBlock block);
void qtr_draw_card(const QtrDrawing *drawing, cairo_t *cr, QtrBlock block, int layer, double x,
                   double y);
/* A filled pill with white text, centred on (x, y); `h` high. */
void qtr_draw_pill(cairo_t *cr, double x, double y, double h, QtrColour colour, const char *text);

/* draw-flow.c: boxes and wires, all but caption and legend. */
double qtr_draw_flow_height(const QtrDrawing *drawing);
/* Paints with the upper left at (x, y); returns the right end. */
double qtr_draw_flow(const QtrDrawing *drawing, cairo_t *cr, double x, double y);
