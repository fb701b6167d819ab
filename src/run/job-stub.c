#include "base/error.h"
#include "run/upscale.h"

/* Still being written; weak, so that the real one takes its place as soon as it is there. */
__attribute__((weak)) gboolean qtr_job_upscale(const QtrJob *job, const QtrUpscaleParams *params,
                                               QtrUpscaleResult *result, GError **error)
{
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "not implemented yet");
    return FALSE;
}
