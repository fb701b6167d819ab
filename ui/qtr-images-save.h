#pragma once
#include "qtr-comparison.h"

/* Pictures made of a comparison, written as files; .png or .jpg by extension, all or nothing. */

/* Left and right beside each other, `area` of them (width 0: the whole). Either may be NULL. */
gboolean qtr_images_save_pair(QtrPyramid *left, QtrPyramid *right, QtrArea area, const char *path,
                              GError **error);
/* A network's result as it left it: with its alpha channel, depth and colour profile. */
gboolean qtr_images_save_result(const char *result, const char *path, GError **error);
