#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Measures what a search with a configuration takes on a device, in a child process, and keeps what
 * was found. Signal `changed` when it begins or ends. Main thread only. */
#define QTR_TYPE_MEASURING (qtr_measuring_get_type())
G_DECLARE_FINAL_TYPE(QtrMeasuring, qtr_measuring, QTR, MEASURING, GObject)

typedef struct {
    char *failure; /* why there are no figures, for people; NULL: there are */
    char *device;
    double step, epoch, search; /* seconds; NAN: unknown */
    double memory;              /* of the device, bytes; NAN: unknown */
    int epoch_steps;            /* 0: unknown */
} QtrMeasured;

QtrMeasuring *qtr_measuring_new(void);
/* `yaml`: the configuration, its paths absolute. `device`: what -g takes, "" for that of the
 * configuration. One at a time: what is under way goes on. */
void qtr_measuring_start(QtrMeasuring *self, const char *yaml, const char *device);
gboolean qtr_measuring_is_busy(QtrMeasuring *self);
void qtr_measuring_cancel(QtrMeasuring *self); /* leaves nothing to be found */
/* NULL: not measured yet. Borrowed until the next `changed`. */
const QtrMeasured *qtr_measuring_find(QtrMeasuring *self, const char *yaml, const char *device);

G_END_DECLS
