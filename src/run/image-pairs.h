#pragma once
#include <glib.h>

/* Images of a validation set: files of the LR folder and the HR folder, in order of name. */
typedef struct {
    char *name; /* of the HR file, without extension */
    char *lr, *hr;
} QtrImagePair;

void qtr_image_pair_free(QtrImagePair *pair); /* NULL-safe */

/* QtrImagePair; free with g_ptr_array_unref. QTR_ERROR_USAGE if a folder is missing or has no
 * images, or if their numbers differ. */
GPtrArray *qtr_image_pairs(const char *lr_dir, const char *hr_dir, GError **error);

/* Paths of the images in a folder by name, as char*; with `recursive` those of its subfolders too.
 */
GPtrArray *qtr_image_files(const char *dir, gboolean recursive, GError **error);
