#pragma once
#include "cl/shared.h"
#include "gpu/buffer.h"

/* Images on the device: zero-padded planes as cl/common.cl describes, QTR_LEAD elements before the
 * first. */

typedef struct QtrSlab QtrSlab;

typedef struct {
    int images, channels, height, width;
    int pad;     /* rows of zeros above and below, columns at the right: the largest tap's reach */
    int pitch;   /* elements a row */
    int element; /* bytes of one: 4, 2 of a half, 1 of a mask */
    QtrBuffer *buffer; /* of the slab */
    QtrSlab *slab;
    /* A window, for convolutions alone: rows from first_row on of images of image_height rows. At
     * an image's upper and lower end it ends there too. 0: none. */
    int first_row, image_height;
} QtrTensor;

static inline int qtr_tensor_image_height(const QtrTensor *t)
{
    return t->image_height ? t->image_height : t->height;
}

static inline int qtr_tensor_planes(const QtrTensor *t)
{
    return t->images * t->channels;
}

static inline int qtr_tensor_plane_size(const QtrTensor *t)
{
    return (t->height + 2 * t->pad) * t->pitch;
}

/* Vectors of `lanes` floats over all planes, padding included. */
static inline int qtr_tensor_vectors(const QtrTensor *t, int lanes)
{
    return (
        int)(((gsize)qtr_tensor_planes(t) * (gsize)qtr_tensor_plane_size(t) + (gsize)lanes - 1) /
             (gsize)lanes);
}

/* Bytes of one plane-set as read or written once: the traffic of a pass. */
static inline double qtr_tensor_bytes(const QtrTensor *t)
{
    return (double)t->element * qtr_tensor_planes(t) * t->height * t->pitch;
}

/* Floats a row of `width` pixels takes: room for `pad` zeros at its end, a multiple of 16 where
 * that costs little or `whole` wants it, and at least one vector. The same on every device, so that
 * results do not depend on it. */
int qtr_tensor_pitch(int width, int pad, gboolean whole);

/* Hands out tensors and takes them back for others of the same geometry, which keeps the zeros in
 * place. Lists of launches run in order, so a tensor may be given back as soon as the launches that
 * use it are in the list. */
typedef struct QtrTensorPool QtrTensorPool;

/* `whole`: of qtr_tensor_pitch. */
QtrTensorPool *qtr_tensor_pool_new(QtrDevice *device, int pad, gboolean whole);
/* Tensors are kept as halves from now on, before the first one. Kernels that an emit with this pool
 * makes take them so (cl/common.cl). */
void qtr_tensor_pool_keep_halves(QtrTensorPool *pool);
gboolean qtr_tensor_pool_keeps_halves(const QtrTensorPool *pool);
void qtr_tensor_pool_free(QtrTensorPool *pool); /* NULL-safe; frees all its tensors */

/* Owned by the pool. NULL with an error if memory lacks. */
QtrTensor *qtr_tensor_pool_get(QtrTensorPool *pool, int images, int channels, int height, int width,
                               GError **error);
/* A mask: one byte an element, of no defined value outside of the images. */
QtrTensor *qtr_tensor_pool_get_mask(QtrTensorPool *pool, int images, int channels, int height,
                                    int width, GError **error);
void qtr_tensor_pool_put(QtrTensorPool *pool, QtrTensor *tensor); /* NULL-safe */

/* The pixels, dense images x channels x height x width; waits for them. */
gboolean qtr_tensor_read(const QtrTensor *tensor, float *dense, GError **error);

/* For a second list that computes the same tensors as a first one, in the same order: after a
 * replay from `mark`, get hands out again what it handed out then. */
guint qtr_tensor_pool_mark(const QtrTensorPool *pool);
void qtr_tensor_pool_replay(QtrTensorPool *pool, guint mark);
