#include "nn/net-private.h"

static gsize n_convs(const QtrNet *net)
{
    return net->convs->len;
}

/* Options of cl/alpha.cl. */
static char *alpha_options(const QtrNet *net)
{
    int most = 1;

    for (int b = 0; b < QTR_BLOCKS; b++)
        most = MAX(most, net->arch.n_primitives[b] * net->n_bits);
    return g_strdup_printf("%s -DLAYER_MAX=%d -DSELECTOR=%d -DSPARSE=%d%s%s", net->bits_options,
                           most, (int)net->params.selector, (int)net->params.sparsity,
                           net->noise ? " -DQ_BASE=NOISE_BASE" : "",
                           net_is_single(net) ? " -DSINGLE" : "");
}

void net_emit_select(QtrNet *net, QtrEmit *emit)
{
    g_autofree char *options = alpha_options(net);
    int layers = qtr_arch_layer_count(&net->arch);

    QTR_EMIT(emit, "alpha", "alpha_select", options, HEAVY, layers, 1, 1, QTR_TRAFFIC("alphas", 0),
             "bbbbb", net->alphas, net->layer_table, net->p, net->mix, net->step);
    QTR_EMIT(emit, "alpha", "alpha_cost", options, HEAVY, 1, 1, 1, QTR_TRAFFIC("alphas", 0),
             "bbbbbib", net->alphas, net->p, net->cost_row, net->memory_row, net->layer_table,
             layers, net->results);
}

/* W~ of all convolutions, and packed. */
void net_emit_prepare(QtrNet *net, QtrEmit *emit)
{
    gsize n = n_convs(net), most_in = 1, most_tiles = 1, most_back = 1, most_out = 1;
    double bytes = 4.0 * (double)net->mixed_size;

    for (gsize i = 0; i < n; i++) {
        const NetConv *c = net_conv(net, (int)i);
        gsize in = (gsize)(c->shape.in / c->shape.groups);
        gsize out = (gsize)(c->shape.out / c->shape.groups), g = (gsize)c->shape.groups;
        gsize ot = (gsize)c->forward.channels, bt = (gsize)c->back.channels;

        most_in = MAX(most_in, in);
        most_out = MAX(most_out, out);
        most_tiles = MAX(most_tiles, g * ((out + ot - 1) / ot));
        most_back = MAX(most_back, g * ((in + bt - 1) / bt));
    }
    if (net->noise) {
        QTR_EMIT(emit, "weights", "weights_range", net->bits_options, SHARED, net->max_out, n, 1,
                 QTR_TRAFFIC("weights", bytes), "bbb", net->values, net->conv_table, net->ranges);
        QTR_EMIT(emit, "weights", "weights_mix", net->bits_options, SHARED, net->max_out, n, 1,
                 QTR_TRAFFIC("weights", 2 * bytes), "bbbbbbbbbb", net->values, net->conv_table,
                 net->levels, net->mix, net->mixed, net->ranges, net->units, net->step,
                 net->noise_table, net->noise_at);
    } else {
        QTR_EMIT(emit, "weights", "weights_mix", net->bits_options, SHARED, net->max_out, n, 1,
                 QTR_TRAFFIC("weights", 2 * bytes), "bbbbb", net->values, net->conv_table,
                 net->levels, net->mix, net->mixed);
    }
    net_emit_merge_weights(net, emit);
    n += net->merges->len;
    QTR_EMIT(emit, "weights", "weights_pack", net->bits_options, HEAVY, most_in, most_tiles, n,
             QTR_TRAFFIC("packing", 2 * bytes), "bbbb", net->mixed, net->conv_table, net->mix,
             net->packed);
    if (!net->params.inference)
        QTR_EMIT(emit, "weights", "weights_pack_back", net->bits_options, HEAVY, most_out,
                 most_back, n, QTR_TRAFFIC("packing", 2 * bytes), "bbbb", net->mixed,
                 net->conv_table, net->mix, net->packed);
}

void net_emit_loss(QtrNet *net, QtrEmit *emit)
{
    const QtrTensor *y = net->y;
    int planes = qtr_tensor_planes(y);
    double per_count = 1.0 / ((double)planes * y->height * y->width);

    QTR_EMIT(emit, "point", "l1_planes", NULL, SHARED, planes, 1, 1,
             QTR_TRAFFIC("loss", 3 * qtr_tensor_bytes(y)), "bbbbiiif", y->buffer, net->hr->buffer,
             net->dy->buffer, net->part, y->height, y->pitch, y->pad, per_count);
    QTR_EMIT(emit, "point", "l1_total", NULL, HEAVY, 1, 1, 1, QTR_TRAFFIC("loss", 0), "bbif",
             net->part, net->results, planes, per_count);
}

static void emit_weight_dots(QtrNet *net, QtrEmit *emit)
{
    gsize n = n_convs(net);
    QtrWork work = QTR_TRAFFIC("alpha gradient", 12.0 * (double)net->mixed_size);

    if (net->noise)
        QTR_EMIT(emit, "weights", "weights_dots", net->bits_options, SHARED, net->max_out, n, 1,
                 work, "bbbbbbbbbbbb", net->values, net->conv_table, net->levels, net->mix,
                 net->mixed, net->mixed_grads, net->weight_dots, net->ranges, net->units, net->step,
                 net->noise_table, net->noise_at);
    else
        QTR_EMIT(emit, "weights", "weights_dots", net->bits_options, SHARED, net->max_out, n, 1,
                 work, "bbbbbbb", net->values, net->conv_table, net->levels, net->mix, net->mixed,
                 net->mixed_grads, net->weight_dots);
}

void net_emit_update_alpha(QtrNet *net, QtrEmit *emit)
{
    g_autofree char *options = alpha_options(net);
    int layers = qtr_arch_layer_count(&net->arch);
    double penalty = net->params.penalty;

    if (!net_is_single(net)) {
        net_emit_split_gradients(net, emit);
        emit_weight_dots(net, emit);
    }
    net_emit_merge_dots(net, emit);
    QTR_EMIT(emit, "alpha", "dots_sum", options, SHARED, 1 + net->n_bits, net->n_sources, 1,
             QTR_TRAFFIC("alpha gradient", 0), "bbbb", net->weight_dots, net->act_dots,
             net->source_table, net->dot_sums);
    QTR_EMIT(emit, "alpha", "alpha_terms", options, HEAVY, 1, 1, 1,
             QTR_TRAFFIC("alpha gradient", 0), "bbibbfb", net->alphas, net->layer_table, layers,
             net->reference, net->step, penalty, net->results);
    QTR_EMIT(emit, "alpha", "alpha_grad", options, HEAVY, layers, 1, 1,
             QTR_TRAFFIC("alpha gradient", 0), "bbbbbbbbbfb", net->alphas, net->p, net->layer_table,
             net->owner_table, net->owned_table, net->dot_sums, net->cost_row, net->reference,
             net->step, penalty, net->alpha_grads);
    QTR_EMIT(emit, "optim", "adam", NULL, LIGHT, net->n_alphas, 1, 1, QTR_TRAFFIC("alphas", 0),
             "bbbbiiffffibb", net->alphas, net->alpha_grads, net->alpha_moment1, net->alpha_moment2,
             0, net->n_alphas, 0.5, 0.999, net->params.alpha_decay, 0.0, (int)NET_WHO_ALPHAS,
             net->results, net->step);
}

static void emit_optimizer(QtrNet *net, QtrEmit *emit, int first, int count, int who)
{
    const QtrNetParams *p = &net->params;
    QtrWork work = QTR_TRAFFIC("optimizer", 28.0 * count);

    if (count == 0)
        return;
    if (p->optimizer == QTR_OPTIMIZER_ADAM)
        QTR_EMIT(emit, "optim", "adam", NULL, LIGHT, count, 1, 1, work, "bbbbiiffffibb",
                 net->values, net->grads, net->moment1, net->moment2, first, count, 0.9, 0.999,
                 p->weight_decay, p->clip, who, net->results, net->step);
    else
        QTR_EMIT(emit, "optim", "sgd", NULL, LIGHT, count, 1, 1, work, "bbbiifffbb", net->values,
                 net->grads, net->moment1, first, count, p->momentum, p->weight_decay, p->clip,
                 net->results, net->step);
}

void net_emit_update_weight(QtrNet *net, QtrEmit *emit)
{
    int chunks = qtr_ceil_div(net->scales_end, NET_NORM_CHUNK);
    g_autofree char *options =
        g_strconcat(net->bits_options, net->is_supernet ? "" : " -DTRAIN_STEPS", NULL);

    net_emit_split_gradients(net, emit);
    QTR_EMIT(emit, "weights", "weights_back", options, SHARED, net->max_out, n_convs(net), 1,
             QTR_TRAFFIC("weights", 12.0 * (double)net->mixed_size), "bbbbbb", net->values,
             net->conv_table, net->levels, net->mix, net->mixed_grads, net->grads);
    QTR_EMIT(emit, "optim", "norm_chunks", NULL, SHARED, chunks, 1, 1,
             QTR_TRAFFIC("optimizer", 4.0 * net->scales_end), "bbii", net->grads, net->part, 0,
             net->scales_end);
    QTR_EMIT(emit, "optim", "norm_total", NULL, SHARED, 1, 1, 1, QTR_TRAFFIC("optimizer", 0), "bib",
             net->part, chunks, net->results);
    emit_optimizer(net, emit, 0, net->weights_end, NET_WHO_WEIGHTS);
    emit_optimizer(net, emit, net->weights_end, net->scales_end - net->weights_end, NET_WHO_SCALES);
}
