#pragma once
#include <glib.h>

/* The validation sets file (method.md 11): for each set the folders of its LR and HR images. */
typedef struct {
    char *name;
    char *lr_dir, *hr_dir; /* relative folders of the file are joined to its own folder */
} QtrValset;

void qtr_valset_free(QtrValset *set); /* NULL-safe */

/* All sets in the file's order, as QtrValset; free with g_ptr_array_unref. QTR_ERROR_IO, or
 * QTR_ERROR_USAGE if there is no file or with one line a problem (file, line, column): a set
 * without both folders, an unknown key, a set given twice, no set at all. The folders are not
 * looked at. */
GPtrArray *qtr_valsets_load(const char *path, GError **error);

/* Loads them; a folder that is not there is a problem as well. With a `scale` > 0 the images are
 * looked at: a set that a network of that scale cannot be measured on is one, too. */
gboolean qtr_valsets_check(const char *path, int scale, GError **error);
