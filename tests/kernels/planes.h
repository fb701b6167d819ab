#pragma once
#include "ops/tensor.h"

/* Dense images in and out of a tensor's planes, for tests. Failures end the cmocka test. */

gsize planes_count(const QtrTensor *t); /* pixels of all planes */

/* Writes dense N x C x H x W images, and zeros around them. */
void planes_write(const QtrTensor *t, const float *dense);
/* The same, with `halo` instead of the zeros: what a kernel must not leave behind. */
void planes_write_dirty(const QtrTensor *t, const float *dense, float halo);

/* Reads them; fails if a float around the images, from the lead to the last plane, is not zero. */
void planes_read(const QtrTensor *t, float *dense);
