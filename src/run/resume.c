#include "run/resume.h"

#include "base/error.h"
#include "run/folder.h"
#include "run/run-left.h"

/* Where the job in the folder is, which may be of another kind; FALSE if nothing tells. The
 * supernet's checkpoint is set aside once its search is over. */
static gboolean find_place(const char *dir, QtrCheckpointKind kind, guint epochs,
                           QtrCheckpoint *place)
{
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_CHECKPOINT);

    if (kind == QTR_CHECKPOINT_SEARCH && qtr_folder_has(dir, QTR_FOLDER_SUPERNET_CHECKPOINT)) {
        *place = (QtrCheckpoint){.kind = kind, .epoch = epochs};
        return TRUE;
    }
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return qtr_checkpoint_peek(path, place, NULL);
    *place = (QtrCheckpoint){.kind = QTR_CHECKPOINT_TRAIN};
    return kind == QTR_CHECKPOINT_SEARCH && qtr_run_left_is_training(dir);
}

gboolean qtr_resume_is_finished(const QtrJob *job, QtrCheckpointKind kind, guint epochs,
                                gboolean *finished, GError **error)
{
    QtrCheckpoint place;

    *finished = FALSE;
    if (job->resume_dir && !qtr_run_left_check_resume(job->resume_dir, error))
        return FALSE;
    if (!job->resume_dir || !find_place(job->resume_dir, kind, epochs, &place))
        return TRUE;
    if (place.kind != kind) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "%s holds a %s, not a %s: '%s --resume' or 'run --resume' goes on with it",
                    job->resume_dir, qtr_checkpoint_kind_name(place.kind),
                    qtr_checkpoint_kind_name(kind), qtr_checkpoint_kind_name(place.kind));
        return FALSE;
    }
    *finished = place.epoch >= epochs;
    if (*finished)
        qtr_info(job->log, "the %s in %s is finished: it has its %u epochs, nothing is left to do",
                 kind == QTR_CHECKPOINT_SEARCH ? "search" : "training", job->resume_dir, epochs);
    return TRUE;
}

gboolean qtr_resume_check(const QtrJob *job, QtrCheckpointKind kind,
                          const QtrCheckpointBasis *basis, GError **error)
{
    g_autofree char *path = qtr_folder_path(job->resume_dir, QTR_FOLDER_CHECKPOINT);
    QtrCheckpoint place;

    /* What is wrong with the file itself is said when it is loaded. */
    if (!g_file_test(path, G_FILE_TEST_EXISTS) || !qtr_checkpoint_peek(path, &place, NULL) ||
        place.kind != kind)
        return TRUE;
    return qtr_checkpoint_check(&place, basis, error);
}
