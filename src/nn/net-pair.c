#include "nn/net-private.h"

QtrConvHalf net_conv_half(const NetConv *conv)
{
    return (QtrConvHalf){conv->shape, conv->forward, conv->forward_at};
}

static QtrConvHalf back_half(const NetConv *conv)
{
    return (QtrConvHalf){qtr_conv_transposed(&conv->shape), conv->back, conv->back_at};
}

/* The convolution that is all of a layer; NULL: there is more. */
static NetConv *lone_conv(const QtrNet *net, const NetLayer *layer)
{
    const NetOp *chain = net_sole_chain(layer);

    return chain && chain->n_convs == 1 ? net_conv(net, chain->first_conv) : NULL;
}

void net_plan_pair(QtrNet *net, NetBlock *block)
{
    const NetLayer *layers = block->n >= 2 ? &block->layers[block->n - 2] : NULL;
    const NetConv *first = layers ? lone_conv(net, &layers[0]) : NULL;
    const NetConv *second = layers ? lone_conv(net, &layers[1]) : NULL;
    int lanes = qtr_device_info(net->device)->vector_width, h = block->height, w = block->width;
    QtrConvPair *pair = &block->pair, *back = &block->pair_back;

    if (!net->masks || !first || !second || qtr_tensor_pitch(w, net->pad, FALSE) % lanes != 0)
        return;
    *pair = (QtrConvPair){net_conv_half(first), net_conv_half(second), {0}};
    *back = (QtrConvPair){back_half(second), back_half(first), {0}};
    block->is_paired = qtr_conv_pair_choose(net->device, pair, h, w);
    block->is_paired_back =
        block->is_paired && qtr_conv_pair_choose_back(net->device, back, net->params.batch, h, w);
    if (block->is_paired_back)
        net->scratch_size = MAX(net->scratch_size,
                                qtr_conv_pair_scratch(net->device, back, net->params.batch, h, w));
}

void net_emit_pair(QtrNet *net, QtrEmit *emit, const NetBlock *block, const QtrTensor *x,
                   const QtrTensor *y, gboolean accumulate)
{
    NetLayer *layers = &block->layers[block->n - 2];
    NetConv *first = lone_conv(net, &layers[0]), *second = lone_conv(net, &layers[1]);
    const QtrTensor *a = net_emit_activation(net, emit, layers[0].ops[0].first_conv, x, NULL, NULL);
    const QtrTensor *m = net_new_tensor(net, emit, first->shape.out, x->height, x->width);
    QtrConvActivation between;

    if (!a || !m)
        return;
    layers[0].x = first->u = x;
    first->a = a;
    first->is_activated = FALSE;
    layers[1].x = second->u = second->a = m;
    second->mask = net_new_mask(net, emit, m);
    if (!second->mask)
        return;
    between = net_activation(net, second, NULL);
    between.mask = second->mask;
    qtr_conv_pair_emit(emit, &block->pair, a, net->packed, y, accumulate, &between, NULL, m);
}

void net_emit_pair_back(QtrNet *net, QtrEmit *emit, const NetBlock *block, const QtrTensor *dy,
                        const QtrTensor *dx, gboolean accumulate)
{
    const NetLayer *layers = &block->layers[block->n - 2];
    const NetConv *first = lone_conv(net, &layers[0]), *second = lone_conv(net, &layers[1]);
    QtrConvActivation between = net_activation(net, second, NULL);
    QtrConvActivation end = net_activation(net, first, first->u);
    const QtrConvPairGradients to = {.end = &end,
                                     .a = first->a,
                                     .dx = dx,
                                     .accumulate = accumulate,
                                     .dw = net->mixed_grads,
                                     .at = first->mixed_at};

    between.mask = second->mask;
    end.mask = first->mask;
    qtr_conv_emit_wgrad(emit, &second->shape, second->forward.components, second->a, dy,
                        net->scratch, second->scratch_at, net->mixed_grads, second->mixed_at);
    qtr_conv_pair_emit_back(emit, &block->pair_back, dy, net->packed, &between, net->scratch, &to);
}
