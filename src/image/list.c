#include "image/loader.h"

#include "base/error.h"
#include "base/file.h"
#include "image/codec.h"
#include "image/left-out.h"

#include <string.h>

#define LIST_MAX_BYTES ((gsize)256 << 20)

GPtrArray *qtr_image_list_read(const char *list_path, GError **error)
{
    gsize size;
    g_autofree char *text = qtr_file_read(list_path, LIST_MAX_BYTES, &size, error);
    g_autofree char *folder = g_path_get_dirname(list_path);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) lines = NULL;

    if (!text)
        return NULL;
    if (strlen(text) != size) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                    "%s: is not a text file; expected one image path a line", list_path);
        return NULL;
    }
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        const char *path = g_strstrip(*line);

        if (*path == '\0' || *path == '#')
            continue;
        g_ptr_array_add(paths, g_path_is_absolute(path) ? g_strdup(path)
                                                        : g_build_filename(folder, path, NULL));
    }
    return g_steal_pointer(&paths);
}

void qtr_image_list_check(GPtrArray *paths, int side, QtrLog *log)
{
    g_autofree char *small_text = g_strdup_printf("smaller than %d x %d", side, side);
    QtrLeftOut bad = {0}, small = {0};
    guint kept = 0;

    for (guint i = 0; i < paths->len; i++) {
        char *path = paths->pdata[i];
        g_autoptr(GError) error = NULL;
        int width, height;

        if (!qtr_image_verify(path, &width, &height, &error))
            qtr_left_out_add(&bad, g_strdup(error->message), log);
        else if (width < side || height < side)
            qtr_left_out_add(&small, g_strdup_printf("%s (%d x %d)", path, width, height), log);
        else {
            paths->pdata[kept++] = path;
            continue;
        }
        /* The array's own removal would move the tail for every image left out. */
        g_free(path);
    }
    for (guint i = kept; i < paths->len; i++)
        paths->pdata[i] = NULL;
    g_ptr_array_set_size(paths, (gint)kept);
    qtr_left_out_warn(&bad, "not readable", log);
    qtr_left_out_warn(&small, small_text, log);
}
