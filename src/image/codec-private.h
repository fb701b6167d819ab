#pragma once
#include "image/image.h"

#include <stdio.h>

/* One pair per format. `file` stands at its start and stays the caller's. Messages come without
 * the path, which the caller of these puts in front. */

QtrImage *qtr_png_read(FILE *file, GError **error);
gboolean qtr_png_probe(FILE *file, int *width, int *height, GError **error);
gboolean qtr_png_write(const QtrImage *image, const char *path, GError **error);

QtrImage *qtr_jpeg_read(FILE *file, GError **error);
gboolean qtr_jpeg_probe(FILE *file, int *width, int *height, GError **error);
gboolean qtr_jpeg_write(const QtrImage *image, const char *path, GError **error);
