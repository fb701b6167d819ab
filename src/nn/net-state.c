#include "base/error.h"
#include "nn/net-private.h"

guint qtr_net_tensor_count(const QtrNet *net)
{
    return net->tensors->len;
}

const QtrTensorInfo *qtr_net_tensor(const QtrNet *net, guint index)
{
    return &net_tensor(net, (int)index)->info;
}

int qtr_net_tensor_find(const QtrNet *net, const char *name)
{
    gpointer value;

    return g_hash_table_lookup_extended(net->tensor_index, name, NULL, &value)
               ? GPOINTER_TO_INT(value)
               : -1;
}

static QtrBuffer *part_buffer(const QtrNet *net, const NetTensor *t, QtrTensorPart part)
{
    gboolean alpha = t->region == NET_ALPHAS;

    g_assert(part == QTR_PART_VALUE || !net->params.inference);
    switch (part) {
    case QTR_PART_GRADIENT:
        return alpha ? net->alpha_grads : net->grads;
    case QTR_PART_MOMENT1:
        return alpha ? net->alpha_moment1 : net->moment1;
    case QTR_PART_MOMENT2:
        return alpha ? net->alpha_moment2 : net->moment2;
    case QTR_PART_VALUE:
    default:
        return alpha ? net->alphas : net->values;
    }
}

gboolean qtr_net_read(QtrNet *net, guint index, QtrTensorPart part, float *values, GError **error)
{
    const NetTensor *t = net_tensor(net, (int)index);

    return qtr_buffer_read(part_buffer(net, t, part), (gsize)t->at * sizeof(float), values,
                           t->info.count * sizeof(float), error);
}

gboolean qtr_net_write(QtrNet *net, guint index, QtrTensorPart part, const float *values,
                       GError **error)
{
    const NetTensor *t = net_tensor(net, (int)index);

    net->is_packed = FALSE;
    return qtr_buffer_write(part_buffer(net, t, part), (gsize)t->at * sizeof(float), values,
                            t->info.count * sizeof(float), error);
}

gboolean qtr_net_read_output(QtrNet *net, float *output, GError **error)
{
    return qtr_tensor_read(net->y, output, error);
}

int qtr_net_alpha_count(const QtrNet *net)
{
    return net->n_alphas;
}

gboolean qtr_net_read_alphas(QtrNet *net, float *alphas, GError **error)
{
    return qtr_buffer_read(net->alphas, 0, alphas, sizeof(float) * (gsize)net->n_alphas, error);
}

gboolean qtr_net_genotype(QtrNet *net, QtrGenotype *genotype, GError **error)
{
    g_autofree float *alphas = NULL;
    const float *a;

    if (!net->is_supernet) {
        *genotype = net->genotype;
        return TRUE;
    }
    a = alphas = g_new(float, net->n_alphas);
    if (!qtr_net_read_alphas(net, alphas, error))
        return FALSE;
    *genotype = (QtrGenotype){0};
    for (int i = 0; i < qtr_arch_layer_count(&net->arch); i++) {
        QtrBlock block;
        int layer, n, best = 0;

        qtr_arch_layer_at(&net->arch, i, &block, &layer);
        n = net->arch.n_primitives[block] * net->n_bits;
        for (int j = 1; j < n; j++)
            if (a[j] > a[best])
                best = j;
        genotype->layers[block] = net->arch.layers[block];
        genotype->genes[block][layer] = (QtrGene){net->arch.primitives[block][best / net->n_bits],
                                                  net->arch.bits[best % net->n_bits]};
        a += n;
    }
    return TRUE;
}

gboolean qtr_net_get_counters(QtrNet *net, QtrNetCounters *counters, GError **error)
{
    *counters = net->counters;
    counters->quantized = net->quantized;
    return !net->is_supernet ||
           qtr_buffer_read(net->reference, 0, &counters->reference_cost, sizeof(float), error);
}

gboolean qtr_net_set_counters(QtrNet *net, const QtrNetCounters *counters, GError **error)
{
    net->counters = *counters;
    if (net->is_supernet)
        return qtr_buffer_write(net->reference, 0, &counters->reference_cost, sizeof(float), error);
    net->quantized = counters->quantized;
    return net_write_quantizers(net, counters->quantized, error);
}
