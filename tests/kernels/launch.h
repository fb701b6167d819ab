#pragma once
#include "ops/emit.h"
#include "ops/tensor.h"

/* A list of launches being written on a device, and tensors of one geometry for them. */
typedef struct {
    QtrEmit emit;
    QtrTensorPool *pool;
} Launch;

Launch *launch_new(QtrDevice *device, int pad);
/* Whose tensors have whole vectors a row, as in inference. */
Launch *launch_new_whole(QtrDevice *device, int pad);
void launch_free(Launch *launch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Launch, launch_free)

/* A tensor of random numbers; `values` (may be NULL) receives them, free with g_free. */
QtrTensor *launch_tensor(Launch *launch, int images, int channels, int height, int width,
                         guint32 stream, float **values);
/* A buffer of floats. */
QtrBuffer *launch_buffer(Launch *launch, const float *values, gsize count);
float *launch_read(QtrBuffer *buffer, gsize count);
/* Runs what was written; fails the test on errors. */
void launch_run(Launch *launch);
