#include "nn/net-private.h"

/* One bit width and no noise: all primitives of a layer read the same activation, and convolution
 * is linear, so single convolutions merge into the largest, sum_k P_k conv(A, W~_k) = conv(A, sum_k
 * P_k W~_k), smaller kernels centred and groups on the diagonal (method.md 5). The gradient of the
 * sum holds those of the parts as slices. Alpha steps take their data gradients apart, as each part
 * leaves its dots with A. */

static const NetConv *single(const QtrNet *net, const NetOp *op)
{
    return op->n_convs == 1 ? net_conv(net, op->first_conv) : NULL;
}

static gboolean fits(const QtrConvShape *part, const QtrConvShape *whole)
{
    return part->kh <= whole->kh && part->kw <= whole->kw && part->groups % whole->groups == 0;
}

/* The one with the fewest groups, of those the largest kernel. */
static const NetConv *find_whole(const QtrNet *net, const NetLayer *layer)
{
    const NetConv *best = NULL;

    for (int k = 0; k < layer->n_ops; k++) {
        const NetConv *c = single(net, &layer->ops[k]);

        if (c && (!best || c->shape.groups < best->shape.groups ||
                  (c->shape.groups == best->shape.groups &&
                   c->shape.kh * c->shape.kw > best->shape.kh * best->shape.kw)))
            best = c;
    }
    return best;
}

void net_merge_layer(QtrNet *net, NetLayer *layer)
{
    const NetConv *whole = find_whole(net, layer);
    NetMerge merge = {.first = (int)net->parts->len};

    if (!net->is_supernet || !net_is_single(net) || !whole)
        return;
    for (int k = 0; k < layer->n_ops; k++) {
        const NetConv *c = single(net, &layer->ops[k]);

        if (c && fits(&c->shape, &whole->shape)) {
            layer->ops[k].merged = TRUE;
            g_array_append_val(net->parts, layer->ops[k].first_conv);
            merge.n++;
        }
    }
    if (merge.n < 2) {
        for (int k = 0; k < layer->n_ops; k++)
            layer->ops[k].merged = FALSE;
        g_array_set_size(net->parts, (guint)merge.first);
        return;
    }
    merge.conv = *whole;
    merge.conv.scaled = FALSE;
    net_place_weights(net, &merge.conv);
    g_array_append_val(net->merges, merge);
    layer->merge = (int)net->merges->len;
}

/* Rows of the table: the merged convolution, and its first part and their number in the table of
 * parts, whose rows are the part and the merged convolution (cl/weights.cl). */
gboolean net_write_merges(QtrNet *net, GError **error)
{
    g_autoptr(GArray) merges = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(int));

    for (guint i = 0; i < net->merges->len; i++) {
        const NetMerge *m = net_merge(net, (int)i);
        const int row[] = {(int)(net->convs->len + i), m->first, m->n};

        g_array_append_vals(merges, row, G_N_ELEMENTS(row));
        for (int k = 0; k < m->n; k++) {
            const int part[] = {g_array_index(net->parts, int, m->first + k), row[0]};

            g_array_append_vals(parts, part, G_N_ELEMENTS(part));
        }
    }
    return merges->len == 0 ||
           (qtr_buffer_write(net->merge_table, 0, merges->data, merges->len * sizeof(int), error) &&
            qtr_buffer_write(net->part_table, 0, parts->data, parts->len * sizeof(int), error));
}

void net_emit_merge_weights(QtrNet *net, QtrEmit *emit)
{
    if (net->merges->len > 0)
        QTR_EMIT(emit, "weights", "weights_merge", net->bits_options, HEAVY, net->max_out,
                 net->merges->len, 1, QTR_TRAFFIC("weights", 8.0 * (double)net->mixed_size),
                 "bbbbb", net->conv_table, net->merge_table, net->part_table, net->mix, net->mixed);
}

void net_emit_split_gradients(QtrNet *net, QtrEmit *emit)
{
    if (net->parts->len > 0)
        QTR_EMIT(emit, "weights", "weights_split", net->bits_options, HEAVY, net->max_out,
                 net->parts->len, 1, QTR_TRAFFIC("weights", 8.0 * (double)net->mixed_size), "bbb",
                 net->conv_table, net->part_table, net->mixed_grads);
}
