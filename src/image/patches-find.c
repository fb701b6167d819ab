#include "base/error.h"
#include "image/patches-plan.h"
#include "image/walk.h"

#include <stdlib.h>
#include <string.h>

/* The pictures an earlier cutting left are no input, whichever link leads to them. */
static gboolean was_made(const char *path, gpointer user_data)
{
    g_autofree char *real = realpath(path, NULL);
    g_autofree char *parent = real ? g_path_get_dirname(real) : NULL;
    g_autofree char *name = real ? g_path_get_basename(real) : NULL;
    g_autofree char *settings = real ? g_build_filename(parent, QTR_PATCHES_SETTINGS, NULL) : NULL;

    return real && (strcmp(name, "train") == 0 || strcmp(name, "valid") == 0) &&
           g_file_test(settings, G_FILE_TEST_EXISTS);
}

GPtrArray *qtr_patches_find(const QtrPatchesParams *params, GError **error)
{
    g_autoptr(GPtrArray) names = qtr_image_walk(&(QtrWalkParams){.dir = params->input_dir,
                                                                 .subfolders = TRUE,
                                                                 .once = TRUE,
                                                                 .skip = was_made,
                                                                 .log = params->log},
                                                error);

    if (!names)
        return NULL;
    if (names->len > 0)
        return g_steal_pointer(&names);
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "%s: holds no .png, .jpg or .jpeg images, nor do its subfolders",
                params->input_dir);
    return NULL;
}
