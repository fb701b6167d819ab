#pragma once
#include "image/image.h"

/* Pillow's BICUBIC of 8-bit images, bit for bit (method.md 1). */
QtrImage *qtr_image_resize_bicubic(const QtrImage *image, int width, int height);
