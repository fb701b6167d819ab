#pragma once
#include "image/image.h"

/* PNG and JPEG, told apart by content. Untrusted input: sizes are checked before memory is taken
 * (QTR_IMAGE_MAX_SIDE, QTR_IMAGE_MAX_BYTES), damaged files are QTR_ERROR_FORMAT, missing ones
 * QTR_ERROR_IO; every message starts with the path. */

/* Palettes and 1, 2 and 4 bit grey are expanded to 8 bits, a transparent colour becomes alpha, CMYK
 * becomes RGB (without its profile). Gamma and EXIF orientation are not applied. A truncated file
 * is an error, never a half-grey picture. */
QtrImage *qtr_image_load(const char *path, GError **error);
/* Width and height only, without decoding. */
gboolean qtr_image_probe(const char *path, int *width, int *height, GError **error);
/* As probe, and finds out whether loading would succeed: a file that ends in its format's end
 * marker is taken to be whole, any other is decoded to see. */
gboolean qtr_image_verify(const char *path, int *width, int *height, GError **error);

/* By extension: .png (any kind), .jpg/.jpeg (8 bits without alpha, quality 95). All or nothing.
 * Profile and EXIF go along. What the format cannot hold is QTR_ERROR_USAGE. */
gboolean qtr_image_save(const QtrImage *image, const char *path, GError **error);
/* Whether the format that `path` names holds alpha and 16 bits, if `image` has them; its size does
 * not count. QTR_ERROR_USAGE. */
gboolean qtr_image_can_save(const char *path, const QtrImage *image, GError **error);
gboolean qtr_image_is_supported_name(const char *path);
#define QTR_IMAGE_EXTENSIONS ".png, .jpg or .jpeg" /* for messages */
