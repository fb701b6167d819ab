#pragma once
#include "image/image.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* A picture of any size for the screen: halved again and again, each size in tiles that are
 * textures without a copy of the pixels. The smaller sizes are made in a thread, when they are
 * first asked for; signal `changed` tells when there are more. Main thread. */
#define QTR_TYPE_PYRAMID (qtr_pyramid_get_type())
G_DECLARE_FINAL_TYPE(QtrPyramid, qtr_pyramid, QTR, PYRAMID, GObject)

#define QTR_PYRAMID_TILE 1024

/* Takes an 8-bit RGB image, which stays unchanged from here on. */
QtrPyramid *qtr_pyramid_new(QtrImage *image);
const QtrImage *qtr_pyramid_get_image(QtrPyramid *self);
/* Reads an image file, as 8-bit RGB, in a thread: for GTask functions and the like. */
QtrImage *qtr_pyramid_load_image(const char *path, GError **error);

/* The size to use for `zoom` (pixels of the screen for one of the image): 0 is the image itself, n
 * 2^n times smaller. Never more than there is yet. */
int qtr_pyramid_level_for(QtrPyramid *self, double zoom);
const QtrImage *qtr_pyramid_get_level(QtrPyramid *self, int level);
/* Borrowed until the next call of qtr_pyramid_trim. */
GdkTexture *qtr_pyramid_get_tile(QtrPyramid *self, int level, int column, int row);
/* Lets go of textures not used for a while; call once a frame. */
void qtr_pyramid_trim(QtrPyramid *self);

G_END_DECLS
