#include "run/image-pairs.h"

#include "base/error.h"
#include "base/file.h"
#include "image/codec.h"

#include <string.h>

void qtr_image_pair_free(QtrImagePair *pair)
{
    if (!pair)
        return;
    g_free(pair->name);
    g_free(pair->lr);
    g_free(pair->hr);
    g_free(pair);
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean collect(GPtrArray *files, const char *dir, int depth, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    GError *local = NULL;
    GDir *entries = g_dir_open(dir, 0, &local);
    const char *name;

    if (!entries) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "cannot read folder %s: %s", dir,
                    local->message);
        g_error_free(local);
        return FALSE;
    }
    while ((name = g_dir_read_name(entries)))
        if (name[0] != '.')
            g_ptr_array_add(names, g_strdup(name));
    g_dir_close(entries);
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(dir, g_ptr_array_index(names, i), NULL);

        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            if (depth > 0 && !collect(files, path, depth - 1, error))
                return FALSE;
        } else if (qtr_image_is_supported_name(path)) {
            g_ptr_array_add(files, g_steal_pointer(&path));
        }
    }
    return TRUE;
}

GPtrArray *qtr_image_files(const char *dir, gboolean recursive, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

    return collect(files, dir, recursive ? QTR_FILE_DEPTH_MAX : 0, error) ? g_steal_pointer(&files)
                                                                          : NULL;
}

static char *stem_of(const char *path)
{
    char *leaf = g_path_get_basename(path);
    char *dot = strrchr(leaf, '.');

    if (dot && dot != leaf)
        *dot = '\0';
    return leaf;
}

GPtrArray *qtr_image_pairs(const char *lr_dir, const char *hr_dir, GError **error)
{
    g_autoptr(GPtrArray) lr = qtr_image_files(lr_dir, FALSE, error);
    g_autoptr(GPtrArray) hr = lr ? qtr_image_files(hr_dir, FALSE, error) : NULL;
    GPtrArray *pairs;

    if (!hr)
        return NULL;
    if (lr->len != hr->len || lr->len == 0) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "%s has %u images and %s has %u: each LR image needs its HR image, of the same "
                    "place in the order of names",
                    lr_dir, lr->len, hr_dir, hr->len);
        return NULL;
    }
    pairs = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_image_pair_free);
    for (guint i = 0; i < lr->len; i++) {
        QtrImagePair *pair = g_new0(QtrImagePair, 1);

        pair->lr = g_strdup(g_ptr_array_index(lr, i));
        pair->hr = g_strdup(g_ptr_array_index(hr, i));
        pair->name = stem_of(pair->hr);
        g_ptr_array_add(pairs, pair);
    }
    return pairs;
}
