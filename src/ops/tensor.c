#include "ops/tensor.h"

#include "base/error.h"

#include <math.h>

/* Beyond the last plane a tile of a convolution may read this many floats (cl/conv.cl). */
#define SLACK 1024

struct QtrSlab {
    QtrBuffer *buffer;
    int height, width, planes, element;
    gboolean is_free;
};

struct QtrTensorPool {
    QtrDevice *device;
    int pad;
    int element; /* bytes */
    gboolean whole;
    GPtrArray *slabs, *tensors;
    gboolean replaying;
    guint next; /* to hand out again */
};

static void slab_free(gpointer data)
{
    QtrSlab *slab = data;

    qtr_buffer_unref(slab->buffer);
    g_free(slab);
}

int qtr_tensor_pitch(int width, int pad, gboolean whole)
{
    int need = MAX(width + pad, 16);
    int wide = (need + 15) / 16 * 16;

    return whole || wide * 12 <= need * 13 ? wide : (need + 3) / 4 * 4;
}

QtrTensorPool *qtr_tensor_pool_new(QtrDevice *device, int pad, gboolean whole)
{
    QtrTensorPool *pool = g_new0(QtrTensorPool, 1);

    pool->device = device;
    pool->pad = pad;
    pool->element = sizeof(float);
    pool->whole = whole;
    pool->slabs = g_ptr_array_new_with_free_func(slab_free);
    pool->tensors = g_ptr_array_new_with_free_func(g_free);
    return pool;
}

void qtr_tensor_pool_keep_halves(QtrTensorPool *pool)
{
    g_assert(pool->tensors->len == 0);
    pool->element = sizeof(guint16);
}

gboolean qtr_tensor_pool_keeps_halves(const QtrTensorPool *pool)
{
    return pool->element == sizeof(guint16);
}

void qtr_tensor_pool_free(QtrTensorPool *pool)
{
    if (!pool)
        return;
    g_ptr_array_unref(pool->tensors);
    g_ptr_array_unref(pool->slabs);
    g_free(pool);
}

/* The smallest free slab that fits, so that large ones stay for large tensors. */
static QtrSlab *find_slab(QtrTensorPool *pool, const QtrTensor *tensor)
{
    QtrSlab *best = NULL;

    for (guint i = 0; i < pool->slabs->len; i++) {
        QtrSlab *slab = g_ptr_array_index(pool->slabs, i);

        if (slab->is_free && slab->height == tensor->height && slab->width == tensor->width &&
            slab->element == tensor->element && slab->planes >= qtr_tensor_planes(tensor) &&
            (!best || slab->planes < best->planes))
            best = slab;
    }
    return best;
}

static QtrTensor *get(QtrTensorPool *pool, int element, int images, int channels, int height,
                      int width, GError **error)
{
    QtrTensor tensor = {.images = images,
                        .channels = channels,
                        .height = height,
                        .width = width,
                        .pad = pool->pad,
                        .element = element,
                        .pitch = qtr_tensor_pitch(width, pool->pad, pool->whole)};
    QtrSlab *slab;
    QtrTensor *result;

    if ((gint64)qtr_tensor_planes(&tensor) * qtr_tensor_plane_size(&tensor) + SLACK > G_MAXINT) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_MEMORY,
                    "%d x %d images of %d x %d pixels are more than one tensor can hold; smaller "
                    "images, batches or tiles are needed",
                    images, channels, width, height);
        return NULL;
    }
    if (pool->replaying) {
        g_assert(pool->next < pool->tensors->len);
        result = g_ptr_array_index(pool->tensors, pool->next++);
        g_assert(qtr_tensor_planes(result) == qtr_tensor_planes(&tensor) &&
                 result->height == height && result->width == width && result->element == element);
        return result;
    }
    slab = find_slab(pool, &tensor);
    if (!slab) {
        gsize elements = QTR_LEAD + SLACK +
                         (gsize)qtr_tensor_planes(&tensor) * (gsize)qtr_tensor_plane_size(&tensor);
        QtrBuffer *buffer = qtr_buffer_new(pool->device, elements * (gsize)tensor.element, error);

        if (!buffer)
            return NULL;
        slab = g_new0(QtrSlab, 1);
        slab->buffer = buffer;
        slab->height = height;
        slab->width = width;
        slab->planes = qtr_tensor_planes(&tensor);
        slab->element = element;
        g_ptr_array_add(pool->slabs, slab);
    }
    slab->is_free = FALSE;
    tensor.slab = slab;
    tensor.buffer = slab->buffer;
    result = g_memdup2(&tensor, sizeof tensor);
    g_ptr_array_add(pool->tensors, result);
    return result;
}

QtrTensor *qtr_tensor_pool_get(QtrTensorPool *pool, int images, int channels, int height, int width,
                               GError **error)
{
    return get(pool, pool->element, images, channels, height, width, error);
}

QtrTensor *qtr_tensor_pool_get_mask(QtrTensorPool *pool, int images, int channels, int height,
                                    int width, GError **error)
{
    return get(pool, 1, images, channels, height, width, error);
}

void qtr_tensor_pool_put(QtrTensorPool *pool, QtrTensor *tensor)
{
    (void)pool;
    if (tensor)
        tensor->slab->is_free = TRUE;
}

guint qtr_tensor_pool_mark(const QtrTensorPool *pool)
{
    return pool->tensors->len;
}

void qtr_tensor_pool_replay(QtrTensorPool *pool, guint mark)
{
    pool->replaying = TRUE;
    pool->next = mark;
}

/* IEEE 754 binary16. */
static float float_of_half(guint16 half)
{
    int exponent = half >> 10 & 31, mantissa = half & 1023;
    float magnitude;

    if (exponent == 31)
        magnitude = mantissa ? NAN : INFINITY;
    else if (exponent == 0)
        magnitude = ldexpf((float)mantissa, -24);
    else
        magnitude = ldexpf((float)(mantissa + 1024), exponent - 25);
    return half >> 15 ? -magnitude : magnitude;
}

gboolean qtr_tensor_read(const QtrTensor *t, float *dense, GError **error)
{
    gsize size = (gsize)t->element * (gsize)qtr_tensor_planes(t) * (gsize)qtr_tensor_plane_size(t);
    g_autofree void *planes = g_malloc(size);

    g_assert(t->element > 1);
    if (!qtr_buffer_read(t->buffer, (gsize)t->element * QTR_LEAD, planes, size, error))
        return FALSE;
    for (int row = 0; row < qtr_tensor_planes(t) * t->height; row++) {
        gsize at = (gsize)(row / t->height) * (gsize)qtr_tensor_plane_size(t) +
                   (gsize)(row % t->height + t->pad) * (gsize)t->pitch;

        for (int x = 0; x < t->width; x++, at++)
            *dense++ = t->element == sizeof(float) ? ((const float *)planes)[at]
                                                   : float_of_half(((const guint16 *)planes)[at]);
    }
    return TRUE;
}
