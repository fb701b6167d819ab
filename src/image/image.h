#pragma once
#include <glib.h>

/* A decoded picture: interleaved rows, top to bottom, no padding. */
typedef struct {
    int width, height;
    int channels; /* 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha */
    int depth;    /* 8: guint8 samples; 16: guint16, native byte order */
    void *data;   /* width * height * channels samples */
    GBytes *icc;  /* colour profile as found, or NULL */
    GBytes *exif; /* EXIF block as found, or NULL */
} QtrImage;

QtrImage *qtr_image_new(int width, int height, int channels, int depth); /* zeroed */
QtrImage *qtr_image_copy(const QtrImage *image);
void qtr_image_free(QtrImage *image); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrImage, qtr_image_free)

/* 8-bit RGB as training and metrics want it: palette is expanded on reading, grey is repeated, alpha is
 * dropped, 16 bits are rounded to 8. Returns a new image. */
QtrImage *qtr_image_to_rgb8(const QtrImage *image);
QtrImage *qtr_image_crop(const QtrImage *image, int x, int y, int width, int height);
void qtr_image_flip_horizontal(QtrImage *image);
