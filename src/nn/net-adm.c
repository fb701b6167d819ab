#include "nn/net-private.h"

static gsize vectors_of(const QtrTensor *t, QtrEmit *emit)
{
    int lanes = qtr_emit_lanes(emit);

    return (gsize)((t->height * t->pitch + lanes - 1) / lanes);
}

static gsize blocks(int pixels, int block)
{
    return (gsize)((pixels + block - 1) / block);
}

static void emit_stats(QtrEmit *emit, const NetAdm *adm, const QtrTensor *x)
{
    QTR_EMIT(emit, "norm", "plane_stats", NULL, HEAVY, blocks(x->width, NET_STAT_COLUMNS),
             blocks(x->height, NET_STAT_ROWS), qtr_tensor_planes(x),
             QTR_TRAFFIC("statistics", qtr_tensor_bytes(x)), "bbbiii", x->buffer, adm->stats,
             adm->region, x->pitch, qtr_tensor_plane_size(x), x->pad);
}

static void emit_phi(QtrNet *net, QtrEmit *emit, const NetAdm *adm, int height, int width)
{
    QTR_EMIT(emit, "norm", "adm_phi", NULL, LIGHT, net->params.batch, 1, 1,
             QTR_TRAFFIC("deviation", 0), "bbbiiiiii", adm->stats, adm->phi, net->values,
             net_at(net, adm->phi_w), net_at(net, adm->phi_b), net->params.batch, adm->channels,
             height, width);
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

const QtrTensor *net_emit_adm_begin(QtrNet *net, QtrEmit *emit, NetAdm *adm, const QtrTensor *x,
                                    gboolean training)
{
    int c = adm->channels;
    QtrTensor *z;

    adm->x = adm->z = x;
    if (adm->gamma < 0)
        return x;
    z = net_new_tensor(net, emit, c, x->height, x->width);
    if (!z)
        return NULL;
    adm->z = z;
    emit_stats(emit, adm, x);
    if (net->tiled)
        cut(net, emit, adm);
    else
        emit_phi(net, emit, adm, x->height, x->width);
    if (training)
        QTR_EMIT(emit, "norm", "bn_train", NULL, LIGHT, c, 1, 1, QTR_TRAFFIC("batch norm", 0),
                 "bbbiiiiii", adm->stats, adm->norm, net->values, net_at(net, adm->mean),
                 net_at(net, adm->var), x->images, c, x->height, x->width);
    else
        QTR_EMIT(emit, "norm", "bn_eval", NULL, LIGHT, c, 1, 1, QTR_TRAFFIC("batch norm", 0),
                 "bbiii", net->values, adm->norm, net_at(net, adm->mean), net_at(net, adm->var), c);
    QTR_EMIT(emit, "norm", "bn_apply", NULL, LIGHT, vectors_of(x, emit), qtr_tensor_planes(x), 1,
             QTR_TRAFFIC("batch norm", 2 * qtr_tensor_bytes(x)), "bbbbiiiiiii", x->buffer,
             z->buffer, adm->norm, net->values, net_at(net, adm->gamma), net_at(net, adm->beta), c,
             x->height, x->width, x->pitch, x->pad);
    return z;
}

static void emit_add(QtrEmit *emit, const QtrTensor *a, const QtrTensor *b, const QtrTensor *y)
{
    int vectors = qtr_tensor_vectors(y, qtr_emit_lanes(emit));

    QTR_EMIT(emit, "point", "add", NULL, LIGHT, vectors, 1, 1,
             QTR_TRAFFIC("add", 3 * qtr_tensor_bytes(y)), "bbbi", a->buffer, b->buffer, y->buffer,
             vectors);
}

QtrTensor *net_emit_adm_end(QtrNet *net, QtrEmit *emit, NetAdm *adm, const QtrTensor *f,
                            const QtrTensor *x)
{
    QtrTensor *y = net_new_tensor(net, emit, adm->channels, x->height, x->width);

    if (!y)
        return NULL;
    adm->f = f;
    if (adm->gamma < 0)
        emit_add(emit, f, x, y);
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
    QTR_EMIT(emit, "norm", "plane_dots", NULL, HEAVY, planes, 1, 1,
             QTR_TRAFFIC("modulation gradient", 2 * qtr_tensor_bytes(dy)), "bbbiiii", dy->buffer,
             adm->f->buffer, net->part, 0, dy->height, dy->pitch, dy->pad);
    QTR_EMIT(emit, "norm", "adm_back_phi", NULL, HEAVY, 1, 1, 1,
             QTR_TRAFFIC("modulation gradient", 0), "bbbbiiiii", net->part, adm->phi, net->values,
             net->grads, net_at(net, adm->phi_w), net_at(net, adm->phi_b), dy->images,
             adm->channels, dy->height * dy->width);
    QTR_EMIT(emit, "norm", "adm_back_f", NULL, LIGHT, vectors_of(dy, emit), planes, 1,
             QTR_TRAFFIC("modulation gradient", 2 * qtr_tensor_bytes(dy)), "bbbiiiii", dy->buffer,
             df->buffer, adm->phi, adm->channels, dy->height, dy->width, dy->pitch, dy->pad);
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
    QTR_EMIT(emit, "norm", "bn_back_planes", NULL, HEAVY, planes, 1, 1,
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
