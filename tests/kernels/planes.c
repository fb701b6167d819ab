#include "planes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

gsize planes_count(const QtrTensor *t)
{
    return (gsize)qtr_tensor_planes(t) * (gsize)t->height * (gsize)t->width;
}

static gsize floats_of(const QtrTensor *t)
{
    return QTR_LEAD + (gsize)qtr_tensor_planes(t) * (gsize)qtr_tensor_plane_size(t);
}

static gsize row_at(const QtrTensor *t, int plane, int row)
{
    return QTR_LEAD + (gsize)plane * (gsize)qtr_tensor_plane_size(t) +
           (gsize)((t->pad + row) * t->pitch);
}

void planes_write_dirty(const QtrTensor *t, const float *dense, float halo)
{
    g_autofree float *planes = g_new(float, floats_of(t));

    for (gsize i = 0; i < floats_of(t); i++)
        planes[i] = halo;
    for (int p = 0; p < qtr_tensor_planes(t); p++)
        for (int y = 0; y < t->height; y++, dense += t->width)
            memcpy(planes + row_at(t, p, y), dense, sizeof(float) * (gsize)t->width);
    assert_true(qtr_buffer_write(t->buffer, 0, planes, sizeof(float) * floats_of(t), NULL));
}

void planes_write(const QtrTensor *t, const float *dense)
{
    planes_write_dirty(t, dense, 0.0f);
}

void planes_read(const QtrTensor *t, float *dense)
{
    g_autofree float *planes = g_new(float, floats_of(t));

    assert_true(qtr_buffer_read(t->buffer, 0, planes, sizeof(float) * floats_of(t), NULL));
    for (int p = 0; p < qtr_tensor_planes(t); p++)
        for (int y = 0; y < t->height; y++, dense += t->width) {
            float *row = planes + row_at(t, p, y);

            memcpy(dense, row, sizeof(float) * (gsize)t->width);
            memset(row, 0, sizeof(float) * (gsize)t->width);
        }
    for (gsize i = 0; i < floats_of(t); i++)
        if (!(planes[i] == 0.0f))
            fail_msg("%g outside the images, %" G_GSIZE_FORMAT " floats after the start (lead %d, "
                     "pitch %d, width %d, pad %d)",
                     (double)planes[i], i, QTR_LEAD, t->pitch, t->width, t->pad);
}
