#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* A trained network at work on an image, by a child process where the run has not left the result
 * already. Signals: `done` (path of the SR image, which lasts until the next image or network),
 * `failed` (message for people; NULL: it was cancelled), after which the network is let go. */
#define QTR_TYPE_ENLARGER (qtr_enlarger_get_type())
G_DECLARE_FINAL_TYPE(QtrEnlarger, qtr_enlarger, QTR, ENLARGER, GObject)

QtrEnlarger *qtr_enlarger_new(void);
/* A run folder with best.safetensors; NULL: none. The image is to be given again. */
void qtr_enlarger_set_network(QtrEnlarger *self, const char *run_dir);
const char *qtr_enlarger_get_network(QtrEnlarger *self);
void qtr_enlarger_enlarge(QtrEnlarger *self, const char *lr); /* NULL: nothing */
gboolean qtr_enlarger_is_busy(QtrEnlarger *self);
void qtr_enlarger_cancel(QtrEnlarger *self);

int qtr_enlarger_get_scale(QtrEnlarger *self);          /* 0: unknown */
double qtr_enlarger_get_bitops(QtrEnlarger *self);      /* at 32 x 32; NAN: unknown */
double qtr_enlarger_get_seconds(QtrEnlarger *self);     /* the last image took; NAN: unknown */
const char *qtr_enlarger_get_result(QtrEnlarger *self); /* path; NULL: none (yet) */

G_END_DECLS
