#include "nn/cost.h"

#include <string.h>

static double conv_flops(const QtrConvShape *conv, int h, int w)
{
    return 2.0 * conv->in / conv->groups * conv->out * conv->kh * conv->kw * h * w;
}

static double conv_memory(const QtrConvShape *conv, int h, int w)
{
    return (double)conv->in * h * w;
}

void qtr_primitive_cost(const QtrPrimitive *primitive, int in, int out, int c_fixed, int h, int w,
                        double *flops, double *memory)
{
    QtrConvShape chain[QTR_CHAIN_MAX];
    int length = qtr_primitive_chain(primitive, in, out, c_fixed, chain);

    *flops = 0;
    *memory = 0;
    for (int i = 0; i < length; i++) {
        *flops += conv_flops(&chain[i], h, w);
        *memory += conv_memory(&chain[i], h, w);
    }
}

QtrCost qtr_gene_cost(const QtrGene *gene, int in, int out, int c_fixed, int h, int w)
{
    QtrConvShape chain[QTR_CHAIN_MAX];
    int length = qtr_primitive_chain(gene->primitive, in, out, c_fixed, chain);
    QtrCost cost = {0};

    for (int i = 0; i < length; i++) {
        double flops = conv_flops(&chain[i], h, w);
        gsize weights = qtr_conv_shape_weights(&chain[i]);
        gsize steps = (gsize)chain[i].out;

        cost.flops += flops;
        cost.bitops += flops * gene->bits * gene->bits / 2;
        cost.memory += conv_memory(&chain[i], h, w) * gene->bits;
        cost.parameters += weights + steps;
        cost.packed_bytes +=
            (weights * (gsize)gene->bits + 7) / 8 + (gene->bits == 32 ? 0 : 4 * steps);
    }
    return cost;
}

static void add(QtrCost *sum, const QtrCost *cost, int times)
{
    sum->bitops += cost->bitops * times;
    sum->flops += cost->flops * times;
    sum->memory += cost->memory * times;
    sum->parameters += cost->parameters * (gsize)times;
    sum->packed_bytes += cost->packed_bytes * (gsize)times;
}

/* What one ADM with batch norm over `channels` stores; its arithmetic is not counted. */
static QtrCost adm_cost(int channels)
{
    return (QtrCost){
        .parameters = 2 * (gsize)channels + 2,
        .packed_bytes = 4 * (4 * (gsize)channels + 2),
    };
}

QtrCost qtr_genotype_cost(const QtrGenotype *genotype, const QtrArch *arch, int h, int w)
{
    QtrArch shape = *arch;
    QtrCost sum = {0};

    memcpy(shape.layers, genotype->layers, sizeof shape.layers);
    for (int i = 0; i < qtr_arch_layer_count(&shape); i++) {
        QtrBlock block;
        int layer, in, out, zoom;
        QtrCost cost;

        qtr_arch_layer_at(&shape, i, &block, &layer);
        qtr_arch_layer_channels(&shape, block, layer, &in, &out);
        zoom = qtr_block_zoom(arch, block);
        cost = qtr_gene_cost(&genotype->genes[block][layer], in, out, arch->c_fixed, h * zoom,
                             w * zoom);
        add(&sum, &cost, qtr_block_repeats(arch, block));
    }
    if (!arch->skip_mode) {
        QtrCost body = adm_cost(arch->c_fixed), tail = adm_cost(arch->channels);

        add(&sum, &body, arch->body_cells + 1);
        if (genotype->layers[QTR_BLOCK_TAIL] > 0)
            add(&sum, &tail, 1);
    }
    return sum;
}
