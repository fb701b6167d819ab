#include "image/patches.h"

#include "base/error.h"
#include "base/file.h"
#include "image/codec.h"
#include "image/patches-plan.h"
#include "image/resize.h"

#include <math.h>
#include <string.h>

typedef struct {
    const QtrPatchesParams *params;
    GPtrArray *sources; /* QtrPatchesSource */
    char *lr_name;      /* "LRx4" */
    guint total;

    GMutex mutex; /* guards all below */
    GCond changed;
    guint done, written, sources_left;
    gboolean stop;
    GError *error; /* the first failure to write */
} Job;

static char *output_path(const Job *job, const QtrPatchesSource *source, gboolean lr,
                         const char *name)
{
    return g_build_filename(job->params->output_dir, source->valid ? "valid" : "train",
                            lr ? job->lr_name : "HR", name, NULL);
}

static gboolean should_stop(Job *job)
{
    gboolean stop;

    g_mutex_lock(&job->mutex);
    if (job->params->stop && g_atomic_int_get(job->params->stop))
        job->stop = TRUE;
    stop = job->stop;
    g_mutex_unlock(&job->mutex);
    return stop;
}

static void count(Job *job, guint done, guint written)
{
    g_mutex_lock(&job->mutex);
    job->done += done;
    job->written += written;
    g_mutex_unlock(&job->mutex);
}

static void fail(Job *job, GError *error)
{
    g_mutex_lock(&job->mutex);
    job->stop = TRUE;
    if (job->error)
        g_error_free(error);
    else
        job->error = error;
    g_mutex_unlock(&job->mutex);
}

static QtrImage *cut(const QtrPatchesParams *params, const QtrPatchesSource *source,
                     const QtrPatchesPiece *piece, const QtrImage *image, GError **error)
{
    int s = params->scale;

    if (!source->valid)
        return qtr_image_crop(image, piece->col, piece->row, params->patch, params->patch, error);
    return qtr_image_resize_bicubic(image, image->width / s * s, image->height / s * s, error);
}

static gboolean make_piece(const Job *job, const QtrPatchesSource *source,
                           const QtrPatchesPiece *piece, const QtrImage *image, GError **error)
{
    int s = job->params->scale;
    g_autofree char *hr_path = output_path(job, source, FALSE, piece->name);
    g_autofree char *lr_path = output_path(job, source, TRUE, piece->name);
    g_autoptr(QtrImage) hr = cut(job->params, source, piece, image, error);
    g_autoptr(QtrImage) lr =
        hr ? qtr_image_resize_bicubic(hr, hr->width / s, hr->height / s, error) : NULL;

    if (!lr)
        g_prefix_error(error, "%s: ", source->path);
    return lr && qtr_image_save(lr, lr_path, error) && qtr_image_save(hr, hr_path, error);
}

static gboolean is_made(const Job *job, const QtrPatchesSource *source, const char *name)
{
    g_autofree char *hr_path = output_path(job, source, FALSE, name);
    g_autofree char *lr_path = output_path(job, source, TRUE, name);

    /* Files appear under their names only when whole, so being there is enough. */
    return g_file_test(hr_path, G_FILE_TEST_IS_REGULAR) &&
           g_file_test(lr_path, G_FILE_TEST_IS_REGULAR);
}

static QtrImage *load_source(const QtrPatchesSource *source, GError **error)
{
    g_autoptr(QtrImage) raw = qtr_image_load(source->path, error);
    QtrImage *image;

    if (!raw)
        return NULL;
    image = qtr_image_to_rgb8(raw, error);
    if (!image) {
        g_prefix_error(error, "%s: ", source->path);
        return NULL;
    }
    if (image->width != source->width || image->height != source->height) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "%s: changed while it was read", source->path);
        g_clear_pointer(&image, qtr_image_free);
        return NULL;
    }
    /* A photo's EXIF block in each of its patches could outweigh the pixels. */
    g_clear_pointer(&image->icc, g_bytes_unref);
    g_clear_pointer(&image->exif, g_bytes_unref);
    return image;
}

static void do_source(Job *job, QtrPatchesSource *source)
{
    guint n = qtr_patches_count(job->params, source);
    g_autoptr(QtrImage) image = NULL;
    GError *error = NULL;

    for (guint i = 0; i < n && !should_stop(job); i++) {
        QtrPatchesPiece piece = qtr_patches_piece(job->params, source, i);
        g_autofree char *name = piece.name;

        if (is_made(job, source, name)) {
            count(job, 2, 0);
            continue;
        }
        if (!image)
            image = load_source(source, &error);
        if (!image) {
            qtr_warning(job->params->log, "%s; left out", error->message);
            g_clear_error(&error);
            source->broken = TRUE;
            count(job, 2 * (n - i), 0);
            return;
        }
        if (!make_piece(job, source, &piece, image, &error)) {
            fail(job, error);
            return;
        }
        count(job, 2, 2);
    }
}

static void worker(gpointer data, gpointer user_data)
{
    Job *job = user_data;

    do_source(job, data);
    g_mutex_lock(&job->mutex);
    job->sources_left--;
    g_cond_signal(&job->changed);
    g_mutex_unlock(&job->mutex);
}

static void report(Job *job, guint done)
{
    if (job->params->progress)
        job->params->progress(done, job->total, job->params->progress_data);
}

/* Reports from this thread, without the lock, at most ten times a second. */
static void wait_for_workers(Job *job)
{
    gint64 next = 0;
    guint done;

    g_mutex_lock(&job->mutex);
    while (job->sources_left > 0) {
        if (g_get_monotonic_time() < next) {
            g_cond_wait_until(&job->changed, &job->mutex, next);
            continue;
        }
        done = job->done;
        g_mutex_unlock(&job->mutex);
        report(job, done);
        next = g_get_monotonic_time() + G_TIME_SPAN_SECOND / 10;
        g_mutex_lock(&job->mutex);
    }
    done = job->done;
    g_mutex_unlock(&job->mutex);
    report(job, done);
}

static gboolean cut_all(Job *job, GError **error)
{
    int threads = job->params->threads > 0 ? job->params->threads : (int)g_get_num_processors();
    GThreadPool *pool = g_thread_pool_new(worker, job, threads, FALSE, error);

    if (!pool)
        return FALSE;
    for (guint i = 0; i < job->sources->len; i++) {
        job->total += 2 * qtr_patches_count(job->params, job->sources->pdata[i]);
        job->sources_left++;
    }
    for (guint i = 0; i < job->sources->len; i++)
        g_thread_pool_push(pool, job->sources->pdata[i], NULL);
    wait_for_workers(job);
    g_thread_pool_free(pool, FALSE, TRUE);
    if (job->error) {
        g_propagate_error(error, g_steal_pointer(&job->error));
        return FALSE;
    }
    if (job->stop) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_CANCELLED,
                    "%s: stopped; the same command goes on from here", job->params->output_dir);
        return FALSE;
    }
    return TRUE;
}

static gboolean check_params(const QtrPatchesParams *p, GError **error)
{
    if (p->scale < 1 || p->patch < 1 || p->stride < 1)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "patch %d, stride %d and scale %d must be at least 1", p->patch, p->stride,
                    p->scale);
    else if (p->patch % p->scale != 0)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "a patch of %d pixels cannot be divided by scale %d; try %d", p->patch,
                    p->scale, MAX(p->patch / p->scale, 1) * p->scale);
    else if (!(p->valid >= 0 && p->valid <= 1))
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "valid %g must be from 0 to 1", p->valid);
    else
        return TRUE;
    return FALSE;
}

/* An empty train.list would only fail later and further from its cause. */
static gboolean any_left(const Job *job, GError **error)
{
    for (guint i = 0; i < job->sources->len; i++) {
        const QtrPatchesSource *source = job->sources->pdata[i];

        if (!source->broken && (!source->valid || job->params->valid >= 1))
            return TRUE;
    }
    g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                "%s: no image is whole and large enough for a patch of %d x %d",
                job->params->input_dir, job->params->patch, job->params->patch);
    return FALSE;
}

gboolean qtr_patches_cut(const QtrPatchesParams *params, QtrPatchesResult *result, GError **error)
{
    Job job = {.params = params};
    g_autoptr(GPtrArray) names = NULL;
    gboolean ok;

    *result = (QtrPatchesResult){0};
    if (!check_params(params, error))
        return FALSE;
    names = qtr_patches_find(params, error);
    job.sources = names ? qtr_patches_plan(params, names, result, error) : NULL;
    if (!job.sources)
        return FALSE;
    g_mutex_init(&job.mutex);
    g_cond_init(&job.changed);
    job.lr_name = qtr_patches_lr_name(params);
    ok = any_left(&job, error) && qtr_patches_settle(params, names, error) &&
         qtr_patches_make_folders(params, error) && cut_all(&job, error) && any_left(&job, error) &&
         qtr_patches_write_list(params, job.sources, TRUE, &result->valid, error) &&
         (result->valid == 0 || qtr_patches_write_sets(params, error)) &&
         qtr_patches_write_list(params, job.sources, FALSE, &result->patches, error);
    result->written = job.written;
    for (guint i = 0; i < job.sources->len; i++) {
        const QtrPatchesSource *source = job.sources->pdata[i];

        result->left_out += source->broken;
        if (source->broken && params->left_out)
            params->left_out(source->path, params->left_out_data);
    }
    g_free(job.lr_name);
    g_ptr_array_unref(job.sources);
    g_mutex_clear(&job.mutex);
    g_cond_clear(&job.changed);
    return ok;
}
