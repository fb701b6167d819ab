#pragma once
#include "image/image.h"

/* PNG and JPEG, told apart by content. Untrusted input: sizes are checked before memory is taken
 * (at most QTR_IMAGE_MAX_SIDE a side), damaged files are QTR_ERROR_FORMAT, missing ones
 * QTR_ERROR_IO; every message starts with the path. */
#define QTR_IMAGE_MAX_SIDE 65535
QtrImage *qtr_image_load(const char *path, GError **error);
/* Width and height only, without decoding. */
gboolean qtr_image_probe(const char *path, int *width, int *height, GError **error);
/* By extension: .png (any kind), .jpg/.jpeg (8 bits without alpha, quality 95). All or nothing. */
gboolean qtr_image_save(const QtrImage *image, const char *path, GError **error);
gboolean qtr_image_is_supported_name(const char *path);
