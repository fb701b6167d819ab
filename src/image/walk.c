#include "image/walk.h"

#include "base/error.h"
#include "base/file.h"
#include "image/codec.h"

#include <string.h>

typedef struct {
    const QtrWalkParams *params;
    GPtrArray *names;
    GHashTable *entered; /* folders, QtrFileId */
    guint deep;          /* folders passed over for their depth */
    char *deepest;       /* the first of them */
} Walk;

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
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

static gboolean walk_folder(Walk *walk, const char *relative, int depth, GError **error);

static void walk_subfolder(Walk *walk, const char *relative, const char *path, int depth)
{
    const QtrWalkParams *params = walk->params;
    g_autoptr(GError) problem = NULL;

    if (!params->subfolders || (params->skip && params->skip(path, params->skip_data)))
        return;
    if (depth > QTR_FILE_DEPTH_MAX) {
        if (walk->deep++ == 0)
            walk->deepest = g_strdup(path);
    } else {
        (void)walk_folder(walk, relative, depth, &problem);
        if (problem)
            qtr_warning(params->log, "%s; left out", problem->message);
    }
}

/* `relative` is NULL for the folder itself. */
static gboolean walk_folder(Walk *walk, const char *relative, int depth, GError **error)
{
    const char *dir = walk->params->dir;
    g_autofree char *path = g_build_filename(dir, relative, NULL);
    g_autoptr(GPtrArray) names = NULL;
    QtrFileId id;
    gboolean known = qtr_file_identify(path, &id);

    if (known && !g_hash_table_add(walk->entered, g_memdup2(&id, sizeof id)))
        return TRUE;
    names = read_folder(path, error);
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *inner = relative ? g_build_filename(relative, names->pdata[i], NULL)
                                          : g_strdup(names->pdata[i]);
        g_autofree char *whole = g_build_filename(dir, inner, NULL);

        if (g_file_test(whole, G_FILE_TEST_IS_DIR))
            walk_subfolder(walk, inner, whole, depth + 1);
        else if (qtr_image_is_supported_name(inner))
            g_ptr_array_add(walk->names, g_steal_pointer(&inner));
    }
    if (known && !walk->params->once)
        g_hash_table_remove(walk->entered, &id);
    return names != NULL;
}

GPtrArray *qtr_image_walk(const QtrWalkParams *params, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) entered =
        g_hash_table_new_full(qtr_file_id_hash, qtr_file_id_equal, g_free, NULL);
    g_autofree char *deepest = NULL;
    Walk walk = {.params = params, .names = names, .entered = entered};
    gboolean ok = walk_folder(&walk, NULL, 0, error);

    deepest = walk.deepest;
    if (!ok)
        return NULL;
    if (walk.deep > 0)
        qtr_warning(params->log, "%u folder%s more than %d deep left out: %s%s", walk.deep,
                    walk.deep == 1 ? "" : "s", QTR_FILE_DEPTH_MAX, deepest,
                    walk.deep == 1 ? "" : ", ...");
    g_ptr_array_sort(names, compare_names);
    return g_steal_pointer(&names);
}
