#include "base/error.h"
#include "base/file.h"
#include "image/codec.h"
#include "image/patches-plan.h"

#include <string.h>
#include <sys/stat.h>

/* A walk through the input folder. */
typedef struct {
    const QtrPatchesParams *params;
    GPtrArray *names;
    GHashTable *seen; /* folders read, as "device:inode": links may lead anywhere, and back */
} Walk;

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* TRUE the first time. */
static gboolean enter(Walk *walk, const char *path)
{
    struct stat st;

    return stat(path, &st) != 0 ||
           g_hash_table_add(walk->seen, g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                                        (guint64)st.st_dev, (guint64)st.st_ino));
}

/* The pictures an earlier cutting left in `dir` are no input. */
static void pass_over_made(Walk *walk, const char *dir)
{
    g_autofree char *settings = g_build_filename(dir, QTR_PATCHES_SETTINGS, NULL);
    g_autofree char *train = g_build_filename(dir, "train", NULL);
    g_autofree char *valid = g_build_filename(dir, "valid", NULL);

    if (!g_file_test(settings, G_FILE_TEST_EXISTS))
        return;
    (void)enter(walk, train);
    (void)enter(walk, valid);
}

static GPtrArray *read_folder(const char *path, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GDir) entries = g_dir_open(path, 0, &cause);
    GPtrArray *names;
    const char *name;

    if (!entries) {
        g_set_error_literal(error, QTR_ERROR, QTR_ERROR_IO, cause->message);
        return NULL;
    }
    names = g_ptr_array_new_with_free_func(g_free);
    while ((name = g_dir_read_name(entries)))
        if (name[0] != '.')
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return names;
}

/* `relative` is NULL for the input folder itself, the only one that must be readable. */
static gboolean walk_folder(Walk *walk, const char *relative, int depth, GError **error)
{
    g_autofree char *path = g_build_filename(walk->params->input_dir, relative, NULL);
    g_autoptr(GPtrArray) names = NULL;

    if (!enter(walk, path))
        return TRUE;
    names = read_folder(path, error);
    if (!names)
        return FALSE;
    pass_over_made(walk, path);
    for (guint i = 0; i < names->len; i++) {
        g_autoptr(GError) problem = NULL;
        g_autofree char *inner = relative ? g_build_filename(relative, names->pdata[i], NULL)
                                          : g_strdup(names->pdata[i]);
        g_autofree char *whole = g_build_filename(walk->params->input_dir, inner, NULL);

        if (!g_file_test(whole, G_FILE_TEST_IS_DIR)) {
            if (qtr_image_is_supported_name(inner))
                g_ptr_array_add(walk->names, g_steal_pointer(&inner));
        } else if (depth == QTR_FILE_DEPTH_MAX) {
            qtr_warning(walk->params->log, "%s: too many folders deep; left out", whole);
        } else {
            (void)walk_folder(walk, inner, depth + 1, &problem);
            if (problem)
                qtr_warning(walk->params->log, "%s; left out", problem->message);
        }
    }
    return TRUE;
}

GPtrArray *qtr_patches_find(const QtrPatchesParams *params, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Walk walk = {.params = params, .names = names, .seen = seen};

    if (!walk_folder(&walk, NULL, 0, error))
        return NULL;
    if (names->len == 0) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "%s: holds no .png, .jpg or .jpeg images, nor do its subfolders",
                    params->input_dir);
        return NULL;
    }
    g_ptr_array_sort(names, compare_names);
    return g_steal_pointer(&names);
}
