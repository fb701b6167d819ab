#include "nn/net-private.h"

QtrTensor *net_new_tensor(QtrNet *net, QtrEmit *emit, int channels, int height, int width)
{
    return emit->error ? NULL
                       : qtr_tensor_pool_get(net->pool, net->params.batch, channels, height, width,
                                             &emit->error);
}

QtrTensor *net_new_mask(QtrNet *net, QtrEmit *emit, const QtrTensor *u)
{
    return emit->error ? NULL
                       : qtr_tensor_pool_get_mask(net->pool, u->images, u->channels, u->height,
                                                  u->width, &emit->error);
}

static void give_back(QtrNet *net, const QtrTensor *tensor)
{
    if (net->params.inference)
        qtr_tensor_pool_put(net->pool, (QtrTensor *)tensor);
}

QtrConvActivation net_activation(const QtrNet *net, const NetConv *conv, const QtrTensor *u)
{
    return (QtrConvActivation){.options = net->bits_options,
                               .u = u,
                               .mix = net->mix,
                               .mix_at = conv->mix_at,
                               .acts = net->acts,
                               .acts_at = conv->acts_at};
}

QtrNoise net_noise(const QtrNet *net, int conv)
{
    return (QtrNoise){.units = net->units,
                      .range = net->range,
                      .range_at = net_conv(net, conv)->range_at,
                      .step = net->step,
                      .conv = conv,
                      .table = net->noise_table,
                      .table_at = net->noise_at,
                      .draw_at = ((int)net->convs->len + conv) * net->n_bits};
}

/* a = sum_b q_b noisy_b(relu(u)); the range of u is shared by all convolutions that read u. */
static void emit_noise(QtrNet *net, QtrEmit *emit, int conv, const QtrTensor *u, const QtrTensor *a,
                       gboolean new_range)
{
    const NetConv *c = net_conv(net, conv);
    QtrNoise noise = net_noise(net, conv);
    int planes = qtr_tensor_planes(u), lanes = qtr_emit_lanes(emit);
    int chunks = (u->height * u->pitch + 31) / 32;

    if (new_range) {
        const QtrImages images = emit->images;

        emit->images = (QtrImages){0};
        QTR_EMIT(emit, "act", "range_planes", net->bits_options, SHARED, planes, 1, 1,
                 QTR_TRAFFIC("noise range", qtr_tensor_bytes(u)), "bbiiii", u->buffer,
                 net->range_part, u->height, u->width, u->pitch, u->pad);
        QTR_EMIT(emit, "act", "range_total", net->bits_options, SHARED, 1, 1, 1,
                 QTR_TRAFFIC("noise range", 0), "bbii", net->range_part, net->range, c->range_at,
                 planes);
        emit->images = images;
    }
    QTR_EMIT(emit, "act", "noise_mix", net->bits_options, LIGHT, chunks * (16 / lanes),
             (u->channels + 3) / 4, u->images, QTR_TRAFFIC("noise", 2 * qtr_tensor_bytes(u)),
             "bbiiiiibi" QTR_NOISE_BIND, u->buffer, a->buffer, u->channels, u->height, u->width,
             u->pitch, u->pad, net->mix, c->mix_at, QTR_NOISE_VALUES(&noise));
}

static void emit_mix(QtrEmit *emit, const QtrConvActivation *mix, const QtrTensor *a)
{
    int images = emit->images.n > 0 ? a->images : 1;
    int vectors = qtr_tensor_vectors(a, qtr_emit_lanes(emit)) / images;

    QTR_EMIT(emit, "act", "act_mix", mix->options, LIGHT, vectors, 1, images,
             QTR_TRAFFIC("activation", 2 * qtr_tensor_bytes(a)), "bbibibi", mix->u->buffer,
             a->buffer, vectors, mix->mix, mix->mix_at, mix->acts, mix->acts_at);
}

const QtrTensor *net_emit_activation(QtrNet *net, QtrEmit *emit, int conv, const QtrTensor *u,
                                     const QtrTensor **shared, int *range_at)
{
    NetConv *c = net_conv(net, conv);
    gboolean alike = net_is_single(net);
    const QtrTensor *a;

    if (c->is_activated)
        return c->a;
    c->mask = NULL;
    if (alike && shared && *shared)
        return *shared;
    a = emit->images.first > 0 ? c->a : net_new_tensor(net, emit, c->shape.in, u->height, u->width);
    if (!a)
        return NULL;
    if (net->noise) {
        gboolean new_range = !range_at || *range_at < 0;

        c->range_at = new_range ? conv : *range_at;
        if (range_at)
            *range_at = c->range_at;
        emit_noise(net, emit, conv, u, a, new_range);
    } else {
        const QtrConvActivation mix = net_activation(net, c, u);

        emit_mix(emit, &mix, a);
    }
    if (alike && shared)
        *shared = a;
    return a;
}

/* Of a convolution in training: stores `out` and, beside it, what the only one that reads it makes
 * of it; with masks that in its place. */
static void emit_both(QtrNet *net, QtrEmit *emit, const NetConv *c, NetConv *reader,
                      const QtrTensor *a, const QtrTensor *out)
{
    const QtrConvActivation next = net_activation(net, reader, out);
    QtrConvEnd end = {.next = &next};

    if (emit->images.first == 0) {
        reader->a =
            net->masks ? out : net_new_tensor(net, emit, reader->shape.in, out->height, out->width);
        reader->mask = net->masks ? net_new_mask(net, emit, out) : NULL;
    }
    end.kept = net->masks ? NULL : out;
    end.mask = reader->mask;
    reader->is_activated = TRUE;
    if (!emit->error)
        qtr_conv_emit(emit, &c->shape, c->forward, a, net->packed, c->forward_at, reader->a, FALSE,
                      &end);
}

/* y (+)= the chain of one primitive. `reader`: the only convolution that reads y, which it is the
 * sole part of; NULL: there may be others. */
static void emit_chain(QtrNet *net, QtrEmit *emit, const NetOp *op, const QtrTensor *x,
                       const QtrTensor *y, gboolean accumulate, const QtrTensor **shared,
                       int *range_at, NetConv *reader)
{
    const QtrTensor *u = x;
    gboolean keeps = !net->params.inference && !net->noise;

    for (int i = 0; i < op->n_convs && !emit->error; i++) {
        NetConv *c = net_conv(net, op->first_conv + i);
        gboolean last = i == op->n_convs - 1;
        const QtrTensor *a = net_emit_activation(net, emit, op->first_conv + i, u,
                                                 i == 0 ? shared : NULL, i == 0 ? range_at : NULL);
        const QtrTensor *out =
            last ? y : net_new_tensor(net, emit, c->shape.out, x->height, x->width);
        NetConv *next = last ? reader : net_conv(net, op->first_conv + i + 1);

        if (!a || !out)
            return;
        c->u = u;
        c->a = a;
        if (emit->images.first + emit->images.n == x->images || emit->images.n == 0)
            c->is_activated = FALSE;
        if (next && keeps)
            emit_both(net, emit, c, next, a, out);
        else
            qtr_conv_emit(emit, &c->shape, c->forward, a, net->packed, c->forward_at, out,
                          last && accumulate, NULL);
        if (!(i == 0 && shared && *shared == a))
            give_back(net, a);
        if (i > 0)
            give_back(net, u);
        u = out;
    }
}

/* The activation of a merged convolution's bit width. */
static const QtrTensor *emit_merge_activation(QtrNet *net, QtrEmit *emit, const NetMerge *merge,
                                              const QtrTensor *x)
{
    const QtrConvActivation mix = net_merge_activation(net, merge, x);
    const QtrTensor *a = emit->images.first > 0
                             ? merge->conv.a
                             : net_new_tensor(net, emit, x->channels, x->height, x->width);

    if (a)
        emit_mix(emit, &mix, a);
    return a;
}

/* y (+)= a merged convolution of a layer. */
static void emit_merge(QtrNet *net, QtrEmit *emit, NetMerge *merge, const QtrTensor *x,
                       const QtrTensor *y, gboolean accumulate, const QtrTensor **shared)
{
    const int *parts = &g_array_index(net->parts, int, merge->first);

    merge->conv.u = x;
    merge->conv.a = net_is_single(net) ? net_emit_activation(net, emit, parts[0], x, shared, NULL)
                                       : emit_merge_activation(net, emit, merge, x);
    if (!merge->conv.a)
        return;
    for (int k = 0; k < merge->n; k++) {
        net_conv(net, parts[k])->u = x;
        net_conv(net, parts[k])->a = merge->conv.a;
    }
    qtr_conv_emit(emit, &merge->conv.shape, merge->conv.forward, merge->conv.a, net->packed,
                  merge->conv.forward_at, y, accumulate, NULL);
}

/* The only convolution that reads what a layer of one primitive makes; NULL: there are others. */
static NetConv *only_reader(const QtrNet *net, const NetBlock *block, const NetLayer *layer)
{
    const NetLayer *next = layer + 1;
    const NetOp *reader =
        next < block->layers + block->n && layer->n_ops == 1 ? net_sole_chain(next) : NULL;

    return reader ? net_conv(net, reader->first_conv) : NULL;
}

/* y (+)= the sum of a layer's primitives for the images of emit; returns whether y has a value. */
static gboolean emit_ops(QtrNet *net, QtrEmit *emit, const NetBlock *block, NetLayer *layer,
                         const QtrTensor *x, const QtrTensor *y, gboolean accumulate, int *range_at)
{
    const QtrTensor *shared = NULL;

    for (int i = 0; layer->merge_whole && i < layer->n_merges; i++) {
        emit_merge(net, emit, net_merge(net, layer->merge + i), x, y, accumulate, &shared);
        accumulate = TRUE;
    }
    for (int k = 0; k < layer->n_ops && !emit->error; k++) {
        const NetOp *op = &layer->ops[k];
        int vectors = qtr_tensor_vectors(y, qtr_emit_lanes(emit));

        if (op->merged && layer->merge_whole)
            continue;
        switch (qtr_primitive_kind(op->primitive)) {
        case QTR_PRIMITIVE_CONV:
            emit_chain(net, emit, op, x, y, accumulate, &shared, range_at,
                       only_reader(net, block, layer));
            break;
        case QTR_PRIMITIVE_IDENTITY:
            QTR_EMIT(emit, "point", "identity", NULL, LIGHT, vectors, 1, 1,
                     QTR_TRAFFIC("identity", 2 * qtr_tensor_bytes(y)), "bbibii", x->buffer,
                     y->buffer, vectors, net->mix, op->mix_at, accumulate);
            break;
        case QTR_PRIMITIVE_ZERO:
        default:
            continue;
        }
        accumulate = TRUE;
    }
    give_back(net, shared);
    return accumulate;
}

static gboolean emit_layer(QtrNet *net, QtrEmit *emit, const NetBlock *block, NetLayer *layer,
                           const QtrTensor *x, const QtrTensor *y, gboolean accumulate)
{
    int range_at = -1, step = net_images_at_once(net, emit, block, layer, x);
    gboolean has_value = accumulate;

    layer->x = x;
    if (step == 0)
        return emit_ops(net, emit, block, layer, x, y, accumulate, &range_at);
    for (int n = 0; n < x->images; n += step) {
        emit->images = (QtrImages){n, MIN(step, x->images - n)};
        has_value = emit_ops(net, emit, block, layer, x, y, accumulate, &range_at);
    }
    emit->images = (QtrImages){0};
    return has_value;
}

int net_images_at_once(const QtrNet *net, const QtrEmit *emit, const NetBlock *block,
                       const NetLayer *layer, const QtrTensor *in)
{
    gsize plane = (gsize)qtr_tensor_plane_size(in);
    gsize image = plane * (gsize)MAX(layer->in, layer->out) * sizeof(float);

    if (!net_has_parts(net, block, layer) || image * (gsize)in->images <= 2 * net->cached_bytes ||
        plane * (gsize)in->channels % (gsize)qtr_emit_lanes(emit) != 0)
        return 0;
    return (int)CLAMP(net->cached_bytes / image, 1, (gsize)in->images);
}

void net_emit_block(QtrNet *net, QtrEmit *emit, NetBlock *block, const QtrTensor *x,
                    const QtrTensor *y, gboolean accumulate)
{
    const QtrTensor *in = x;

    if (net_is_stream(net, block)) {
        net_emit_stream(net, emit, block, x, y, accumulate);
        return;
    }
    for (int i = 0; i < block->n && !emit->error; i++) {
        gboolean last = i == block->n - 1;
        const QtrTensor *out;

        if (i == block->n - 2 && block->is_paired) {
            net_emit_pair(net, emit, block, in, y, accumulate);
            return;
        }
        out = last ? y : net_new_tensor(net, emit, block->layers[i].out, x->height, x->width);

        if (!out)
            return;
        if (!emit_layer(net, emit, block, &block->layers[i], in, out, last && accumulate))
            QTR_EMIT(emit, "point", "clear", NULL, LIGHT,
                     qtr_tensor_vectors(out, qtr_emit_lanes(emit)), 1, 1,
                     QTR_TRAFFIC("clear", qtr_tensor_bytes(out)), "bi", out->buffer,
                     qtr_tensor_vectors(out, qtr_emit_lanes(emit)));
        if (in != x)
            give_back(net, in);
        in = out;
    }
}

/* The first convolution of a block in training whose first layer is one primitive; NULL: none. */
static NetConv *first_reader(const QtrNet *net, const NetBlock *block)
{
    gboolean may = !net->params.inference && !net->noise && block->n > 0;
    const NetOp *reader = may ? net_sole_chain(block->layers) : NULL;

    return reader ? net_conv(net, reader->first_conv) : NULL;
}

/* ADM of x around the sum of one or two blocks, of which the second may be NULL; `next` is the ADM
 * that reads it, or NULL. */
static const QtrTensor *emit_adm(QtrNet *net, QtrEmit *emit, NetAdm *adm, NetBlock *first,
                                 NetBlock *second, const QtrTensor *x, NetAdm *next,
                                 gboolean training)
{
    const NetBlock *const blocks[] = {first, second};
    NetConv *readers[] = {first_reader(net, first), second ? first_reader(net, second) : NULL};
    const QtrTensor *z, *y;
    QtrTensor *f;

    if (net_is_stream(net, first) && (!second || net_is_stream(net, second))) {
        net_emit_adm_open(net, emit, adm, x, training);
        return net_emit_adm_streams(net, emit, blocks, second ? 2 : 1, adm, x, next);
    }
    z = net_emit_adm_begin(net, emit, adm, x, training, readers, second ? 2 : 1);
    f = z ? net_new_tensor(net, emit, adm->channels, x->height, x->width) : NULL;
    if (!f)
        return NULL;
    net_emit_block(net, emit, first, z, f, FALSE);
    if (second)
        net_emit_block(net, emit, second, z, f, TRUE);
    y = net_emit_adm_end(net, emit, adm, f, x, next);
    if (z != x)
        give_back(net, z);
    give_back(net, f);
    return y;
}

static const QtrTensor *emit_cells(QtrNet *net, QtrEmit *emit, const QtrTensor *x,
                                   gboolean training)
{
    const QtrTensor *current = x;
    NetCell *cells = net->cells;
    int n = net->arch.body_cells;

    g_assert(n == 0 || cells);
    for (int i = 0; i < n && current; i++) {
        NetCell *cell = &cells[i];
        NetAdm *next = i + 1 < n ? &cells[i + 1].adm : NULL;
        const QtrTensor *y =
            emit_adm(net, emit, &cell->adm, &cell->skip, &cell->body, current, next, training);

        if (current != x)
            give_back(net, current);
        current = y;
    }
    return current;
}

/* x0 -> x1 = ADM(x0, cells). */
static const QtrTensor *emit_body(QtrNet *net, QtrEmit *emit, const QtrTensor *x0,
                                  gboolean training)
{
    const QtrTensor *z = net_emit_adm_begin(net, emit, &net->one, x0, training, NULL, 0);
    const QtrTensor *f = z ? emit_cells(net, emit, z, training) : NULL;
    const QtrTensor *x1 = f ? net_emit_adm_end(net, emit, &net->one, f, x0, NULL) : NULL;

    if (z != x0)
        give_back(net, z);
    if (f)
        give_back(net, f);
    return x1;
}

static const QtrTensor *emit_upsample(QtrNet *net, QtrEmit *emit, const QtrTensor *x1)
{
    int s = net->arch.scale, h = net->params.height, w = net->params.width;
    QtrTensor *u = net_new_tensor(net, emit, 3 * s * s, h, w);
    QtrTensor *x2 = net_new_tensor(net, emit, 3, h * s, w * s);

    if (!x2)
        return NULL;
    net_emit_block(net, emit, &net->upsample, x1, u, FALSE);
    QTR_EMIT(emit, "point", "pixel_shuffle", NULL, LIGHT,
             qtr_emit_row_items(emit, x2->height, x2->width), qtr_tensor_planes(x2), 1,
             QTR_TRAFFIC("pixel shuffle", 2 * qtr_tensor_bytes(x2)), "bbiiiiii", u->buffer,
             x2->buffer, s, h, w, u->pitch, u->pad, x2->pitch);
    give_back(net, u);
    return x2;
}

void net_emit_forward(QtrNet *net, QtrEmit *emit, gboolean training)
{
    const QtrTensor *x1, *x2;
    QtrTensor *x0 =
        net_new_tensor(net, emit, net->arch.c_fixed, net->params.height, net->params.width);

    if (!x0)
        return;
    net_emit_block(net, emit, &net->head, net->lr, x0, FALSE);
    x1 = emit_body(net, emit, x0, training);
    if (!x1)
        return;
    give_back(net, x0);
    x2 = emit_upsample(net, emit, x1);
    if (!x2)
        return;
    give_back(net, x1);
    if (net->tail.n == 0) {
        net->y = (QtrTensor *)x2;
        return;
    }
    net->y = (QtrTensor *)emit_adm(net, emit, &net->two, &net->tail, NULL, x2, NULL, training);
}
