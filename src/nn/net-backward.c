#include "nn/net-private.h"

/* Gradients run against the forward pass, over tensors that are given back as soon as their last
 * reader is in the list. `alphas`: leave the dots of the alpha gradient too. */
typedef struct {
    QtrNet *net;
    QtrEmit *emit;
    gboolean alphas;
    gboolean no_weights, no_data; /* leave out the gradients of weights, or of activations */
} Backward;

static QtrTensor *new_like(Backward *b, const QtrTensor *t)
{
    return net_new_tensor(b->net, b->emit, t->channels, t->height, t->width);
}

static void give_back(Backward *b, const QtrTensor *t)
{
    qtr_tensor_pool_put(b->net->pool, (QtrTensor *)t);
}

/* Whether a convolution's data gradient leaves dots with its activations: all do for the gradient
 * of q; for that of P alone the last of a chain. */
static gboolean wants_dots(const Backward *b, const NetConv *conv)
{
    return b->alphas && (!net_is_single(b->net) || conv->scaled);
}

/* du (+)= data gradient of one convolution through its activation. */
static void emit_data_gradient(Backward *b, const NetConv *c, const QtrNoise *noise,
                               const QtrTensor *dy, const QtrTensor *du, gboolean accumulate)
{
    QtrNet *net = b->net;
    QtrConvActivation activation = net_activation(net, c, c->u);

    activation.mask = c->mask;
    activation.dots = wants_dots(b, c) ? net->act_dots : NULL;
    activation.dots_at = c->dots_at;
    activation.noise = net->noise ? noise : NULL;
    qtr_conv_emit_back(b->emit, &c->shape, c->back, dy, net->packed, c->back_at, &activation, du,
                       accumulate);
}

/* The chain of a primitive: weight gradients, and dx (+)= if there is a dx. */
static void emit_chain(Backward *b, const NetOp *op, const QtrTensor *dy, const QtrTensor *dx,
                       gboolean accumulate)
{
    QtrNet *net = b->net;
    const QtrTensor *d = dy;

    for (int i = op->n_convs - 1; i >= 0 && !b->emit->error; i--) {
        int conv = op->first_conv + i;
        const NetConv *c = net_conv(net, conv);
        const QtrNoise noise = net_noise(net, conv);
        const QtrTensor *du = i > 0 ? new_like(b, c->u) : dx;

        if (!b->no_weights && (!b->alphas || !net_is_single(net)))
            qtr_conv_emit_wgrad(b->emit, &c->shape, c->forward.components, c->a, d, net->scratch,
                                c->scratch_at, net->mixed_grads, c->mixed_at);
        if (b->no_data)
            g_assert(op->n_convs == 1);
        else if (du)
            emit_data_gradient(b, c, &noise, d, du, i == 0 && accumulate);
        else if (wants_dots(b, c)) {
            /* Nobody wants the gradient of the image, but the alphas its dots. */
            QtrTensor *unused = new_like(b, c->u);

            if (unused)
                emit_data_gradient(b, c, &noise, d, unused, FALSE);
            give_back(b, unused);
        }
        if (d != dy)
            give_back(b, d);
        d = du;
    }
}

static void emit_identity(Backward *b, const NetOp *op, const QtrTensor *x, const QtrTensor *dy,
                          const QtrTensor *dx, gboolean accumulate)
{
    QtrNet *net = b->net;
    int vectors = qtr_tensor_vectors(dy, qtr_emit_lanes(b->emit));

    if (b->no_data)
        return;
    if (b->alphas)
        QTR_EMIT(b->emit, "norm", "plane_dots", NULL, SHARED, qtr_tensor_planes(dy), 1, 1,
                 QTR_TRAFFIC("identity gradient", 2 * qtr_tensor_bytes(dy)), "bbbiiii", dy->buffer,
                 x->buffer, net->act_dots, op->dots_at, dy->height, dy->pitch, dy->pad);
    if (dx)
        QTR_EMIT(b->emit, "point", "identity", NULL, LIGHT, vectors, 1, 1,
                 QTR_TRAFFIC("identity gradient", 2 * qtr_tensor_bytes(dy)), "bbibii", dy->buffer,
                 dx->buffer, vectors, net->mix, op->mix_at, accumulate);
}

static void emit_clear(Backward *b, const QtrTensor *t)
{
    int vectors = qtr_tensor_vectors(t, qtr_emit_lanes(b->emit));

    QTR_EMIT(b->emit, "point", "clear", NULL, LIGHT, vectors, 1, 1,
             QTR_TRAFFIC("clear", qtr_tensor_bytes(t)), "bi", t->buffer, vectors);
}

/* dx (+)= gradient of a merged convolution of x; dx may be NULL. */
static void emit_merge(Backward *b, const NetLayer *layer, const NetMerge *merge,
                       const QtrTensor *dy, const QtrTensor *dx, gboolean accumulate)
{
    const NetConv *c = &merge->conv;
    const QtrConvActivation activation = net_merge_activation(b->net, merge, layer->x);

    if (layer->merge_whole && !b->no_weights)
        qtr_conv_emit_wgrad(b->emit, &c->shape, c->forward.components, c->a, dy, b->net->scratch,
                            c->scratch_at, b->net->mixed_grads, c->mixed_at);
    if (dx && !b->no_data)
        qtr_conv_emit_back(b->emit, &c->shape, c->back, dy, b->net->packed, c->back_at, &activation,
                           dx, accumulate);
}

/* dx (+)= gradient of a layer for the images of emit; dx may be NULL. */
static void emit_ops(Backward *b, const NetLayer *layer, const QtrTensor *dy, const QtrTensor *dx,
                     gboolean accumulate)
{
    gboolean merge = layer->n_merges > 0 && (!b->alphas || layer->merge_alphas);

    for (int i = 0; merge && i < layer->n_merges; i++) {
        emit_merge(b, layer, net_merge(b->net, layer->merge + i), dy, dx, accumulate);
        accumulate = TRUE;
    }
    for (int k = 0; k < layer->n_ops && !b->emit->error; k++) {
        const NetOp *op = &layer->ops[k];

        if (merge && op->merged) {
            if (!layer->merge_whole)
                emit_chain(b, op, dy, NULL, FALSE);
            continue;
        }
        switch (qtr_primitive_kind(op->primitive)) {
        case QTR_PRIMITIVE_CONV:
            emit_chain(b, op, dy, dx, accumulate);
            break;
        case QTR_PRIMITIVE_IDENTITY:
            emit_identity(b, op, layer->x, dy, dx, accumulate);
            break;
        case QTR_PRIMITIVE_ZERO:
        default:
            continue;
        }
        accumulate = TRUE;
    }
    if (!accumulate && dx && !b->no_data)
        emit_clear(b, dx);
}

/* An activation of the layer whose memory its dx may take once the gradients of all weights are
 * there; NULL: dx needs a tensor of its own. */
static const QtrTensor *spent_activation(const QtrNet *net, const NetLayer *layer)
{
    const QtrTensor *a = NULL;

    for (int k = 0; k < layer->n_ops; k++) {
        const NetOp *op = &layer->ops[k];

        if (qtr_primitive_kind(op->primitive) == QTR_PRIMITIVE_ZERO)
            continue;
        if (op->n_convs != 1)
            return NULL;
        a = op->merged && layer->merge_whole
                ? net_merge(net, layer->merge + layer->n_merges - 1)->conv.a
                : net_conv(net, op->first_conv)->a;
    }
    return a;
}

/* The same with the gradients of all weights first. */
static void emit_ops_apart(const Backward *b, const NetLayer *layer, const QtrTensor *dy,
                           const QtrTensor *dx)
{
    Backward weights = *b, data = *b;

    weights.no_data = TRUE;
    data.no_weights = TRUE;
    emit_ops(&weights, layer, dy, dx, FALSE);
    emit_ops(&data, layer, dy, dx, FALSE);
}

static void emit_layer(Backward *b, const NetBlock *block, const NetLayer *layer,
                       const QtrTensor *dy, const QtrTensor *dx, gboolean accumulate)
{
    QtrEmit *emit = b->emit;
    int step = net_images_at_once(b->net, emit, block, layer, layer->x);
    int images = step > 0 ? step : dy->images;
    gboolean apart = dx && dx == spent_activation(b->net, layer);

    for (int n = 0; n < dy->images; n += images) {
        if (step > 0)
            emit->images = (QtrImages){n, MIN(step, dy->images - n)};
        if (apart)
            emit_ops_apart(b, layer, dy, dx);
        else
            emit_ops(b, layer, dy, dx, accumulate);
    }
    emit->images = (QtrImages){0};
}

/* dx (+)= gradient of a block; dx may be NULL. */
static void emit_block(Backward *b, const NetBlock *block, const QtrTensor *dy, const QtrTensor *dx,
                       gboolean accumulate)
{
    const QtrTensor *d = dy;
    gboolean is_own = FALSE; /* d is a tensor to give back */
    gboolean pair = block->is_paired_back && (dx || block->n > 2);

    for (int i = block->n - (pair ? 2 : 1); i >= 0 && !b->emit->error; i--) {
        const NetLayer *layer = &block->layers[i];
        gboolean both = pair && i == block->n - 2;
        const QtrTensor *spent = i > 0 && !both ? spent_activation(b->net, layer) : NULL;
        const QtrTensor *din = i == 0 ? dx : spent ? spent : new_like(b, layer->x);

        if (i > 0 && !din)
            return;
        if (both)
            net_emit_pair_back(b->net, b->emit, block, d, din, i == 0 && accumulate);
        else
            emit_layer(b, block, layer, d, din, i == 0 && accumulate);
        if (is_own)
            give_back(b, d);
        is_own = i > 0 && !spent;
        d = din;
    }
}

void net_emit_block_backward(QtrNet *net, QtrEmit *emit, gboolean alphas, const NetBlock *block,
                             const QtrTensor *dy, const QtrTensor *dx, gboolean accumulate)
{
    Backward b = {.net = net, .emit = emit, .alphas = alphas};

    emit_block(&b, block, dy, dx, accumulate);
}

/* The gradient of ADM(x, block or blocks, x) from dy; dy is given back by the caller. */
static QtrTensor *emit_adm(Backward *b, NetAdm *adm, const NetBlock *first, const NetBlock *second,
                           const QtrTensor *dy)
{
    const QtrTensor *df = net_emit_adm_back_end(b->net, b->emit, adm, dy);
    QtrTensor *dz = df ? new_like(b, dy) : NULL;
    QtrTensor *dx;

    if (!dz)
        return NULL;
    emit_block(b, first, df, dz, FALSE);
    if (second)
        emit_block(b, second, df, dz, TRUE);
    dx = net_emit_adm_back_begin(b->net, b->emit, adm, dy, dz);
    if (df != dy)
        give_back(b, df);
    give_back(b, dz);
    return dx;
}

static QtrTensor *emit_body(Backward *b, const QtrTensor *dx1)
{
    QtrNet *net = b->net;
    const QtrTensor *df = net_emit_adm_back_end(net, b->emit, &net->one, dx1);
    const QtrTensor *d = df;
    QtrTensor *dx0;

    for (int i = net->arch.body_cells - 1; i >= 0 && d; i--) {
        NetCell *cell = &net->cells[i];
        const QtrTensor *next = emit_adm(b, &cell->adm, &cell->skip, &cell->body, d);

        if (d != dx1)
            give_back(b, d);
        d = next;
    }
    if (!d)
        return NULL;
    dx0 = net_emit_adm_back_begin(net, b->emit, &net->one, dx1, d);
    if (d != dx1)
        give_back(b, d);
    return dx0;
}

void net_emit_backward(QtrNet *net, QtrEmit *emit, gboolean alphas)
{
    Backward b = {.net = net, .emit = emit, .alphas = alphas};
    int s = net->arch.scale, h = net->params.height, w = net->params.width;
    const QtrTensor *dx2 =
        net->tail.n ? emit_adm(&b, &net->two, &net->tail, NULL, net->dy) : net->dy;
    QtrTensor *du = net_new_tensor(net, emit, 3 * s * s, h, w);
    QtrTensor *dx1 = net_new_tensor(net, emit, net->arch.c_fixed, h, w);
    QtrTensor *dx0;

    if (!dx2 || !du || !dx1)
        return;
    QTR_EMIT(emit, "point", "pixel_unshuffle", NULL, LIGHT, qtr_emit_row_items(emit, h * s, w * s),
             qtr_tensor_planes(dx2), 1, QTR_TRAFFIC("pixel shuffle", 2 * qtr_tensor_bytes(dx2)),
             "bbiiiiii", dx2->buffer, du->buffer, s, h, w, du->pitch, du->pad, dx2->pitch);
    if (dx2 != net->dy)
        give_back(&b, dx2);
    emit_block(&b, &net->upsample, du, dx1, FALSE);
    give_back(&b, du);
    dx0 = emit_body(&b, dx1);
    give_back(&b, dx1);
    if (!dx0)
        return;
    emit_block(&b, &net->head, dx0, NULL, FALSE);
    give_back(&b, dx0);
}
