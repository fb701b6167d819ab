#include "run/pipeline.h"

#include "base/error.h"
#include "gpu/device.h"
#include "run/checkpoint.h"
#include "run/config-valsets.h"
#include "run/folder.h"
#include "run/run-left.h"
#include "run/table.h"
#include "run/training-list.h"

#include <errno.h>
#include <glib/gstdio.h>

void qtr_pipeline_result_clear(QtrPipelineResult *result)
{
    g_clear_pointer(&result->search_dir, g_free);
    g_clear_pointer(&result->train_dir, g_free);
    g_clear_pointer(&result->rows, g_ptr_array_unref);
}

/* Moves `from` out of the way of training if it is the supernet's. */
static gboolean set_aside(const char *dir, QtrFolderItem from, QtrFolderItem to, GError **error)
{
    g_autofree char *old_path = qtr_folder_path(dir, from);
    g_autofree char *new_path = qtr_folder_path(dir, to);
    QtrCheckpointKind kind;

    if (!g_file_test(old_path, G_FILE_TEST_EXISTS))
        return TRUE;
    if (!qtr_checkpoint_read_kind(old_path, &kind, error))
        return FALSE;
    if (kind != QTR_CHECKPOINT_SEARCH || g_rename(old_path, new_path) == 0)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot rename %s to %s: %s", old_path, new_path,
                g_strerror(errno));
    return FALSE;
}

/* The checkpoint goes last: until then the folder tells of a finished search. */
static gboolean set_supernet_aside(const char *dir, GError **error)
{
    return set_aside(dir, QTR_FOLDER_BEST, QTR_FOLDER_SUPERNET_BEST, error) &&
           set_aside(dir, QTR_FOLDER_CHECKPOINT, QTR_FOLDER_SUPERNET_CHECKPOINT, error);
}

/* What the checkpoint in `dir` is of; without one it is `*kind` as it was. */
static gboolean find_kind(const char *dir, gboolean *exists, QtrCheckpointKind *kind,
                          GError **error)
{
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_CHECKPOINT);

    *exists = g_file_test(path, G_FILE_TEST_EXISTS);
    return !*exists || qtr_checkpoint_read_kind(path, kind, error);
}

/* Whether `dir` is gone on with and holds a training that no search came before. */
static gboolean goes_on_training(const QtrJob *job, const char *dir)
{
    return g_strcmp0(job->resume_dir, dir) == 0 && qtr_run_left_is_training(dir);
}

static gboolean search(const QtrJob *job, const char *dir, QtrPipelineResult *result,
                       GError **error)
{
    QtrCheckpointKind kind = QTR_CHECKPOINT_SEARCH;
    QtrJob step = *job;
    gboolean exists;

    result->search_dir = g_canonicalize_filename(dir, NULL);
    if (!find_kind(dir, &exists, &kind, error))
        return FALSE;
    if (kind == QTR_CHECKPOINT_TRAIN ||
        (!exists && qtr_folder_has(dir, QTR_FOLDER_SUPERNET_CHECKPOINT)))
        return TRUE; /* finished before, and set aside */
    if (!exists && !qtr_run_left_check_resume(dir, error))
        return FALSE;
    if (!exists && goes_on_training(job, dir))
        return TRUE;
    step.run_dir = exists ? NULL : dir;
    step.resume_dir = exists ? dir : NULL;
    g_clear_pointer(&result->search_dir, g_free);
    return qtr_job_search(&step, &result->search_dir, error);
}

static gboolean train(const QtrJob *job, const char *dir, const char *genotype,
                      QtrPipelineResult *result, GError **error)
{
    g_autofree char *found = NULL;
    QtrCheckpointKind kind = QTR_CHECKPOINT_SEARCH;
    QtrJob step = *job;
    gboolean exists;

    if (result->search_dir)
        found = qtr_folder_path(result->search_dir, QTR_FOLDER_GENOTYPE);
    if (!find_kind(dir, &exists, &kind, error))
        return FALSE;
    if (kind == QTR_CHECKPOINT_TRAIN || (!exists && goes_on_training(job, dir))) {
        step.run_dir = NULL;
        step.resume_dir = dir;
    } else {
        if (!set_supernet_aside(dir, error) || !qtr_run_left_check_resume(dir, error))
            return FALSE;
        step.run_dir = dir;
        step.resume_dir = NULL;
    }
    return qtr_job_train(&step, found ? found : genotype, &result->train_dir, error);
}

/* Whether nothing is left to train in `dir`. */
static gboolean is_trained(const QtrJob *job, const char *dir)
{
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_CHECKPOINT);
    QtrCheckpoint place;

    return g_file_test(path, G_FILE_TEST_EXISTS) && qtr_checkpoint_peek(path, &place, NULL) &&
           place.kind == QTR_CHECKPOINT_TRAIN && place.epoch >= (guint)job->config->train.epochs;
}

static gboolean is_older(const char *path, const char *other)
{
    GStatBuf a, b;

    return g_stat(path, &a) == 0 && g_stat(other, &b) == 0 && a.st_mtime < b.st_mtime;
}

/* What an earlier validation of the same sets and these weights found; NULL if there was none. */
static GPtrArray *find_validation(const char *dir, const char *weights, const char *sets)
{
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_VALIDATION);
    g_autoptr(GPtrArray) rows = NULL;
    g_autoptr(GPtrArray) wanted = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS) || is_older(path, weights) || is_older(path, sets))
        return NULL;
    rows = qtr_validation_load(path, NULL);
    wanted = rows ? qtr_valsets_load(sets, NULL) : NULL;
    if (!wanted || wanted->len != rows->len)
        return NULL;
    for (guint i = 0; i < rows->len; i++) {
        const QtrValidationRow *row = rows->pdata[i];
        const QtrValset *set = wanted->pdata[i];

        if (!g_str_equal(row->set, set->name))
            return NULL;
    }
    return g_steal_pointer(&rows);
}

/* The file of validation sets, NULL if there is none. */
static const char *sets_of(const QtrJob *job, const QtrPipelineParams *params)
{
    const char *sets = params->sets ? params->sets : job->config->env.validation_sets;

    return sets && *sets ? sets : NULL;
}

/* `again`: even if it was done before. */
static gboolean validate(const QtrJob *job, const char *sets, gboolean again,
                         QtrPipelineResult *result, GError **error)
{
    g_autofree char *weights = qtr_folder_path(result->train_dir, QTR_FOLDER_BEST);
    GPtrArray *found = NULL;
    QtrJob step = *job;

    if (!sets) {
        qtr_info(job->log, "no validation: neither --sets nor env.validation_sets names a file");
        return TRUE;
    }
    if (!again)
        found = find_validation(result->train_dir, weights, sets);
    if (found) {
        qtr_info(job->log, "the validation in %s is finished; it found:", result->train_dir);
        g_ptr_array_unref(result->rows);
        result->rows = found;
        return TRUE;
    }
    step.run_dir = result->train_dir;
    step.resume_dir = NULL;
    g_clear_pointer(&result->rows, g_ptr_array_unref);
    return qtr_job_validate(&step, weights, sets, &result->rows, error);
}

static char *choose_folder(const QtrJob *job, const QtrPipelineParams *params, GError **error)
{
    const char *given = job->resume_dir ? job->resume_dir : job->run_dir;

    return given ? g_strdup(given)
                 : qtr_folder_create(job->config->env.log_dir, params->genotype ? "TUNE" : "RUN",
                                     job->config->env.run_name, error);
}

gboolean qtr_pipeline_check(const QtrConfig *config, const char *sets, GError **error)
{
    return qtr_config_check_paths(config, error) && qtr_training_check(config, error) &&
           (!sets || !*sets || qtr_valsets_check(sets, config->dataset.scale, error));
}

gboolean qtr_pipeline_run(const QtrJob *job, const QtrPipelineParams *params,
                          QtrPipelineResult *result, GError **error)
{
    g_autofree char *dir = NULL;
    const char *train_dir;
    gboolean again;

    *result = (QtrPipelineResult){
        .rows = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_validation_row_free)};
    if (!qtr_pipeline_check(job->config, sets_of(job, params), error))
        return FALSE;
    /* Before there is a folder. */
    if (!qtr_device_exists(job->device ? job->device : job->config->env.gpu, error))
        return FALSE;
    dir = choose_folder(job, params, error);
    if (!dir)
        return FALSE;
    train_dir = params->train_dir ? params->train_dir : dir;
    again = params->sets || !is_trained(job, train_dir);
    return (params->genotype || search(job, dir, result, error)) &&
           train(job, train_dir, params->genotype, result, error) &&
           validate(job, sets_of(job, params), again, result, error);
}
