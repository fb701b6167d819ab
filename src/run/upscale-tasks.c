#include "run/upscale-tasks.h"

#include "base/error.h"
#include "base/file.h"
#include "image/codec.h"
#include "image/walk.h"

#include <string.h>

static void task_free(gpointer data)
{
    QtrUpscaleTask *task = data;

    g_free(task->from);
    g_free(task->to);
    g_free(task);
}

static void add_task(GPtrArray *tasks, const char *from, char *to)
{
    QtrUpscaleTask *task = g_new0(QtrUpscaleTask, 1);

    task->from = g_strdup(from);
    task->to = to;
    g_ptr_array_add(tasks, task);
}

typedef struct {
    const char *output;
    QtrLog *log;
} Results;

/* What earlier calls made of a folder is no input, where it lies in that folder. */
static gboolean holds_results(const char *path, gpointer user_data)
{
    const Results *results = user_data;
    QtrFileId folder, output;

    if (!qtr_file_identify(path, &folder) || !qtr_file_identify(results->output, &output) ||
        !qtr_file_id_equal(&folder, &output))
        return FALSE;
    qtr_info(results->log, "%s: passed over, as the results go there", path);
    return TRUE;
}

/* The images of a folder keep their places below it. */
static gboolean add_folder(GPtrArray *tasks, const char *dir, const char *output, QtrLog *log,
                           GError **error)
{
    Results results = {output, log};
    g_autoptr(GPtrArray) names = qtr_image_walk(&(QtrWalkParams){.dir = dir,
                                                                 .subfolders = TRUE,
                                                                 .skip = holds_results,
                                                                 .skip_data = &results,
                                                                 .log = log},
                                                error);

    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *from = g_build_filename(dir, names->pdata[i], NULL);

        add_task(tasks, from, g_build_filename(output, names->pdata[i], NULL));
    }
    return names != NULL;
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

static GPtrArray *list(const QtrUpscaleParams *params, QtrLog *log, GError **error)
{
    g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func(task_free);
    gboolean one = !params->inputs[1] && !g_file_test(params->inputs[0], G_FILE_TEST_IS_DIR);
    gboolean to_file = one && names_a_file(params->output);

    if (!check_output(params, one, error))
        return NULL;
    for (const char *const *input = params->inputs; *input; input++) {
        g_autofree char *leaf = g_path_get_basename(*input);

        if (g_file_test(*input, G_FILE_TEST_IS_DIR)) {
            if (!add_folder(tasks, *input, params->output, log, error))
                return NULL;
        } else {
            add_task(tasks, *input,
                     to_file ? g_strdup(params->output)
                             : g_build_filename(params->output, leaf, NULL));
        }
    }
    if (tasks->len > 0)
        return g_steal_pointer(&tasks);
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "there is no PNG or JPEG image among the inputs");
    return NULL;
}

/* Path, borrowed, of each input by its QtrFileId. */
static GHashTable *identify_inputs(const GPtrArray *tasks)
{
    GHashTable *inputs = g_hash_table_new_full(qtr_file_id_hash, qtr_file_id_equal, g_free, NULL);
    QtrFileId id;

    for (guint i = 0; i < tasks->len; i++) {
        const QtrUpscaleTask *task = tasks->pdata[i];

        if (qtr_file_identify(task->from, &id))
            g_hash_table_insert(inputs, g_memdup2(&id, sizeof id), task->from);
    }
    return inputs;
}

static gboolean check_target(const QtrUpscaleTask *task, GHashTable *inputs, GHashTable *targets,
                             GError **error)
{
    const char *input = NULL;
    QtrFileId id;

    if (qtr_file_identify(task->to, &id))
        input = g_hash_table_lookup(inputs, &id);
    if (input)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "the result of %s would replace the input %s itself; choose another -o",
                    task->from, input);
    else if (!g_hash_table_add(targets, task->to))
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "two inputs would be written to %s; enlarge them one after the other",
                    task->to);
    else
        return TRUE;
    return FALSE;
}

static gboolean check_targets(const GPtrArray *tasks, GError **error)
{
    g_autoptr(GHashTable) inputs = identify_inputs(tasks);
    g_autoptr(GHashTable) targets = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < tasks->len; i++)
        if (!check_target(tasks->pdata[i], inputs, targets, error))
            return FALSE;
    return TRUE;
}

GPtrArray *qtr_upscale_tasks(const QtrUpscaleParams *params, QtrLog *log, guint *skipped,
                             GError **error)
{
    g_autoptr(GPtrArray) tasks = list(params, log, error);

    *skipped = 0;
    if (!tasks || !check_targets(tasks, error))
        return NULL;
    for (guint i = tasks->len; params->skip_existing && i-- > 0;) {
        const QtrUpscaleTask *task = tasks->pdata[i];

        /* Results appear under their names only when whole. */
        if (g_file_test(task->to, G_FILE_TEST_IS_REGULAR)) {
            g_ptr_array_remove_index(tasks, i);
            ++*skipped;
        }
    }
    return g_steal_pointer(&tasks);
}
