#include "base/error.h"
#include "run/batch.h"
#include "run/checkpoint.h"
#include "run/draw.h"
#include "run/upscale.h"

/* What is still being written; weak, so that the real one takes its place as soon as it is there.
 */
#define WEAK __attribute__((weak))

static gboolean no(GError **error)
{
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "not implemented yet");
    return FALSE;
}

WEAK gboolean qtr_job_search(const QtrJob *job, char **run_dir, GError **error)
{
    return no(error);
}

WEAK gboolean qtr_job_train(const QtrJob *job, const char *genotype_path, char **run_dir,
                            GError **error)
{
    return no(error);
}

WEAK gboolean qtr_job_validate(const QtrJob *job, const char *weights, const char *sets_path,
                               GPtrArray **rows, GError **error)
{
    return no(error);
}

WEAK gboolean qtr_job_upscale(const QtrJob *job, const QtrUpscaleParams *params,
                              QtrUpscaleResult *result, GError **error)
{
    return no(error);
}

WEAK gboolean qtr_checkpoint_read_kind(const char *path, QtrCheckpointKind *kind, GError **error)
{
    return no(error);
}

WEAK QtrDrawing *qtr_drawing_new_genotype(const QtrGenotype *genotype, const QtrArch *arch,
                                          const QtrDrawCaption *caption)
{
    return NULL;
}

WEAK void qtr_drawing_free(QtrDrawing *drawing)
{
}

WEAK gboolean qtr_drawing_save(const QtrDrawing *drawing, const char *path, GError **error)
{
    return no(error);
}
