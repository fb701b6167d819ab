#include "harness.h"

#include "../kernels/planes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

Harness *harness_new(QtrNet *net)
{
    Harness *harness = g_new0(Harness, 1);

    harness->net = net;
    harness->own_pool = net->pool;
    net->pool = qtr_tensor_pool_new(net->device, net->pad, net->params.inference);
    harness->emit.device = net->device;
    harness->emit.commands = qtr_commands_new(net->device);
    harness->emit.pool = net->pool;
    return harness;
}

void harness_free(Harness *harness)
{
    if (!harness)
        return;
    qtr_commands_free(harness->emit.commands);
    g_clear_error(&harness->emit.error);
    qtr_tensor_pool_free(harness->net->pool);
    harness->net->pool = harness->own_pool;
    g_free(harness);
}

QtrTensor *harness_tensor(Harness *harness, int channels, int height, int width, const float *dense)
{
    QtrTensor *t = net_new_tensor(harness->net, &harness->emit, channels, height, width);

    assert_non_null(t);
    if (dense)
        planes_write(t, dense);
    return t;
}

void harness_write_step(Harness *harness)
{
    const QtrStep step = {.weight_bias1 = 1.0f,
                          .weight_bias2 = 1.0f,
                          .scale_bias1 = 1.0f,
                          .scale_bias2 = 1.0f,
                          .alpha_bias1 = 1.0f,
                          .alpha_bias2 = 1.0f,
                          .temperature = 1.0f};

    assert_true(qtr_buffer_write(harness->net->step, 0, &step, sizeof step, NULL));
}

void harness_run_list(QtrCommands *list)
{
    g_autoptr(GError) error = NULL;

    if (!qtr_commands_run(list, &error))
        fail_msg("%s", error->message);
}

void harness_run(Harness *harness)
{
    if (harness->emit.error)
        fail_msg("%s", harness->emit.error->message);
    harness_run_list(harness->emit.commands);
    qtr_commands_free(harness->emit.commands);
    harness->emit.commands = qtr_commands_new(harness->net->device);
}

void harness_compare(const QtrTensor *tensor, const QtrSafetensors *file, const char *name,
                     const double *doubt)
{
    g_autofree float *dense = g_new(float, planes_count(tensor));
    g_autoptr(GError) error = NULL;
    const float *expected = qtr_safetensors_f32(file, name, planes_count(tensor), &error);

    if (!expected)
        fail_msg("%s", error->message);
    planes_read(tensor, dense);
    golden_compare_doubtful(name, dense, expected, planes_count(tensor), doubt);
}
