#include "run/job.h"

#include "base/error.h"
#include "image/codec.h"
#include "image/metrics.h"
#include "image/resize.h"
#include "nn/cost.h"
#include "run/config-valsets.h"
#include "run/folder.h"
#include "run/image-fit.h"
#include "run/network-file.h"
#include "run/record.h"
#include "run/table.h"

#include <math.h>

#define MEGA 1e6

typedef struct {
    QtrRecord record;
    QtrNetworkFile network;
    QtrInfer *infer;
    GPtrArray *sets;  /* QtrValset */
    GPtrArray *pairs; /* GPtrArray of QtrImagePair, one a set */
    guint done, total;
    gboolean is_warm; /* the driver has made the kernels that are timed */
} Validate;

/* Sums of one set. */
typedef struct {
    double psnr, bicubic, ssim, seconds, pixels;
    guint n, cut; /* images, and of these those whose HR image was cut */
    guint n_ssim; /* those that its window fits into */
} Sums;

/* Sets are often made from images whose sides are no multiple of the scale: what the LR image has
 * no part of, at the right and bottom, is cut off. */
static gboolean fit_hr(const Validate *v, const QtrImagePair *pair, const QtrImage *lr,
                       QtrImage **hr, Sums *sums, GError **error)
{
    int s = v->network.arch.scale, width = lr->width * s, height = lr->height * s;
    QtrImage *cut;

    if (!qtr_image_fit(pair, s, (QtrImageSize){lr->width, lr->height},
                       (QtrImageSize){(*hr)->width, (*hr)->height}, error))
        return FALSE;
    if ((*hr)->width == width && (*hr)->height == height)
        return TRUE;
    cut = qtr_image_crop(*hr, 0, 0, width, height, error);
    if (!cut)
        return FALSE;
    qtr_image_free(*hr);
    *hr = cut;
    sums->cut++;
    return TRUE;
}

static QtrImage *load_rgb(const char *path, GError **error)
{
    g_autoptr(QtrImage) image = qtr_image_load(path, error);

    QtrImage *rgb = image ? qtr_image_to_rgb8(image, error) : NULL;

    if (image && !rgb)
        g_prefix_error(error, "%s: ", path);
    return rgb;
}

static gboolean save_picture(Validate *v, const char *set, const char *name, const char *what,
                             const QtrImage *image, GError **error)
{
    g_autofree char *relative = qtr_folder_picture(set, name, what);
    g_autofree char *path = g_build_filename(v->record.dir, relative, NULL);

    return qtr_folder_make_for(path, error) && qtr_image_save(image, path, error) &&
           qtr_events_picture(v->record.events, what, set, name, relative, error);
}

static gboolean save_pictures(Validate *v, const char *set, const char *name, const QtrImage *lr,
                              const QtrImage *sr, const QtrImage *hr, const QtrImage *bicubic,
                              GError **error)
{
    return save_picture(v, set, name, "LR", lr, error) &&
           save_picture(v, set, name, "SR", sr, error) &&
           save_picture(v, set, name, "HR", hr, error) &&
           save_picture(v, set, name, "bicubic", bicubic, error);
}

/* The first run of a driver compiles, which is no matter of the network. */
static gboolean warm_up(Validate *v, const QtrImage *lr, GError **error)
{
    if (!v->is_warm) {
        g_autoptr(QtrImage) unused = qtr_infer_rgb8(v->infer, lr, error);

        v->is_warm = unused != NULL;
    }
    return v->is_warm;
}

static gboolean validate_image(Validate *v, const char *set, const QtrImagePair *pair, Sums *sums,
                               GError **error)
{
    g_autoptr(QtrImage) lr = load_rgb(pair->lr, error);
    g_autoptr(QtrImage) hr = lr ? load_rgb(pair->hr, error) : NULL;
    g_autoptr(QtrImage) bicubic = NULL;
    g_autoptr(QtrImage) sr = NULL;
    double psnr, psnr_bicubic, ssim;
    gint64 begin;

    if (!hr || !fit_hr(v, pair, lr, &hr, sums, error) || !qtr_infer_prepare(v->infer, lr, error) ||
        !warm_up(v, lr, error))
        return FALSE;
    begin = g_get_monotonic_time();
    sr = qtr_infer_rgb8(v->infer, lr, error);
    if (!sr)
        return FALSE;
    sums->seconds += (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
    sums->pixels += (double)sr->width * sr->height;
    bicubic = qtr_image_resize_bicubic(lr, hr->width, hr->height, error);
    if (!bicubic)
        return FALSE;
    psnr = qtr_image_psnr_y(sr, hr, QTR_METRICS_BORDER);
    psnr_bicubic = qtr_image_psnr_y(bicubic, hr, QTR_METRICS_BORDER);
    sums->psnr += psnr;
    sums->bicubic += psnr_bicubic;
    ssim = qtr_image_ssim_y(sr, hr, QTR_METRICS_BORDER);
    if (!isnan(ssim)) {
        sums->ssim += ssim;
        sums->n_ssim++;
    }
    sums->n++;
    qtr_debug(v->record.job->log, "%s/%s: %.3f dB, bicubic %.3f dB", set, pair->name, psnr,
              psnr_bicubic);
    return save_pictures(v, set, pair->name, lr, sr, hr, bicubic, error);
}

static QtrValidationRow *make_row(const Validate *v, const char *set, const Sums *sums)
{
    QtrValidationRow *row = g_new0(QtrValidationRow, 1);
    QtrCost small =
        qtr_genotype_cost(&v->network.genotype, &v->network.arch, QTR_COST_SIDE, QTR_COST_SIDE);
    QtrCost large = qtr_genotype_cost(&v->network.genotype, &v->network.arch, QTR_COST_SIDE_LARGE,
                                      QTR_COST_SIDE_LARGE);

    row->set = g_strdup(set);
    row->model_size = (double)small.parameters / (1 << 20);
    row->packed_bytes = small.packed_bytes;
    row->bitops_32 = small.bitops;
    row->bitops_256 = large.bitops;
    row->psnr = sums->psnr / sums->n;
    row->ssim = sums->n_ssim ? sums->ssim / sums->n_ssim : (double)NAN;
    row->psnr_bicubic = sums->bicubic / sums->n;
    row->seconds_per_megapixel = sums->seconds / (sums->pixels / MEGA);
    row->images = sums->n;
    return row;
}

static gboolean validate_set(Validate *v, guint index, GPtrArray *rows, GError **error)
{
    const QtrValset *set = g_ptr_array_index(v->sets, index);
    const GPtrArray *pairs = g_ptr_array_index(v->pairs, index);
    QtrValidationRow *row;
    Sums sums = {0};

    for (guint i = 0; i < pairs->len; i++) {
        g_autofree char *detail = g_strdup_printf("%s %u/%u", set->name, i + 1, pairs->len);

        if (qtr_record_is_stopped(&v->record)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_CANCELLED, "validation stopped");
            return FALSE;
        }
        if (!validate_image(v, set->name, g_ptr_array_index(pairs, i), &sums, error))
            return FALSE;
        qtr_record_progress(&v->record, ++v->done, v->total, detail);
    }
    if (sums.cut)
        qtr_warning(v->record.job->log,
                    "%s: %u of %u HR images cut at right and bottom to %d times their LR image",
                    set->name, sums.cut, sums.n, v->network.arch.scale);
    if (sums.n_ssim < sums.n)
        qtr_warning(v->record.job->log,
                    "%s: %u of %u images are too small for SSIM and have no part in it", set->name,
                    sums.n - sums.n_ssim, sums.n);
    row = make_row(v, set->name, &sums);
    g_ptr_array_add(rows, row);
    qtr_info(v->record.job->log, "%s: PSNR %.3f dB, bicubic %.3f dB, SSIM %.4f", set->name,
             row->psnr, row->psnr_bicubic, row->ssim);
    return qtr_events_validation(v->record.events, row, error);
}

static void warn_of_guess(const QtrValset *set, const QtrImagePair *first, QtrLog *log)
{
    g_autofree char *lr = g_path_get_basename(first->lr), *hr = g_path_get_basename(first->hr);

    qtr_warning(log,
                "%s: names of LR and HR images have nothing in common; they are taken for pairs in "
                "the order of names, %s and %s first",
                set->name, lr, hr);
}

/* All folders and the sizes of all images are looked at before anything runs. */
static gboolean find_images(Validate *v, const char *sets_path, QtrLog *log, GError **error)
{
    v->sets = qtr_valsets_load(sets_path, error);
    v->pairs = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; v->sets && i < v->sets->len; i++) {
        const QtrValset *set = g_ptr_array_index(v->sets, i);
        GPtrArray *pairs = qtr_image_pairs(set->lr_dir, set->hr_dir, error);

        if (!pairs)
            return FALSE;
        g_ptr_array_add(v->pairs, pairs);
        if (((const QtrImagePair *)pairs->pdata[0])->is_guess)
            warn_of_guess(set, pairs->pdata[0], log);
        if (!qtr_image_fit_set(pairs, set->name, v->network.arch.scale, log, error))
            return FALSE;
        v->total += pairs->len;
    }
    return v->sets != NULL;
}

static gboolean run(Validate *v, const QtrSafetensors *file, const char *weights, GPtrArray *rows,
                    GError **error)
{
    const QtrJob *job = v->record.job;
    g_autofree char *csv = qtr_folder_path(v->record.dir, QTR_FOLDER_VALIDATION);
    QtrEventStarted started = {.kind = "validate",
                               .name = job->config->env.run_name,
                               .device = qtr_device_info(v->record.device)->name,
                               .config_path = "config.yaml"};

    /* First of all, so that the folder tells whose it is even if this fails. */
    if (!qtr_events_started(v->record.events, &started, error))
        return FALSE;
    v->infer = qtr_network_open(v->record.device, file, weights, &v->network,
                                job->config->env.half_tensors, error);
    if (!v->infer)
        return FALSE;
    for (guint i = 0; i < v->sets->len; i++)
        if (!validate_set(v, i, rows, error))
            return FALSE;
    return qtr_validation_save(rows, csv, error);
}

gboolean qtr_job_validate(const QtrJob *job, const char *weights, const char *sets_path,
                          GPtrArray **rows, GError **error)
{
    Validate v = {0};
    g_autoptr(QtrSafetensors) file = qtr_safetensors_load(weights, error);
    g_autoptr(GPtrArray) found =
        g_ptr_array_new_with_free_func((GDestroyNotify)qtr_validation_row_free);
    g_autoptr(GError) failure = NULL;
    gboolean ok = file && qtr_network_describe(file, weights, NULL, NULL, &v.network, error) &&
                  find_images(&v, sets_path, job->log, error) &&
                  qtr_record_open(&v.record, job, "validate", "VALIDATE", error);

    if (ok) {
        ok = run(&v, file, weights, found, &failure);
        qtr_infer_free(v.infer);
        qtr_record_close(&v.record, failure);
        if (!ok)
            g_propagate_error(error, g_steal_pointer(&failure));
    }
    g_clear_pointer(&v.sets, g_ptr_array_unref);
    g_clear_pointer(&v.pairs, g_ptr_array_unref);
    if (ok)
        *rows = g_steal_pointer(&found);
    return ok;
}
