#include "nn/net-private.h"

void net_emit_activated_rows(QtrNet *net, QtrEmit *emit, int conv, const NetSource *source,
                             const QtrTensor *a, QtrRows rows)
{
    const NetConv *c = net_conv(net, conv);
    const QtrTensor *x = source->x;
    const NetAdm *norm = source->norm;
    int lanes = qtr_emit_lanes(emit);
    gsize items = qtr_emit_row_items(emit, rows.to - rows.from, qtr_ceil_div(x->pitch, lanes));
    int pixels = (rows.to - rows.from) * x->pitch, planes = qtr_tensor_planes(x);
    const QtrWork work = QTR_TRAFFIC("activation", 2.0 * x->element * planes * pixels);

    if (norm)
        QTR_EMIT(emit, "act", "bn_act_rows", net->bits_options, LIGHT, items, planes, 1, work,
                 "bbiiiiiiiibibibbiii", x->buffer, a->buffer, x->height, x->width, x->pitch, x->pad,
                 rows.from, rows.to, a->first_row, a->height, net->mix, c->mix_at, net->acts,
                 c->acts_at, norm->norm, net->values, net_at(net, norm->gamma),
                 net_at(net, norm->beta), norm->channels);
    else
        QTR_EMIT(emit, "act", "act_rows", net->bits_options, LIGHT, items, planes, 1, work,
                 "bbiiiiiiiibibi", x->buffer, a->buffer, x->height, x->width, x->pitch, x->pad,
                 rows.from, rows.to, a->first_row, a->height, net->mix, c->mix_at, net->acts,
                 c->acts_at);
}
