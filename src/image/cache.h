#pragma once
#include "image/image.h"

/* Decoded 8-bit RGB images by number, for any threads. Images that come first stay until the end:
 * when every image is used once an epoch, throwing out the oldest would never score a hit. */
typedef struct QtrImageCache QtrImageCache;
QtrImageCache *qtr_image_cache_new(gsize max_bytes);
void qtr_image_cache_free(QtrImageCache *cache); /* NULL-safe */

/* Image `number`, loaded from `path` unless kept. Give it back with qtr_image_cache_release. */
const QtrImage *qtr_image_cache_get(QtrImageCache *cache, guint32 number, const char *path,
                                    GError **error);
void qtr_image_cache_release(QtrImageCache *cache, guint32 number, const QtrImage *image);
