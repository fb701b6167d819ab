#pragma once
#include <cairo.h>
#include <glib.h>

/* What drawings and plots share: files, text, shapes and colours. Lengths are in pixels of the
 * drawing (1/96 inch). */

typedef struct {
    double r, g, b;
} QtrColour;

#define QTR_RGB(hex)                                                                               \
    ((QtrColour){((hex) >> 16 & 255) / 255.0, ((hex) >> 8 & 255) / 255.0, ((hex)&255) / 255.0})

#define QTR_INK QTR_RGB(0x1f2328)    /* text */
#define QTR_FAINT QTR_RGB(0x59636e)  /* secondary text; 4.5:1 on white and on panels */
#define QTR_WIRE QTR_RGB(0x57606a)   /* connections, axes */
#define QTR_GRID QTR_RGB(0xe3e6ea)   /* grid lines, borders of panels */
#define QTR_PANEL QTR_RGB(0xf6f8fa)  /* background of panels */
#define QTR_ACCENT QTR_RGB(0x0a6e66) /* ADM, the front of a plot */

/* White at `share` 0, `colour` at 1. */
QtrColour qtr_colour_tint(QtrColour colour, double share);
/* Dark enough for white text; cheap (green) to dear (red). Any width from 1 to 32. */
QtrColour qtr_colour_of_bits(int bits);
void qtr_draw_set_colour(cairo_t *cr, QtrColour colour);

typedef enum { QTR_ALIGN_LEFT, QTR_ALIGN_CENTRE, QTR_ALIGN_RIGHT } QtrAlign;

void qtr_draw_set_font(cairo_t *cr, double size, gboolean bold);
/* In the current font and colour, `y` the baseline. */
void qtr_draw_text(cairo_t *cr, double x, double y, QtrAlign align, const char *text);
double qtr_draw_text_width(cairo_t *cr, const char *text);

/* Paths. */
void qtr_draw_rounded(cairo_t *cr, double x, double y, double w, double h, double radius);
/* From point to point with rounded corners; `xy` holds n pairs. Strokes in the wire colour, with an
 * arrow head at the end if `arrow`. The last segment must be longer than the head (8 px). */
void qtr_draw_wire(cairo_t *cr, const double *xy, guint n, gboolean arrow);

/* A number with an SI prefix and three digits: "8.94 G". `buffer` of at least 32. */
const char *qtr_draw_si(double value, char *buffer, gsize size);

/* Paints a drawing of `width` x `height` (> 0) on a white ground and writes it as SVG or PNG, by
 * the extension of `path` (another one is QTR_ERROR_USAGE); PNG has two pixels a unit, fewer where
 * it would exceed 16384 a side. All or nothing. */
typedef void (*QtrDrawPaint)(cairo_t *cr, gconstpointer data);
gboolean qtr_draw_save(const char *path, double width, double height, QtrDrawPaint paint,
                       gconstpointer data, GError **error);
