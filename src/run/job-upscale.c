#include "run/upscale.h"

#include "base/error.h"
#include "image/codec.h"
#include "run/folder.h"
#include "run/image-pairs.h"
#include "run/network-file.h"
#include "run/upscale-image.h"

#include <gio/gio.h>
#include <string.h>

/* One image to enlarge. */
typedef struct {
    char *from, *to;
} Task;

static void task_free(gpointer data)
{
    Task *task = data;

    g_free(task->from);
    g_free(task->to);
    g_free(task);
}

static void add_task(GPtrArray *tasks, const char *from, char *to)
{
    Task *task = g_new0(Task, 1);

    task->from = g_strdup(from);
    task->to = to;
    g_ptr_array_add(tasks, task);
}

/* The images of a folder keep their places below it. */
static gboolean add_folder(GPtrArray *tasks, const char *dir, const char *output, GError **error)
{
    g_autoptr(GPtrArray) files = qtr_image_files(dir, TRUE, error);
    gsize skip = strlen(dir);

    if (!files)
        return FALSE;
    while (skip > 0 && dir[skip - 1] == '/')
        skip--;
    for (guint i = 0; i < files->len; i++) {
        const char *path = g_ptr_array_index(files, i);

        add_task(tasks, path, g_build_filename(output, path + skip, NULL));
    }
    return TRUE;
}

static gboolean is_same_file(const char *a, const char *b)
{
    g_autofree char *first = g_canonicalize_filename(a, NULL);
    g_autofree char *second = g_canonicalize_filename(b, NULL);

    return strcmp(first, second) == 0;
}

/* Nothing is written over an input or over another result. */
static gboolean check_tasks(const GPtrArray *tasks, GError **error)
{
    g_autoptr(GHashTable) targets = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < tasks->len; i++) {
        const Task *task = g_ptr_array_index(tasks, i);

        if (is_same_file(task->from, task->to)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                        "the result would replace %s itself; choose another -o", task->from);
            return FALSE;
        }
        if (!g_hash_table_add(targets, task->to)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                        "two inputs would be written to %s; enlarge them one after the other",
                        task->to);
            return FALSE;
        }
    }
    if (tasks->len > 0)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "there is no PNG or JPEG image among the inputs");
    return FALSE;
}

/* "x.tif" is meant to be a file, "x" and "x/" a folder. */
static gboolean names_a_file(const char *path)
{
    const char *slash = strrchr(path, '/'), *leaf = slash ? slash + 1 : path;
    const char *dot = strrchr(leaf, '.');

    return dot && dot != leaf && dot[1] && !g_file_test(path, G_FILE_TEST_IS_DIR);
}

/* Several results meant for one file, or a file of a kind that is not written: a folder of that
 * name would be a surprise. */
static gboolean check_output(const QtrUpscaleParams *params, gboolean one, GError **error)
{
    gboolean picture = qtr_image_is_supported_name(params->output);

    if (!names_a_file(params->output) || one == picture)
        return TRUE;
    if (one)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "-o %s: images are written as " QTR_IMAGE_EXTENSIONS
                    "; for a folder of that name end it with a slash",
                    params->output);
    else
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "-o %s names one file, but the results of %s go into a folder; give a folder, "
                    "or enlarge image by image",
                    params->output, params->inputs[1] ? "several inputs" : "a folder");
    return FALSE;
}

static GPtrArray *plan(const QtrUpscaleParams *params, GError **error)
{
    g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func(task_free);
    gboolean one = !params->inputs[1] && !g_file_test(params->inputs[0], G_FILE_TEST_IS_DIR);
    gboolean to_file = one && names_a_file(params->output);

    if (!check_output(params, one, error))
        return NULL;
    for (const char *const *input = params->inputs; *input; input++) {
        g_autofree char *leaf = g_path_get_basename(*input);

        if (g_file_test(*input, G_FILE_TEST_IS_DIR)) {
            if (!add_folder(tasks, *input, params->output, error))
                return NULL;
        } else {
            add_task(tasks, *input,
                     to_file ? g_strdup(params->output)
                             : g_build_filename(params->output, leaf, NULL));
        }
    }
    return check_tasks(tasks, error) ? g_steal_pointer(&tasks) : NULL;
}

static gboolean run_task(QtrInfer *infer, const Task *task, GError **error)
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

    result->images = tasks->len;
    for (guint i = 0; i < tasks->len; i++) {
        const Task *task = g_ptr_array_index(tasks, i);
        g_autoptr(GError) local = NULL;

        if (job->stop && g_atomic_int_get(job->stop)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_CANCELLED, "stopped after %u of %u images", i,
                        tasks->len);
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
    g_autoptr(GPtrArray) tasks = plan(params, error);
    g_autoptr(QtrSafetensors) file = tasks ? qtr_safetensors_load(params->weights, error) : NULL;
    QtrInfer *infer = NULL;
    QtrDevice *device = NULL;
    QtrNetworkFile network;
    gboolean ok = FALSE, described = params->genotype || params->config_is_given;

    *result = (QtrUpscaleResult){0};
    if (!file ||
        !qtr_network_describe(file, params->weights, params->genotype,
                              params->config_is_given ? job->config : NULL, &network, error))
        return FALSE;
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
