#include "nn/net-private.h"

QtrConvHalf net_conv_half(const NetConv *conv)
{
    return (QtrConvHalf){&conv->shape, conv->forward, conv->forward_at};
}

/* The convolution that is all of a layer; NULL: there is more. */
static NetConv *lone_conv(const QtrNet *net, const NetLayer *layer)
{
    const NetOp *chain = net_sole_chain(layer);

    return chain && chain->n_convs == 1 ? net_conv(net, chain->first_conv) : NULL;
}

gboolean net_emit_pair(QtrNet *net, QtrEmit *emit, NetLayer layers[2], const QtrTensor *x,
                       const QtrTensor *y, gboolean accumulate)
{
    NetConv *first = lone_conv(net, &layers[0]), *second = lone_conv(net, &layers[1]);
    QtrConvActivation between;
    const QtrTensor *a, *m;
    QtrConvPair pair;

    if (!net->masks || !first || !second || y->pitch % qtr_emit_lanes(emit) != 0)
        return FALSE;
    pair = (QtrConvPair){net_conv_half(first), net_conv_half(second), {0}};
    if (!qtr_conv_pair_choose(emit->device, &pair, y->height, y->width))
        return FALSE;
    a = net_emit_activation(net, emit, layers[0].ops[0].first_conv, x, NULL, NULL);
    m = net_new_tensor(net, emit, first->shape.out, x->height, x->width);
    if (!a || !m)
        return TRUE;
    layers[0].x = first->u = x;
    first->a = a;
    first->is_activated = FALSE;
    layers[1].x = second->u = second->a = m;
    second->mask = net_new_mask(net, emit, m);
    if (!second->mask)
        return TRUE;
    between = net_activation(net, second, NULL);
    between.mask = second->mask;
    qtr_conv_pair_emit(emit, &pair, a, net->packed, y, accumulate, &between, NULL, m);
    return TRUE;
}
