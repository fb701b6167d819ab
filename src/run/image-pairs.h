#pragma once
#include <glib.h>

/* Images of a validation set: a file of the LR folder and the HR folder each. */
typedef struct {
    char *name; /* of the HR file, without extension */
    char *lr, *hr;
    gboolean is_guess; /* by place, one of several */
} QtrImagePair;

void qtr_image_pair_free(QtrImagePair *pair); /* NULL-safe */

/* QtrImagePair in order of the HR files; free with g_ptr_array_unref. They are paired by name, with
 * what datasets put behind it taken off: 0801x4.png and 0801.png, baby_LR.png and baby_HR.png.
 * Where that matches no two files, by place in the order of names. QTR_ERROR_USAGE if a folder is
 * missing or has no images, if their numbers differ, or if names match for some images only. */
GPtrArray *qtr_image_pairs(const char *lr_dir, const char *hr_dir, GError **error);
