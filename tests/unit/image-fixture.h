#pragma once
/* Shared by the image tests: made-up pictures. */
#include "image/codec.h"
#include "scratch-fixture.h"

/* Smooth and different for every seed, pixel and channel. */
G_GNUC_UNUSED static QtrImage *picture(int width, int height, int channels, int depth, int seed)
{
    QtrImage *image = qtr_image_new(width, height, channels, depth);
    gsize at = 0;

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < channels; c++, at++) {
                guint v =
                    (guint)(x * (257 + 31 * seed) + y * (1031 + 7 * c) + c * 9001 + seed * 4049);

                if (depth == 8)
                    ((guint8 *)image->data)[at] = (guint8)(v >> 4);
                else
                    ((guint16 *)image->data)[at] = (guint16)(v * 5);
            }
    return image;
}

G_GNUC_UNUSED static void save_picture(const char *path, int width, int height, int seed)
{
    g_autoptr(QtrImage) image = picture(width, height, 3, 8, seed);
    g_autoptr(GError) error = NULL;

    qtr_image_save(image, path, &error);
    g_assert_no_error(error);
}

G_GNUC_UNUSED static void assert_same_pixels(const QtrImage *a, const QtrImage *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->channels, b->channels);
    assert_int_equal(a->depth, b->depth);
    assert_memory_equal(a->data, b->data, (gsize)a->height * qtr_image_stride(a));
}
