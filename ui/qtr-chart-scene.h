#pragma once
#include "qtr-chart-line.h"
#include "run/draw-surface.h"
#include "run/plot-axis.h"

#include <math.h>

/* A colour of drawings there, the cast of QtrPanel here. */
#undef QTR_PANEL

/* Curves in a plane and how they are painted: the same on screen and in an exported file. */

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
/* Short, with enough digits to tell neighbours apart. */
const char *qtr_chart_number(double value, char *buffer, gsize size);
/* Of a tick: large numbers with an SI prefix. */
const char *qtr_chart_tick_text(const QtrPlotAxis *axis, double value, char *buffer, gsize size);
/* Whether a point can be shown at all: NaN cannot, nor what is not above nought on a log axis. */
gboolean qtr_chart_shows(const QtrChartScene *scene, const QtrSeriesPoint *point);

/* By extension: .svg, .png (with a legend, on white), .csv (x and every curve). All or nothing. */
gboolean qtr_chart_scene_save(const QtrChartScene *scene, const char *path, GError **error);
