#include "nn/net-private.h"

static gsize vectors_of(const QtrTensor *t, QtrEmit *emit)
{
    return (gsize)qtr_ceil_div(t->height * t->pitch, qtr_emit_lanes(emit));
}

static gsize blocks(int pixels, int block)
{
    return (gsize)qtr_ceil_div(pixels, block);
}

void net_emit_stats(QtrEmit *emit, const NetAdm *adm, const QtrTensor *x, QtrRows rows)
{
    const gsize first[3] = {0, (gsize)(rows.from / NET_STAT_ROWS), 0};
    const gsize end[3] = {blocks(x->width, NET_STAT_COLUMNS), blocks(rows.to, NET_STAT_ROWS),
                          (gsize)qtr_tensor_planes(x)};
    double share = (double)(rows.to - rows.from) / x->height;
    QtrKernel *kernel = qtr_emit_kernel(emit, "norm", "plane_stats", NULL);

    g_assert(rows.from % NET_STAT_ROWS == 0);
    if (!kernel)
        return;
    qtr_kernel_bind(kernel, "bbbiii", x->buffer, adm->stats, adm->region, x->pitch,
                    qtr_tensor_plane_size(x), x->pad);
    qtr_emit_launch_from(emit, kernel, QTR_ITEMS_SHARED, first, end,
                         QTR_TRAFFIC("statistics", share * qtr_tensor_bytes(x)));
}

static void emit_phi(QtrNet *net, QtrEmit *emit, const NetAdm *adm, int height, int width)
{
    QTR_EMIT(emit, "norm", "adm_phi", NULL, SHARED, net->params.batch, 1, 1,
             QTR_TRAFFIC("deviation", 0), "bbbiiiii", adm->stats, adm->phi, net->values,
             net_at(net, adm->phi_w), net_at(net, adm->phi_b), adm->channels, height, width);
}

/* In a tiled network phi waits for the statistics of all tiles: what follows is a list of its own.
 */
static void cut(QtrNet *net, QtrEmit *emit, const NetAdm *adm)
{
    QtrEmit phi = {.device = emit->device, .commands = qtr_commands_new(emit->device)};

    g_ptr_array_add(net->phis, phi.commands);
    emit_phi(net, &phi, adm, net->params.image_height * adm->scale,
             net->params.image_width * adm->scale);
    if (phi.error && !emit->error)
        g_propagate_error(&emit->error, phi.error);
    else
        g_clear_error(&phi.error);
    emit->commands = qtr_commands_new(emit->device);
    g_ptr_array_add(net->evaluate, emit->commands);
}

void net_emit_adm_open(QtrNet *net, QtrEmit *emit, NetAdm *adm, const QtrTensor *x,
                       gboolean training)
{
    int c = adm->channels;

    adm->x = x;
    if (adm->gamma < 0)
        return;
    if (!adm->has_stats)
        net_emit_stats(emit, adm, x, (QtrRows){0, x->height});
    adm->has_stats = FALSE;
    if (net->tiled)
        cut(net, emit, adm);
    else
        emit_phi(net, emit, adm, x->height, x->width);
    if (training)
        QTR_EMIT(emit, "norm", "bn_train", NULL, SHARED, c, 1, 1, QTR_TRAFFIC("batch norm", 0),
                 "bbbiiiiii", adm->stats, adm->norm, net->values, net_at(net, adm->mean),
                 net_at(net, adm->var), x->images, c, x->height, x->width);
    else
        QTR_EMIT(emit, "norm", "bn_eval", NULL, LIGHT, c, 1, 1, QTR_TRAFFIC("batch norm", 0),
                 "bbiii", net->values, adm->norm, net_at(net, adm->mean), net_at(net, adm->var), c);
}

static void emit_normal(QtrNet *net, QtrEmit *emit, const NetAdm *adm, const QtrTensor *x,
                        const QtrTensor *z)
{
    QTR_EMIT(emit, "norm", "bn_apply", NULL, LIGHT, vectors_of(x, emit), qtr_tensor_planes(x), 1,
             QTR_TRAFFIC("batch norm", 2 * qtr_tensor_bytes(x)), "bbbbiiiiiii", x->buffer,
             z->buffer, adm->norm, net->values, net_at(net, adm->gamma), net_at(net, adm->beta),
             adm->channels, x->height, x->width, x->pitch, x->pad);
}

/* The same with the activations in front of one or two convolutions; z NULL: with their masks in
 * its place. */
static void emit_normal_activated(QtrNet *net, QtrEmit *emit, const NetAdm *adm, const QtrTensor *x,
                                  const QtrTensor *z, NetConv *const *readers, int n)
{
    const NetConv *a = readers[0], *b = readers[n - 1];
    g_autofree char *options = g_strconcat(net->bits_options, z ? "" : " -DMASK", NULL);
    double bytes = (1 + n) * qtr_tensor_bytes(x);
    gsize items = qtr_emit_row_items(emit, x->height, qtr_ceil_div(x->pitch, qtr_emit_lanes(emit)));
    const QtrTensor *known_a, *known_b;

    for (int i = 0; i < n; i++) {
        readers[i]->a = net_new_tensor(net, emit, adm->channels, x->height, x->width);
        readers[i]->mask = z ? NULL : net_new_mask(net, emit, x);
        readers[i]->is_activated = TRUE;
    }
    if (emit->error)
        return;
    known_a = z ? z : a->mask;
    known_b = z ? z : b->mask;
    bytes += (z ? 1 : n) * qtr_tensor_bytes(known_a);
    QTR_EMIT(emit, "act", "bn_mix", options, LIGHT, items, qtr_tensor_planes(x), 1,
             QTR_TRAFFIC("batch norm", bytes), "bbbiiiibiibiibbiiiibb", x->buffer, a->a->buffer,
             b->a->buffer, x->height, x->width, x->pitch, x->pad, net->mix, a->mix_at, b->mix_at,
             net->acts, a->acts_at, b->acts_at, adm->norm, net->values, net_at(net, adm->gamma),
             net_at(net, adm->beta), adm->channels, n - 1, known_a->buffer, known_b->buffer);
}

const QtrTensor *net_emit_adm_begin(QtrNet *net, QtrEmit *emit, NetAdm *adm, const QtrTensor *x,
                                    gboolean training, NetConv *const *readers, int n_readers)
{
    QtrTensor *z;
    int n = 0;

    net_emit_adm_open(net, emit, adm, x, training);
    if (adm->gamma < 0)
        return x;
    while (n < n_readers && readers[n])
        n++;
    if (n > 0 && n == n_readers && net->masks) {
        emit_normal_activated(net, emit, adm, x, NULL, readers, n);
        return emit->error ? NULL : x;
    }
    z = net_new_tensor(net, emit, adm->channels, x->height, x->width);
    if (!z)
        return NULL;
    if (n > 0)
        emit_normal_activated(net, emit, adm, x, z, readers, n);
    else
        emit_normal(net, emit, adm, x, z);
    return z;
}

static void emit_add(QtrEmit *emit, const QtrTensor *a, const QtrTensor *b, const QtrTensor *y)
{
    int vectors = qtr_tensor_vectors(y, qtr_emit_lanes(emit));

    QTR_EMIT(emit, "point", "add", NULL, LIGHT, vectors, 1, 1,
             QTR_TRAFFIC("add", 3 * qtr_tensor_bytes(y)), "bbbi", a->buffer, b->buffer, y->buffer,
             vectors);
}

/* y with its statistics for `next`. */
static void emit_modulated_stats(QtrEmit *emit, const NetAdm *adm, const QtrTensor *f,
                                 const QtrTensor *x, const QtrTensor *y, NetAdm *next)
{
    QTR_EMIT(emit, "norm", "adm_apply_stats", NULL, HEAVY, blocks(x->width, NET_STAT_COLUMNS),
             blocks(x->height, NET_STAT_ROWS), qtr_tensor_planes(x),
             QTR_TRAFFIC("modulation", 3 * qtr_tensor_bytes(x)), "bbbbbiiiii", f->buffer, x->buffer,
             y->buffer, adm->phi, next->stats, adm->channels, x->height, x->width, x->pitch,
             x->pad);
    next->has_stats = TRUE;
}

QtrTensor *net_emit_adm_end(QtrNet *net, QtrEmit *emit, NetAdm *adm, const QtrTensor *f,
                            const QtrTensor *x, NetAdm *next)
{
    QtrTensor *y = net_new_tensor(net, emit, adm->channels, x->height, x->width);

    if (!y)
        return NULL;
    adm->f = f;
    if (adm->gamma < 0)
        emit_add(emit, f, x, y);
    else if (next && !net->tiled && !qtr_device_info(emit->device)->shares_tiles)
        emit_modulated_stats(emit, adm, f, x, y, next);
    else
        QTR_EMIT(emit, "norm", "adm_apply", NULL, LIGHT, vectors_of(x, emit), qtr_tensor_planes(x),
                 1, QTR_TRAFFIC("modulation", 3 * qtr_tensor_bytes(x)), "bbbbiiiii", f->buffer,
                 x->buffer, y->buffer, adm->phi, adm->channels, x->height, x->width, x->pitch,
                 x->pad);
    return y;
}

const QtrTensor *net_emit_adm_back_end(QtrNet *net, QtrEmit *emit, NetAdm *adm, const QtrTensor *dy)
{
    QtrTensor *df;
    int planes = qtr_tensor_planes(dy);

    if (adm->gamma < 0)
        return dy;
    df = net_new_tensor(net, emit, adm->channels, dy->height, dy->width);
    if (!df)
        return NULL;
    QTR_EMIT(emit, "norm", "adm_back_f", NULL, SHARED, planes, 1, 1,
             QTR_TRAFFIC("modulation gradient", 3 * qtr_tensor_bytes(dy)), "bbbbbiiiii", dy->buffer,
             adm->f->buffer, df->buffer, adm->phi, net->part, adm->channels, dy->height, dy->width,
             dy->pitch, dy->pad);
    QTR_EMIT(emit, "norm", "adm_back_phi", NULL, SHARED, 1, 1, 1,
             QTR_TRAFFIC("modulation gradient", 0), "bbbbiiiii", net->part, adm->phi, net->values,
             net->grads, net_at(net, adm->phi_w), net_at(net, adm->phi_b), dy->images,
             adm->channels, dy->height * dy->width);
    return df;
}

QtrTensor *net_emit_adm_back_begin(QtrNet *net, QtrEmit *emit, NetAdm *adm, const QtrTensor *dy,
                                   const QtrTensor *dz)
{
    QtrTensor *dx = net_new_tensor(net, emit, adm->channels, dy->height, dy->width);
    int planes = qtr_tensor_planes(dy);

    if (!dx)
        return NULL;
    if (adm->gamma < 0) {
        emit_add(emit, dy, dz, dx);
        return dx;
    }
    QTR_EMIT(emit, "norm", "bn_back_planes", NULL, SHARED, planes, 1, 1,
             QTR_TRAFFIC("batch norm gradient", 2 * qtr_tensor_bytes(dy)), "bbbbiiiii", dz->buffer,
             adm->x->buffer, adm->norm, net->part, adm->channels, dy->height, dy->width, dy->pitch,
             dy->pad);
    QTR_EMIT(emit, "norm", "bn_back_channels", NULL, LIGHT, adm->channels, 1, 1,
             QTR_TRAFFIC("batch norm gradient", 0), "bbbiiiii", net->part, adm->back, net->grads,
             net_at(net, adm->gamma), net_at(net, adm->beta), dy->images, adm->channels,
             dy->height * dy->width);
    QTR_EMIT(emit, "norm", "adm_back_x", NULL, LIGHT, vectors_of(dy, emit), planes, 1,
             QTR_TRAFFIC("batch norm gradient", 4 * qtr_tensor_bytes(dy)), "bbbbbbbbiiiiii",
             dy->buffer, dz->buffer, adm->x->buffer, dx->buffer, adm->norm, adm->back, adm->phi,
             net->values, net_at(net, adm->gamma), adm->channels, dy->height, dy->width, dy->pitch,
             dy->pad);
    return dx;
}
