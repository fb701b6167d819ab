#include "qtr-viewport.h"

#include <math.h>

struct _QtrViewport {
    GObject parent_instance;

    double x, y, zoom; /* zoom 0: the whole image */
    double pointer_x, pointer_y;
    QtrArea selection;
};

G_DEFINE_FINAL_TYPE(QtrViewport, qtr_viewport, G_TYPE_OBJECT)

static guint changed_signal;

static void qtr_viewport_class_init(QtrViewportClass *klass)
{
    changed_signal = g_signal_new("changed", QTR_TYPE_VIEWPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void qtr_viewport_init(QtrViewport *self)
{
    self->pointer_x = self->pointer_y = NAN;
}

QtrViewport *qtr_viewport_new(void)
{
    return g_object_new(QTR_TYPE_VIEWPORT, NULL);
}

static void emit_changed(QtrViewport *self)
{
    g_signal_emit(self, changed_signal, 0);
}

void qtr_viewport_touch(QtrViewport *self)
{
    emit_changed(self);
}

void qtr_viewport_get_centre(QtrViewport *self, double *x, double *y)
{
    *x = self->x;
    *y = self->y;
}

double qtr_viewport_get_zoom(QtrViewport *self, int view_width, int view_height, int width,
                             int height)
{
    double fit = MIN((double)view_width / MAX(width, 1), (double)view_height / MAX(height, 1));

    /* Small pictures are enlarged by whole numbers, so that their pixels stay even. */
    if (self->zoom == 0)
        return CLAMP(fit >= 1 ? floor(fit) : fit, QTR_ZOOM_MIN, QTR_ZOOM_MAX);
    return self->zoom;
}

void qtr_viewport_fit(QtrViewport *self, int width, int height)
{
    self->x = width / 2.0;
    self->y = height / 2.0;
    self->zoom = 0;
    emit_changed(self);
}

void qtr_viewport_set(QtrViewport *self, double x, double y, double zoom)
{
    self->x = x;
    self->y = y;
    self->zoom = CLAMP(zoom, QTR_ZOOM_MIN, QTR_ZOOM_MAX);
    emit_changed(self);
}

void qtr_viewport_set_pointer(QtrViewport *self, double x, double y)
{
    self->pointer_x = x;
    self->pointer_y = y;
    emit_changed(self);
}

void qtr_viewport_get_pointer(QtrViewport *self, double *x, double *y)
{
    *x = self->pointer_x;
    *y = self->pointer_y;
}

void qtr_viewport_set_selection(QtrViewport *self, const QtrArea *area)
{
    self->selection = area ? *area : (QtrArea){0};
    emit_changed(self);
}

QtrArea qtr_viewport_get_selection(QtrViewport *self)
{
    return self->selection;
}
