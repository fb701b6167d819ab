#include "launch.h"

#include "compare.h"
#include "planes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static Launch *new_launch(QtrDevice *device, int pad, gboolean whole)
{
    Launch *launch = g_new0(Launch, 1);

    launch->emit.device = device;
    launch->emit.commands = qtr_commands_new(device);
    launch->pool = qtr_tensor_pool_new(device, pad, whole);
    launch->emit.pool = launch->pool;
    return launch;
}

Launch *launch_new(QtrDevice *device, int pad)
{
    return new_launch(device, pad, FALSE);
}

Launch *launch_new_whole(QtrDevice *device, int pad)
{
    return new_launch(device, pad, TRUE);
}

void launch_free(Launch *launch)
{
    if (!launch)
        return;
    qtr_commands_free(launch->emit.commands);
    g_clear_error(&launch->emit.error);
    qtr_tensor_pool_free(launch->pool);
    g_free(launch);
}

QtrTensor *launch_tensor(Launch *launch, int images, int channels, int height, int width,
                         guint32 stream, float **values)
{
    QtrTensor *t = qtr_tensor_pool_get(launch->pool, images, channels, height, width, NULL);
    g_autofree float *dense = NULL;

    assert_non_null(t);
    dense = kernel_draws(stream, planes_count(t));
    planes_write(t, dense);
    if (values)
        *values = g_steal_pointer(&dense);
    return t;
}

QtrBuffer *launch_buffer(Launch *launch, const float *values, gsize count)
{
    QtrBuffer *buffer = qtr_buffer_new(launch->emit.device, count * sizeof(float), NULL);

    assert_non_null(buffer);
    if (values)
        assert_true(qtr_buffer_write(buffer, 0, values, count * sizeof(float), NULL));
    return buffer;
}

float *launch_read(QtrBuffer *buffer, gsize count)
{
    float *values = g_new(float, count);

    assert_true(qtr_buffer_read(buffer, 0, values, count * sizeof(float), NULL));
    return values;
}

void launch_run(Launch *launch)
{
    g_autoptr(GError) error = g_steal_pointer(&launch->emit.error);

    if (error || !qtr_commands_run(launch->emit.commands, &error))
        fail_msg("%s", error->message);
    qtr_commands_free(launch->emit.commands);
    launch->emit.commands = qtr_commands_new(launch->emit.device);
}
