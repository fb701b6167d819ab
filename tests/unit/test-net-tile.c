/* A network in inference keeps its packed weights from image to image and tile to tile, and never
 * those of weights it had before. */
#include "device-fixture.h"

#include "nn/net.h"

#include <string.h>

#define SIDE 8
#define PIXELS (3 * SIDE * SIDE)
#define OUTPUT (16 * PIXELS)

static QtrNet *new_net(QtrDevice *device, gboolean tiled)
{
    QtrGenotype genotype;
    QtrNetParams params;
    QtrNet *net;

    assert_true(qtr_genotype_parse(
        &genotype,
        "Genotype_SR(head=[('simple_3x3', 8)], body=[('simple_1x1', 4)], tail=[], "
        "skip=[('simple_1x1', 8)], upsample=[('simple_3x3', 8)])",
        "test", NULL));
    qtr_net_params_init(&params);
    params.arch.c_fixed = 6;
    params.arch.body_cells = 1;
    params.arch.skip_mode = TRUE;
    params.genotype = &genotype;
    params.inference = TRUE;
    params.height = params.width = SIDE;
    params.image_height = params.image_width = tiled ? SIDE : 0;
    net = qtr_net_new(device, &params, NULL);
    assert_non_null(net);
    return net;
}

/* All weights of all convolutions a third of what they were. */
static void shrink_weights(QtrNet *net)
{
    for (guint i = 0; i < qtr_net_tensor_count(net); i++) {
        const QtrTensorInfo *info = qtr_net_tensor(net, i);
        g_autofree float *values = NULL;

        if (!g_str_has_suffix(info->name, ".weight") || info->n_dims != 4)
            continue;
        values = g_new(float, info->count);
        assert_true(qtr_net_read(net, i, QTR_PART_VALUE, values, NULL));
        for (gsize k = 0; k < info->count; k++)
            values[k] /= 3.0f;
        assert_true(qtr_net_write(net, i, QTR_PART_VALUE, values, NULL));
    }
}

static void run(QtrNet *net, gboolean tiled, float *output)
{
    const QtrPart part = {.height = SIDE, .width = SIDE};
    float lr[PIXELS];

    for (int i = 0; i < PIXELS; i++)
        lr[i] = (float)(i * 7 % 23) / 23.0f;
    assert_true(qtr_net_set_images(net, lr, NULL, NULL) &&
                (tiled ? qtr_net_run_part(net, &part, qtr_net_cuts(net), NULL)
                       : qtr_net_evaluate(net, NULL, NULL)) &&
                qtr_net_read_output(net, output, NULL));
}

static void check_weights(QtrDevice *device, gboolean tiled)
{
    g_autoptr(QtrNet) net = new_net(device, tiled), fresh = new_net(device, tiled);
    static float first[OUTPUT], again[OUTPUT], changed[OUTPUT], expected[OUTPUT], plain[OUTPUT];

    run(net, tiled, first);
    run(net, tiled, again);
    assert_memory_equal(first, again, sizeof first);
    shrink_weights(net);
    run(net, tiled, changed);
    shrink_weights(fresh);
    run(fresh, tiled, expected);
    assert_memory_equal(changed, expected, sizeof changed);
    assert_memory_not_equal(changed, first, sizeof changed);
    assert_true(qtr_net_set_quantized(net, FALSE, NULL));
    run(net, tiled, plain);
    assert_memory_not_equal(plain, changed, sizeof plain);
}

static void tiles_use_the_weights_there_are(void **state)
{
    check_weights(*state, TRUE);
}

static void images_use_the_weights_there_are(void **state)
{
    check_weights(*state, FALSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_use_the_weights_there_are),
        cmocka_unit_test(images_use_the_weights_there_are),
    };

    return cmocka_run_group_tests(tests, open_device, close_device);
}
