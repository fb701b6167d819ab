#include "run/upscale.h"

#include "base/error.h"
#include "image/codec.h"
#include "run/folder.h"
#include "run/network-file.h"
#include "run/upscale-image.h"
#include "run/upscale-tasks.h"

static gboolean run_task(QtrInfer *infer, const QtrUpscaleTask *task, GError **error)
{
    g_autoptr(QtrImage) image = qtr_image_load(task->from, error);
    g_autoptr(QtrImage) result = NULL;

    if (!image)
        return FALSE;
    if ((gint64)MAX(image->width, image->height) * qtr_infer_scale(infer) > QTR_IMAGE_MAX_SIDE) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "%s: %dx%d enlarged is more than %d pixels a side", task->from, image->width,
                    image->height, QTR_IMAGE_MAX_SIDE);
        return FALSE;
    }
    if (!qtr_image_can_save(task->to, image, error)) {
        g_prefix_error(error, "%s: ", task->from);
        return FALSE;
    }
    if (!(result = qtr_upscale_image(infer, image, error))) {
        g_prefix_error(error, "%s: ", task->from);
        return FALSE;
    }
    return qtr_folder_make_for(task->to, error) && qtr_image_save(result, task->to, error);
}

static void report(const QtrJob *job, gint64 begin, guint done, guint total, const char *path)
{
    double elapsed = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;

    if (job->progress)
        job->progress(&(QtrProgress){.phase = "upscale",
                                     .done = done,
                                     .total = total,
                                     .eta = done ? elapsed / done * (total - done) : -1,
                                     .detail = path},
                      job->progress_data);
}

static gboolean run_tasks(const QtrJob *job, QtrInfer *infer, const GPtrArray *tasks,
                          QtrUpscaleResult *result, GError **error)
{
    gint64 begin = g_get_monotonic_time();

    for (guint i = 0; i < tasks->len; i++) {
        const QtrUpscaleTask *task = g_ptr_array_index(tasks, i);
        g_autoptr(GError) local = NULL;

        if (job->stop && g_atomic_int_get(job->stop)) {
            g_set_error(
                error, QTR_ERROR, QTR_ERROR_CANCELLED, "stopped after %u of %u images%s", i,
                tasks->len,
                tasks->len == 1 ? "" : "; the same command with --skip-existing goes on from here");
            return FALSE;
        }
        if (!run_task(infer, task, &local)) {
            if (tasks->len == 1) {
                g_propagate_error(error, g_steal_pointer(&local));
                return FALSE;
            }
            qtr_warning(job->log, "%s", local->message);
            result->failed++;
        }
        report(job, begin, i + 1, tasks->len, task->from);
    }
    if (result->failed == 0)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "%u of %u images failed, see the warnings above",
                result->failed, result->images);
    return FALSE;
}

gboolean qtr_job_upscale(const QtrJob *job, const QtrUpscaleParams *params,
                         QtrUpscaleResult *result, GError **error)
{
    const char *selector = job->device ? job->device : job->config->env.gpu;
    guint skipped;
    g_autoptr(GPtrArray) tasks = qtr_upscale_tasks(params, job->log, &skipped, error);
    g_autoptr(QtrSafetensors) file = tasks ? qtr_safetensors_load(params->weights, error) : NULL;
    QtrInfer *infer = NULL;
    QtrDevice *device = NULL;
    QtrNetworkFile network;
    gboolean ok = FALSE, described = params->genotype || params->config_is_given;

    *result = (QtrUpscaleResult){.images = tasks ? tasks->len : 0, .skipped = skipped};
    if (!file ||
        !qtr_network_describe(file, params->weights, params->genotype,
                              params->config_is_given ? job->config : NULL, &network, error))
        return FALSE;
    if (tasks->len == 0)
        return TRUE;
    device = qtr_device_open(&(QtrDeviceParams){.selector = selector, .log = job->log}, error);
    if (device && (infer = qtr_network_open(device, file, params->weights, &network,
                                            job->config->env.half_tensors, error))) {
        qtr_infer_set_tile(infer, params->tile);
        /* Where the file does not say itself what it is of, the fault would be every image's. */
        ok = (!described || qtr_infer_check(infer, error)) &&
             run_tasks(job, infer, tasks, result, error);
    }
    qtr_infer_free(infer);
    qtr_device_close(device);
    return ok;
}
