#pragma once
#include <glib.h>

/* A decoded picture: interleaved rows, top to bottom, no padding. */
typedef struct {
    int width, height;
    int channels; /* 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha */
    int depth;    /* 8: guint8 samples; 16: guint16, native byte order */
    void *data;   /* width * height * channels samples */
    GBytes *icc;  /* colour profile as found, or NULL */
    GBytes *exif; /* EXIF as a bare TIFF block (no "Exif" prefix), or NULL */
} QtrImage;

/* Zeroed; for sizes that no file decides: without memory the program ends. */
QtrImage *qtr_image_new(int width, int height, int channels, int depth);
/* For sizes that come from a file or follow from one: a side beyond QTR_IMAGE_MAX_SIDE or more than
 * QTR_IMAGE_MAX_BYTES of samples is QTR_ERROR_FORMAT, memory that is not there QTR_ERROR_MEMORY.
 * The data is not cleared.
 */
#define QTR_IMAGE_MAX_SIDE 65535
#define QTR_IMAGE_MAX_BYTES ((gsize)4 << 30)
QtrImage *qtr_image_try_new(int width, int height, int channels, int depth, GError **error);
/* This and what else makes an image of an image fails as qtr_image_try_new does. */
QtrImage *qtr_image_copy(const QtrImage *image, GError **error);
void qtr_image_free(QtrImage *image); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrImage, qtr_image_free)

/* Bytes of one row. */
gsize qtr_image_stride(const QtrImage *image);

/* 8-bit RGB as training and metrics want it: palette is expanded on reading, grey is repeated,
 * alpha is dropped, 16 bits are rounded to 8. Returns a new image; a grey image's profile is left
 * behind. */
QtrImage *qtr_image_to_rgb8(const QtrImage *image, GError **error);
/* The rectangle must lie inside. Profile and EXIF are shared with the original. */
QtrImage *qtr_image_crop(const QtrImage *image, int x, int y, int width, int height,
                         GError **error);
