#include "nn/net-private.h"

/* Without noise the activation in front of primitive k is A_k = sum_b q_kb act_b(x), and
 * convolution is linear, so the single convolutions of a layer merge into one for each bit width,
 *
 *   sum_k P_k conv(A_k, W~_k) = sum_b conv(act_b(x), sum_k P_k q_kb W~_k),
 *
 * smaller kernels centred and groups on the diagonal (method.md 5). With G_b, the weight gradient
 * of merged convolution b, that of part k is sum_b q_kb G_b cut to its place, and the gradient of
 * the loss by q_kb through the activation <P_k W~_k, G_b>.
 *
 * With noise every A_k has its own draws, but all have the slope f [x > 0], so data gradients
 * merge, except in alpha steps, which want each one's dots. */

/* Time of a number's way from or to memory, in multiplications: 4 bytes at 45 GB/s, those at 430
 * GFLOP/s (docs/performance.md). */
#define TRAFFIC 19.0

static const NetConv *single(const QtrNet *net, const NetOp *op)
{
    return op->n_convs == 1 ? net_conv(net, op->first_conv) : NULL;
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

/* Time of a convolution for one pixel, of a pass or several: multiplications and how often numbers
 * of the input's and output's size move. That strips of rows (ops/winograd.h) save some is left
 * out: whole and parts of 3 and 5 rows gain alike. */
static double cost(const QtrConvShape *s, int passes, int in_moves, int out_moves)
{
    return passes * (double)qtr_conv_shape_weights(s) +
           TRAFFIC * (in_moves * s->in + out_moves * s->out);
}

/* Of a step forward and back: in moves through the activation, into the convolution, its weight
 * gradient, and through the data gradient; y and dx are added to. */
static double step_cost(const QtrConvShape *s)
{
    return cost(s, 3, 8, 5);
}

/* Of the gradient in the alpha step of a single bit width: part by part only the data gradient. */
static double part_alpha_cost(const QtrConvShape *s)
{
    return cost(s, 1, 4, 1);
}

static double merged_alpha_cost(const QtrConvShape *s)
{
    return cost(s, 2, 5, 2);
}

/* The convolution of a primitive that can be a part of `whole`, or NULL. */
static const NetConv *part_of(const QtrNet *net, const NetOp *op, const QtrConvShape *whole)
{
    const NetConv *c = single(net, op);

    return c && c->shape.kh <= whole->kh && c->shape.kw <= whole->kw &&
                   c->shape.groups % whole->groups == 0
               ? c
               : NULL;
}

void net_merge_layer(QtrNet *net, NetLayer *layer)
{
    const NetConv *whole = find_whole(net, layer);
    NetMerge merge = {.first = (int)net->parts->len};
    double parts = 0.0, alphas = 0.0;

    if (!net->is_supernet || !whole)
        return;
    for (int k = 0; k < layer->n_ops; k++) {
        const NetConv *c = part_of(net, &layer->ops[k], &whole->shape);

        if (!c)
            continue;
        g_array_append_val(net->parts, layer->ops[k].first_conv);
        merge.n++;
        parts += step_cost(&c->shape);
        alphas += part_alpha_cost(&c->shape);
    }
    if (merge.n < 2 || (!net->noise && net->n_bits * step_cost(&whole->shape) > parts)) {
        g_array_set_size(net->parts, (guint)merge.first);
        return;
    }
    for (int k = 0; k < layer->n_ops; k++)
        layer->ops[k].merged = part_of(net, &layer->ops[k], &whole->shape) != NULL;
    layer->merge = (int)net->merges->len;
    layer->n_merges = net->noise ? 1 : net->n_bits;
    layer->merge_whole = !net->noise;
    layer->merge_alphas =
        !net->noise && (net->n_bits > 1 || merged_alpha_cost(&whole->shape) <= alphas);
    merge.conv = *whole;
    merge.conv.scaled = FALSE;
    merge.conv.mix_at = net->n_rows * (1 + net->n_bits);
    for (merge.bit = 0; merge.bit < layer->n_merges; merge.bit++) {
        net_place_weights(net, &merge.conv);
        g_array_append_val(net->merges, merge);
        merge.conv.acts_at += NET_ACT_FIELDS;
    }
}

QtrConvActivation net_merge_activation(const QtrNet *net, const NetMerge *merge, const QtrTensor *u)
{
    QtrConvActivation activation = net_activation(net, &merge->conv, u);

    if (!net->noise)
        activation.options = "-DNBITS=1";
    return activation;
}

/* Dots of a part that its merged convolutions leave; -1: its own data gradient does. */
static int part_dots(const QtrNet *net, const NetConv *part)
{
    return part->dots_merged ? part->dots_at : -1;
}

/* The tables of merged convolutions and of their parts (cl/tables.h). */
gboolean net_write_merges(QtrNet *net, GError **error)
{
    static const float ones[] = {1.0f, 1.0f};
    g_autoptr(GArray) merges = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(int));

    for (guint i = 0; i < net->merges->len; i++) {
        const NetMerge *m = net_merge(net, (int)i);
        const int row[NET_MERGE_FIELDS] = {[NET_MERGE_CONV] = (int)(net->convs->len + i),
                                           [NET_MERGE_FIRST] = m->first,
                                           [NET_MERGE_PARTS] = m->n,
                                           [NET_MERGE_BIT] = m->bit};

        g_array_append_vals(merges, row, G_N_ELEMENTS(row));
        for (int k = 0; m->bit == 0 && k < m->n; k++) {
            int conv = g_array_index(net->parts, int, m->first + k);
            const int part[NET_PART_FIELDS] = {[NET_PART_CONV] = conv,
                                               [NET_PART_WHOLE] = row[NET_MERGE_CONV],
                                               [NET_PART_DOTS] =
                                                   part_dots(net, net_conv(net, conv))};

            g_array_append_vals(parts, part, G_N_ELEMENTS(part));
        }
    }
    return merges->len == 0 ||
           (qtr_buffer_write(net->mix, sizeof(float) * (gsize)(net->n_rows * (1 + net->n_bits)),
                             ones, sizeof ones, error) &&
            qtr_buffer_write(net->merge_table, 0, merges->data, merges->len * sizeof(int), error) &&
            qtr_buffer_write(net->part_table, 0, parts->data, parts->len * sizeof(int), error));
}

void net_emit_merge_weights(QtrNet *net, QtrEmit *emit)
{
    if (net->merges->len > 0)
        QTR_EMIT(emit, "weights", "weights_merge", net->bits_options, SHARED, net->max_out,
                 net->merges->len, 1, QTR_TRAFFIC("weights", 8.0 * (double)net->mixed_size),
                 "bbbbb", net->conv_table, net->merge_table, net->part_table, net->mix, net->mixed);
}

void net_emit_split_gradients(QtrNet *net, QtrEmit *emit)
{
    if (net->parts->len > 0 && !net->noise)
        QTR_EMIT(emit, "weights", "weights_split", net->bits_options, SHARED, net->max_out,
                 net->parts->len, 1, QTR_TRAFFIC("weights", 8.0 * (double)net->mixed_size), "bbbb",
                 net->conv_table, net->part_table, net->mix, net->mixed_grads);
}

void net_emit_merge_dots(QtrNet *net, QtrEmit *emit)
{
    if (net->parts->len > 0 && !net->noise)
        QTR_EMIT(emit, "weights", "weights_merge_dots", net->bits_options, SHARED, net->max_out,
                 net->parts->len, 1, QTR_TRAFFIC("alpha gradient", 8.0 * (double)net->mixed_size),
                 "bbbbbb", net->conv_table, net->part_table, net->mix, net->mixed, net->mixed_grads,
                 net->act_dots);
}
