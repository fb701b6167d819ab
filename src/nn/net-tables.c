#include "base/error.h"
#include "nn/cost.h"
#include "nn/net-private.h"

#include <math.h>
#include <string.h>

/* The tables the kernels read; field orders are those of the enums in cl/weights.cl and
 * cl/alpha.cl. */

static gboolean write_ints(QtrBuffer *buffer, const GArray *ints, GError **error)
{
    return ints->len == 0 ||
           qtr_buffer_write(buffer, 0, ints->data, ints->len * sizeof(int), error);
}

static void append_conv(const QtrNet *net, GArray *table, const NetConv *c, int id)
{
    const int row[NET_CONV_FIELDS] = {
        [NET_CONV_W] = net_at(net, c->weight),
        [NET_CONV_STEPS] = net_at(net, c->steps),
        [NET_CONV_MIXED] = (int)c->mixed_at,
        [NET_CONV_OUT] = c->shape.out,
        [NET_CONV_IN] = c->shape.in / c->shape.groups,
        [NET_CONV_KH] = c->shape.kh,
        [NET_CONV_KW] = c->shape.kw,
        [NET_CONV_GROUPS] = c->shape.groups,
        [NET_CONV_MIX] = c->mix_at,
        [NET_CONV_SCALE] = c->scaled,
        [NET_CONV_FORWARD] = (int)c->forward_at,
        [NET_CONV_FORWARD_TILE] = c->forward.channels,
        [NET_CONV_BACK] = net->params.inference ? -1 : (int)c->back_at,
        [NET_CONV_BACK_TILE] = c->back.channels,
        [NET_CONV_RANGES] = c->rows_at,
        [NET_CONV_LEVELS] = c->levels_at,
        [NET_CONV_ID] = id,
        [NET_CONV_COMPONENTS] = c->forward.components,
    };

    g_array_append_vals(table, row, G_N_ELEMENTS(row));
}

static gboolean write_convs(QtrNet *net, GError **error)
{
    g_autoptr(GArray) table = g_array_new(FALSE, FALSE, sizeof(int));

    for (guint i = 0; i < net->convs->len; i++)
        append_conv(net, table, net_conv(net, (int)i), (int)i);
    for (guint i = 0; i < net->merges->len; i++)
        append_conv(net, table, &net_merge(net, (int)i)->conv, (int)(net->convs->len + i));
    return write_ints(net->conv_table, table, error) && net_write_merges(net, error);
}

/* One layer's blocks in the order they stand in the network: the cells share alphas. */
static const NetLayer *layer_instance(const QtrNet *net, QtrBlock block, int layer, int cell)
{
    switch (block) {
    case QTR_BLOCK_HEAD:
        return cell == 0 ? &net->head.layers[layer] : NULL;
    case QTR_BLOCK_UPSAMPLE:
        return cell == 0 ? &net->upsample.layers[layer] : NULL;
    case QTR_BLOCK_TAIL:
        return cell == 0 ? &net->tail.layers[layer] : NULL;
    case QTR_BLOCK_BODY:
        return cell < net->arch.body_cells ? &net->cells[cell].body.layers[layer] : NULL;
    case QTR_BLOCK_SKIP:
    default:
        return cell < net->arch.body_cells ? &net->cells[cell].skip.layers[layer] : NULL;
    }
}

/* The sources of dots of one primitive of one layer, over all cells. */
static void add_sources(const QtrNet *net, GArray *sources, GArray *owned, QtrBlock block,
                        int layer, int k)
{
    const NetLayer *instance;

    for (int cell = 0; (instance = layer_instance(net, block, layer, cell)); cell++) {
        const NetOp *op = &instance->ops[k];

        if (qtr_primitive_kind(op->primitive) == QTR_PRIMITIVE_IDENTITY) {
            const int row[NET_SOURCE_FIELDS] = {[NET_SOURCE_ACTS] = op->dots_at,
                                                [NET_SOURCE_ITEMS] = op->dots_items,
                                                [NET_SOURCE_IDENTITY] = 1,
                                                [NET_SOURCE_SCALE] = 1};
            int id = (int)sources->len / (int)G_N_ELEMENTS(row);

            g_array_append_vals(sources, row, G_N_ELEMENTS(row));
            g_array_append_val(owned, id);
        }
        for (int i = 0; i < op->n_convs; i++) {
            const NetConv *c = net_conv(net, op->first_conv + i);
            const int row[NET_SOURCE_FIELDS] = {[NET_SOURCE_WEIGHTS] = c->rows_at,
                                                [NET_SOURCE_CHANNELS] = c->shape.out,
                                                [NET_SOURCE_ACTS] = c->dots_at,
                                                [NET_SOURCE_ITEMS] = c->dots_items,
                                                [NET_SOURCE_SCALE] = c->scaled};
            int id = (int)sources->len / (int)G_N_ELEMENTS(row);

            g_array_append_vals(sources, row, G_N_ELEMENTS(row));
            g_array_append_val(owned, id);
        }
    }
}

static gboolean write_layers(QtrNet *net, GError **error)
{
    g_autoptr(GArray) layers = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GArray) sources = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GArray) owners = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GArray) owned = g_array_new(FALSE, FALSE, sizeof(int));
    int alpha = 0, row = 0;

    for (int i = 0; i < qtr_arch_layer_count(&net->arch); i++) {
        QtrBlock block;
        int layer, n;

        qtr_arch_layer_at(&net->arch, i, &block, &layer);
        n = net->arch.n_primitives[block];

        const int fields[NET_LAYER_FIELDS] = {[NET_LAYER_ALPHA] = alpha,
                                              [NET_LAYER_PRIMITIVES] = n,
                                              [NET_LAYER_MIX] = row * (1 + net->n_bits)};

        g_array_append_vals(layers, fields, G_N_ELEMENTS(fields));
        for (int k = 0; k < n; k++) {
            g_array_append_val(owners, owned->len);
            add_sources(net, sources, owned, block, layer, k);
        }
        alpha += n * net->n_bits;
        row += n;
    }
    g_array_append_val(owners, owned->len);
    g_assert((int)owned->len == net->n_sources);
    return write_ints(net->layer_table, layers, error) &&
           write_ints(net->source_table, sources, error) &&
           write_ints(net->owner_table, owners, error) &&
           write_ints(net->owned_table, owned, error);
}

/* Cost of every alpha at the size of the batch's images, all cells counted (method.md 6). */
static gboolean write_costs(QtrNet *net, GError **error)
{
    const QtrArch *arch = &net->arch;
    g_autofree float *cost = g_new0(float, net->n_alphas), *memory = g_new0(float, net->n_alphas);
    int at = 0;

    for (int i = 0; i < qtr_arch_layer_count(arch); i++) {
        QtrBlock block;
        int layer, in, out, zoom;
        double cells;

        qtr_arch_layer_at(arch, i, &block, &layer);
        qtr_arch_layer_channels(arch, block, layer, &in, &out);
        zoom = qtr_block_zoom(arch, block);
        cells = qtr_block_repeats(arch, block);
        for (int k = 0; k < arch->n_primitives[block]; k++)
            for (int b = 0; b < net->n_bits; b++, at++) {
                double flops, bytes;

                qtr_primitive_cost(arch->primitives[block][k], in, out, arch->c_fixed,
                                   net->params.height * zoom, net->params.width * zoom, &flops,
                                   &bytes);
                cost[at] = (float)(cells * flops * arch->bits[b]);
                memory[at] = (float)(cells * bytes * arch->bits[b]);
            }
    }
    return qtr_buffer_write(net->cost_row, 0, cost, sizeof(float) * (gsize)net->n_alphas, error) &&
           qtr_buffer_write(net->memory_row, 0, memory, sizeof(float) * (gsize)net->n_alphas,
                            error);
}

/* HWGQ's steps (method.md 4); 0: plain ReLU. */
static double act_step(int bits)
{
    static const double steps[17] = {[1] = 1.0576462792297525,
                                     [2] = 0.6356366866203315,
                                     [3] = 0.3720645813370479,
                                     [4] = 0.21305606790772952,
                                     [5] = 0.118372,
                                     [6] = 0.065766,
                                     [7] = 0.036539,
                                     [8] = 0.020300567823662602,
                                     [16] = 9.714825915156693e-05};

    return bits <= 16 ? steps[bits] : 0.0;
}

gboolean net_write_quantizers(QtrNet *net, gboolean quantized, GError **error)
{
    guint n = net->convs->len * (guint)net->n_bits;
    g_autofree float *levels = g_new0(float, n), *acts = g_new0(float, NET_ACT_FIELDS *n);

    for (guint i = 0; i < net->convs->len; i++)
        for (int b = 0; b < net->n_bits; b++) {
            const NetConv *c = net_conv(net, (int)i);
            int bits = quantized ? c->bits[b] : 32;
            double step = act_step(bits);
            float *act;

            levels[c->levels_at + b] = bits < 32 ? ldexpf(1.0f, bits - 1) - 1.0f : 0.0f;
            act = acts + c->acts_at + NET_ACT_FIELDS * b;
            act[NET_ACT_STEP] = (float)step;
            act[NET_ACT_CLIP] = bits < 32 ? (float)(step * (ldexp(1.0, bits) - 1.0)) : INFINITY;
            act[NET_ACT_INVERSE] = bits < 32 ? 1.0f / act[NET_ACT_STEP] : 0.0f;
        }
    net->is_packed = FALSE;
    return qtr_buffer_write(net->levels, 0, levels, n * sizeof(float), error) &&
           qtr_buffer_write(net->acts, 0, acts, NET_ACT_FIELDS * n * sizeof(float), error);
}

gboolean net_write_tables(QtrNet *net, GError **error)
{
    static const float pass_through[2] = {1.0f, 1.0f}; /* P and q of the only primitive */
    float units[QTR_BITS_MAX] = {0};

    if (!write_convs(net, error) || !net_write_quantizers(net, TRUE, error))
        return FALSE;
    if (!net->is_supernet)
        return qtr_buffer_write(net->mix, 0, pass_through, sizeof pass_through, error);
    for (int b = 0; b < net->n_bits; b++)
        units[b] = (float)(1.0 / (ldexp(1.0, net->arch.bits[b]) - 1.0));
    return qtr_buffer_write(net->units, 0, units, sizeof(float) * (gsize)net->n_bits, error) &&
           write_layers(net, error) && write_costs(net, error);
}
