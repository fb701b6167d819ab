#include "image/image.h"

#include "base/error.h"

#include <string.h>

static gsize row_bytes(int width, int channels, int depth)
{
    return (gsize)width * (gsize)channels * (gsize)(depth / 8);
}

static QtrImage *wrap(int width, int height, int channels, int depth, void *data)
{
    QtrImage *image = g_new0(QtrImage, 1);

    *image = (QtrImage){width, height, channels, depth, data, NULL, NULL};
    return image;
}

QtrImage *qtr_image_new(int width, int height, int channels, int depth)
{
    g_assert(width > 0 && height > 0);
    g_assert(channels >= 1 && channels <= 4 && (depth == 8 || depth == 16));
    return wrap(width, height, channels, depth,
                g_malloc0_n((gsize)height, row_bytes(width, channels, depth)));
}

QtrImage *qtr_image_try_new(int width, int height, int channels, int depth, GError **error)
{
    gsize size;
    void *data;

    g_assert(channels >= 1 && channels <= 4 && (depth == 8 || depth == 16));
    if (width < 1 || height < 1 || width > QTR_IMAGE_MAX_SIDE || height > QTR_IMAGE_MAX_SIDE) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                    "the image claims %d x %d pixels, but a side must be 1 to %d", width, height,
                    QTR_IMAGE_MAX_SIDE);
        return NULL;
    }
    size = (gsize)height * row_bytes(width, channels, depth);
    if (size > QTR_IMAGE_MAX_BYTES) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                    "the image of %d x %d pixels needs %" G_GSIZE_FORMAT
                    " bytes, more than the %" G_GSIZE_FORMAT " allowed; cut it up first",
                    width, height, size, QTR_IMAGE_MAX_BYTES);
        return NULL;
    }
    data = g_try_malloc(size);
    if (!data) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_MEMORY,
                    "not enough memory for an image of %d x %d pixels", width, height);
        return NULL;
    }
    return wrap(width, height, channels, depth, data);
}

void qtr_image_free(QtrImage *image)
{
    if (!image)
        return;
    g_clear_pointer(&image->icc, g_bytes_unref);
    g_clear_pointer(&image->exif, g_bytes_unref);
    g_free(image->data);
    g_free(image);
}

gsize qtr_image_stride(const QtrImage *image)
{
    return row_bytes(image->width, image->channels, image->depth);
}

static void share_metadata(QtrImage *to, const QtrImage *from)
{
    to->icc = from->icc ? g_bytes_ref(from->icc) : NULL;
    to->exif = from->exif ? g_bytes_ref(from->exif) : NULL;
}

QtrImage *qtr_image_copy(const QtrImage *image, GError **error)
{
    return qtr_image_crop(image, 0, 0, image->width, image->height, error);
}

QtrImage *qtr_image_crop(const QtrImage *image, int x, int y, int width, int height, GError **error)
{
    QtrImage *part;
    gsize pixel = row_bytes(1, image->channels, image->depth), stride = qtr_image_stride(image);

    g_assert(x >= 0 && y >= 0 && width > 0 && height > 0);
    g_assert(width <= image->width - x && height <= image->height - y);
    part = qtr_image_try_new(width, height, image->channels, image->depth, error);
    if (!part)
        return NULL;
    share_metadata(part, image);
    for (int row = 0; row < height; row++)
        memcpy((guint8 *)part->data + (gsize)row * (gsize)width * pixel,
               (const guint8 *)image->data + (gsize)(y + row) * stride + (gsize)x * pixel,
               (gsize)width * pixel);
    return part;
}

QtrImage *qtr_image_to_rgb8(const QtrImage *image, GError **error)
{
    QtrImage *rgb = qtr_image_try_new(image->width, image->height, 3, 8, error);
    gsize n = (gsize)image->width * (gsize)image->height;
    int channels = image->channels, step = channels >= 3;
    guint8 *out;

    if (!rgb)
        return NULL;
    out = rgb->data;
    share_metadata(rgb, image);
    if (channels < 3)
        g_clear_pointer(&rgb->icc, g_bytes_unref);
    for (gsize i = 0; i < n; i++)
        for (int c = 0; c < 3; c++) {
            gsize at = i * (gsize)channels + (gsize)(c * step);

            out[3 * i + (gsize)c] =
                image->depth == 8 ? ((const guint8 *)image->data)[at]
                                  : (guint8)((((const guint16 *)image->data)[at] + 128) / 257);
        }
    return rgb;
}
