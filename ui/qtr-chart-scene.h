#pragma once
#include "qtr-series.h"
#include "run/draw-surface.h"
#include "run/plot-axis.h"

#include <math.h>

/* A colour of drawings there, the cast of QtrPanel here. */
#undef QTR_PANEL

/* Curves in a plane and how they are painted: the same on screen and in an exported file. */

typedef enum { QTR_DASH_SOLID, QTR_DASH_DASHED, QTR_DASH_DOTTED } QtrDash;

typedef struct {
    char *label;
    GArray *points; /* QtrSeriesPoint by rising x */
    guint colour;   /* number in the palette, any */
    QtrDash dash;
    gboolean dots, hidden;
} QtrChartLine;
/* Copies the points; `dots` and `hidden` begin FALSE. */
QtrChartLine *qtr_chart_line_new(const char *label, const QtrSeriesPoint *points, guint n,
                                 guint colour, QtrDash dash);
QtrChartLine *qtr_chart_line_new_series(const char *label, const QtrSeries *series, guint colour,
                                        QtrDash dash);
void qtr_chart_line_free(QtrChartLine *line);

/* What is shown of an axis; NAN: as the curves ask for. */
typedef struct {
    double low, high;
} QtrChartRange;

typedef struct {
    char *title, *x_label, *y_label;
    GPtrArray *lines; /* QtrChartLine */
    gboolean log_y;
    QtrChartRange x, y;
} QtrChartScene;

typedef struct {
    gboolean dark;
    double font; /* pixels */
    double width, height;
} QtrChartLook;

/* Where things are, for painting and for finding what is under the pointer. */
typedef struct {
    QtrPlotAxis x, y;
    double left, right, top, bottom; /* of the plane, in pixels */
    gboolean empty;                  /* there is nothing to show */
} QtrChartLayout;

QtrChartScene *qtr_chart_scene_new(void);
void qtr_chart_scene_free(QtrChartScene *scene); /* NULL-safe */

QtrColour qtr_chart_colour(guint number, gboolean dark);
QtrColour qtr_chart_ink(gboolean dark);
void qtr_chart_layout(const QtrChartScene *scene, const QtrChartLook *look, QtrChartLayout *layout);
/* Leaves the ground as it is. */
void qtr_chart_paint(const QtrChartScene *scene, const QtrChartLook *look,
                     const QtrChartLayout *layout, cairo_t *cr);
double qtr_chart_value_at(const QtrPlotAxis *axis, double pixel);
/* The point of a line closest to `x`, or NULL. */
const QtrSeriesPoint *qtr_chart_line_nearest(const QtrChartLine *line, double x);
/* Short, with enough digits to tell neighbours apart. */
const char *qtr_chart_number(double value, char *buffer, gsize size);

/* By extension: .svg, .png (with a legend, on white), .csv (x and every curve). All or nothing. */
gboolean qtr_chart_scene_save(const QtrChartScene *scene, const char *path, GError **error);
