#include "base/file.h"
#include "run/batch-private.h"
#include "run/folder.h"

#include <string.h>

static char *path_in(const QtrBatch *batch, const char *relative)
{
    return g_build_filename(batch->dir, relative, NULL);
}

char *qtr_trial_first_dir(const QtrBatch *batch, const QtrTrial *trial)
{
    return path_in(batch, trial->search_dir ? trial->search_dir : trial->train_dir);
}

static gboolean has_folder(const QtrBatch *batch, const QtrTrial *trial)
{
    g_autofree char *first =
        trial->search_dir || trial->train_dir ? qtr_trial_first_dir(batch, trial) : NULL;

    return first && g_file_test(first, G_FILE_TEST_IS_DIR);
}

/* SEARCH_<id>-<date> and, of the same stem, TUNE_<id>-<date>: a pair. Where somebody has deleted
 * the first the trial begins anew. */
gboolean qtr_trial_make_folders(const QtrBatch *batch, QtrTrial *trial, GError **error)
{
    g_autofree char *parent = path_in(batch, trial->folder);
    g_autofree char *made = NULL;
    g_autofree char *leaf = NULL;

    if (has_folder(batch, trial))
        return TRUE;
    g_clear_pointer(&trial->search_dir, g_free);
    g_clear_pointer(&trial->train_dir, g_free);
    made = qtr_folder_create(parent, trial->genotype ? "TUNE" : "SEARCH", trial->id, error);
    if (!made)
        return FALSE;
    leaf = g_path_get_basename(made);
    if (trial->genotype) {
        trial->train_dir = g_build_filename(trial->folder, leaf, NULL);
    } else {
        g_autofree char *tune = g_strconcat("TUNE_", leaf + strlen("SEARCH_"), NULL);

        trial->search_dir = g_build_filename(trial->folder, leaf, NULL);
        trial->train_dir = g_build_filename(trial->folder, tune, NULL);
    }
    return TRUE;
}

static gboolean has_begun(const char *dir)
{
    return qtr_folder_has(dir, QTR_FOLDER_CONFIG) && qtr_folder_has(dir, QTR_FOLDER_CHECKPOINT);
}

static void add(GPtrArray *argv, const char *option, const char *value)
{
    if (option)
        g_ptr_array_add(argv, g_strdup(option));
    if (value)
        g_ptr_array_add(argv, g_strdup(value));
}

/* The genotype of a trial that does not search is put into its folder first. */
static gboolean add_genotype(const QtrTrial *trial, const char *dir, GPtrArray *argv,
                             GError **error)
{
    g_autofree char *path = g_build_filename(dir, "genotype.gen", NULL);

    if (!trial->genotype)
        return TRUE;
    add(argv, "--genotype", path);
    return qtr_file_write(path, trial->genotype, strlen(trial->genotype), error);
}

GPtrArray *qtr_trial_make_command(const QtrBatch *batch, const QtrTrial *trial, const char *device,
                                  GError **error)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *dir = qtr_trial_first_dir(batch, trial);
    g_autofree char *config = qtr_batch_config_path(batch->dir, trial->batch_name);

    for (char **e = batch->executable; *e; e++)
        add(argv, *e, NULL);
    add(argv, "run", NULL);
    add(argv, "--json", NULL);
    add(argv, "-g", device);
    if (trial->search_dir) {
        g_autofree char *train = path_in(batch, trial->train_dir);

        add(argv, "--train-dir", train);
    }
    if (has_begun(dir)) {
        add(argv, "--resume", dir);
    } else {
        add(argv, "-c", config);
        add(argv, "--run-dir", dir);
    }
    for (char **o = trial->overrides; o && *o; o++)
        add(argv, "--set", *o);
    if (!add_genotype(trial, dir, argv, error))
        return NULL;
    g_ptr_array_add(argv, NULL);
    return g_steal_pointer(&argv);
}
