#include "image/cache.h"

#include "image/codec.h"

struct QtrImageCache {
    GMutex mutex;
    GHashTable *images; /* number -> QtrImage; nothing leaves before the end */
    gsize bytes, max_bytes;
};

static void free_image(gpointer image)
{
    qtr_image_free(image);
}

QtrImageCache *qtr_image_cache_new(gsize max_bytes)
{
    QtrImageCache *cache = g_new0(QtrImageCache, 1);

    g_mutex_init(&cache->mutex);
    cache->images = g_hash_table_new_full(NULL, NULL, NULL, free_image);
    cache->max_bytes = max_bytes;
    return cache;
}

void qtr_image_cache_free(QtrImageCache *cache)
{
    if (!cache)
        return;
    g_hash_table_unref(cache->images);
    g_mutex_clear(&cache->mutex);
    g_free(cache);
}

static QtrImage *lookup(QtrImageCache *cache, guint32 number)
{
    QtrImage *image;

    g_mutex_lock(&cache->mutex);
    image = g_hash_table_lookup(cache->images, GUINT_TO_POINTER(number));
    g_mutex_unlock(&cache->mutex);
    return image;
}

const QtrImage *qtr_image_cache_get(QtrImageCache *cache, guint32 number, const char *path,
                                    GError **error)
{
    QtrImage *image = lookup(cache, number);
    g_autoptr(QtrImage) raw = NULL;
    gsize bytes;

    if (image)
        return image;
    raw = qtr_image_load(path, error);
    if (!raw)
        return NULL;
    image = qtr_image_to_rgb8(raw, error);
    if (!image) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    bytes = (gsize)image->height * qtr_image_stride(image);

    g_mutex_lock(&cache->mutex);
    if (bytes <= cache->max_bytes - cache->bytes &&
        !g_hash_table_contains(cache->images, GUINT_TO_POINTER(number))) {
        g_hash_table_insert(cache->images, GUINT_TO_POINTER(number), image);
        cache->bytes += bytes;
    }
    g_mutex_unlock(&cache->mutex);
    return image;
}

void qtr_image_cache_release(QtrImageCache *cache, guint32 number, const QtrImage *image)
{
    if (lookup(cache, number) != image)
        qtr_image_free((QtrImage *)image);
}
