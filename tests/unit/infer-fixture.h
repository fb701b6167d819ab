#pragma once
/* Shared by the tests of inference: networks that need no checkpoint, and made-up images. */
#include "run/infer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SCALE 2

/* All weights of convolutions times `factor`. */
static void scale_weights(QtrNet *net, float factor)
{
    for (guint i = 0; i < qtr_net_tensor_count(net); i++) {
        const QtrTensorInfo *info = qtr_net_tensor(net, i);
        g_autofree float *values = g_new(float, info->count);

        if (info->n_dims != 4 || !g_str_has_suffix(info->name, "conv.weight"))
            continue;
        assert_true(qtr_net_read(net, i, QTR_PART_VALUE, values, NULL));
        for (gsize k = 0; k < info->count; k++)
            values[k] *= factor;
        assert_true(qtr_net_write(net, i, QTR_PART_VALUE, values, NULL));
    }
}

/* Of two cells of 12 channels with the weights a network begins with, times `factor`. */
static QtrInfer *new_infer(QtrDevice *device, const char *genotype_text, gboolean plain_skips,
                           float factor)
{
    QtrGenotype genotype;
    QtrNetParams params;
    QtrInfer *infer;
    QtrNet *net;

    assert_true(qtr_genotype_parse(&genotype, genotype_text, "test", NULL));
    qtr_net_params_init(&params);
    params.arch.c_fixed = 12;
    params.arch.scale = SCALE;
    params.arch.body_cells = 2;
    params.arch.skip_mode = plain_skips;
    params.genotype = &genotype;
    params.inference = TRUE;
    params.height = params.width = 8;
    params.seed = 3;
    net = qtr_net_new(device, &params, NULL);
    assert_non_null(net);
    scale_weights(net, factor);
    infer = qtr_infer_new(device, &params.arch, &genotype);
    assert_true(qtr_infer_set_net(infer, net, NULL));
    qtr_net_free(net);
    return infer;
}

/* `count` values in [0, 1) in which no two neighbours are alike. */
static float *new_lr(gsize count)
{
    float *lr = g_new(float, count);

    for (gsize i = 0; i < count; i++)
        lr[i] = (float)(i * 7919 % 1009) / 1009.0f;
    return lr;
}
