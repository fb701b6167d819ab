#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* One image through one network, by a child process, into a temporary file that goes with the
 * object. Signal `done`, once, also after qtr_upscale_cancel. */
#define QTR_TYPE_UPSCALE (qtr_upscale_get_type())
G_DECLARE_FINAL_TYPE(QtrUpscale, qtr_upscale, QTR, UPSCALE, GObject)

/* `weights`: best.safetensors. */
QtrUpscale *qtr_upscale_new(const char *weights, const char *input, GError **error);
void qtr_upscale_cancel(QtrUpscale *self);
gboolean qtr_upscale_is_running(QtrUpscale *self);
gboolean qtr_upscale_is_cancelled(QtrUpscale *self);
/* NULL: it runs, or succeeded. */
const char *qtr_upscale_get_failure(QtrUpscale *self);
const char *qtr_upscale_get_result(QtrUpscale *self); /* path; complete once it is done */
double qtr_upscale_get_seconds(QtrUpscale *self);     /* all it took */

G_END_DECLS
