#include "nn/net-private.h"

#include <math.h>
#include <string.h>

/* Adds a tensor; its place is decided by place_tensors. */
static int add_tensor(QtrNet *net, NetRegion region, int n_dims, const int *dims, char *name)
{
    NetTensor t = {.region = region};
    int index = (int)net->tensors->len;

    t.info.name = name;
    t.info.kind = region == NET_FROZEN ? QTR_TENSOR_FROZEN : QTR_TENSOR_TRAINED;
    t.info.n_dims = n_dims;
    t.info.count = 1;
    for (int i = 0; i < n_dims; i++) {
        t.info.dims[i] = dims[i];
        t.info.count *= (gsize)dims[i];
    }
    g_array_append_val(net->tensors, t);
    g_hash_table_insert(net->tensor_index, name, GINT_TO_POINTER(index));
    return index;
}

static int add_vector(QtrNet *net, NetRegion region, int count, float fill, char *name)
{
    int index = add_tensor(net, region, 1, &count, name);

    net_tensor(net, index)->fill = fill;
    return index;
}

void net_place_weights(QtrNet *net, NetConv *conv)
{
    const QtrConvShape back = qtr_conv_transposed(&conv->shape);

    conv->mixed_at = net->mixed_size;
    net->mixed_size += qtr_conv_shape_weights(&conv->shape);
    conv->forward_at = net->packed_size;
    net->packed_size += qtr_conv_packed_size(&conv->shape, conv->forward);
    if (!net->params.inference) {
        conv->back_at = net->packed_size;
        net->packed_size += qtr_conv_packed_size(&back, conv->back);
    }
}

static QtrConvTile choose_tile(const QtrNet *net, const NetBlock *block, const QtrConvShape *shape)
{
    return net->params.inference
               ? qtr_winograd_choose_any(net->device, shape, block->width)
               : qtr_winograd_choose(net->device, shape, block->height,
                                     qtr_tensor_pitch(block->width, net->pad, FALSE));
}

static void add_conv(QtrNet *net, const NetBlock *block, const QtrConvShape *shape, const int *bits,
                     gboolean scaled, int mix_at, const char *prefix, int place)
{
    const int dims[4] = {shape->out, shape->in / shape->groups, shape->kh, shape->kw};
    const int step_dims[4] = {shape->out, 1, 1, 1}, steps_dims[2] = {net->n_bits, shape->out};
    NetConv conv = {.shape = *shape, .scaled = scaled, .mix_at = mix_at};
    const QtrConvShape back = qtr_conv_transposed(shape);

    memcpy(conv.bits, bits, sizeof(int) * (gsize)net->n_bits);
    conv.weight = add_tensor(net, NET_WEIGHTS, 4, dims,
                             g_strdup_printf("%s.net.%d.conv.weight", prefix, place));
    net_tensor(net, conv.weight)->bound = 1.0f / sqrtf((float)(dims[1] * dims[2] * dims[3]));
    if (net->is_supernet)
        conv.steps = add_tensor(net, NET_FROZEN, 2, steps_dims,
                                g_strdup_printf("%s.net.%d.quan_w_fn.steps", prefix, place));
    else
        conv.steps = add_tensor(net, bits[0] < 32 ? NET_SCALES : NET_FROZEN, 4, step_dims,
                                g_strdup_printf("%s.net.%d.quan_w_fn.s", prefix, place));
    conv.forward = choose_tile(net, block, shape);
    conv.back = choose_tile(net, block, &back);
    /* Both or none: their weights are packed alike. */
    if (conv.forward.components != conv.back.components) {
        conv.forward = qtr_conv_tile(net->device, shape);
        conv.back = qtr_conv_tile(net->device, &back);
    }
    net_place_weights(net, &conv);
    if (!net->params.inference)
        net->scratch_size = MAX(
            net->scratch_size,
            qtr_conv_wgrad_scratch(net->device, shape, conv.forward.components, net->params.batch));
    conv.levels_at = (int)net->convs->len * net->n_bits;
    conv.acts_at = NET_ACT_FIELDS * conv.levels_at;
    conv.rows_at = net->rows_size;
    net->rows_size += shape->out;
    net->max_out = MAX(net->max_out, shape->out);
    g_array_append_val(net->convs, conv);
}

static void add_op(QtrNet *net, const NetBlock *block, NetOp *op, const NetLayer *layer,
                   const QtrPrimitive *primitive, const int *bits, int mix_at, const char *prefix)
{
    QtrConvShape chain[QTR_CHAIN_MAX];

    op->primitive = primitive;
    op->mix_at = mix_at;
    op->first_conv = (int)net->convs->len;
    op->n_convs = qtr_primitive_chain(primitive, layer->in, layer->out, net->arch.c_fixed, chain);
    for (int i = 0; i < op->n_convs; i++)
        add_conv(net, block, &chain[i], bits, net->is_supernet && i == op->n_convs - 1, mix_at,
                 prefix, i);
}

static void place_scratch(QtrNet *net, NetConv *conv)
{
    conv->scratch_at = net->large_scratch;
    net->large_scratch += qtr_conv_wgrad_scratch(net->device, &conv->shape,
                                                 conv->forward.components, net->params.batch);
    net->scratch_size = MAX(net->scratch_size, net->large_scratch);
}

gboolean net_has_parts(const QtrNet *net, const NetBlock *block, const NetLayer *layer)
{
    const QtrDeviceInfo *device = qtr_device_info(net->device);

    if (!block->is_large || !device->is_cpu || device->shares_tiles || net->params.batch == 1)
        return FALSE;
    for (int k = 0; k < layer->n_ops; k++)
        if (qtr_primitive_kind(layer->ops[k].primitive) != QTR_PRIMITIVE_CONV ||
            layer->ops[k].n_convs > 1)
            return FALSE; /* flat passes, and noise of ranges known only after all images */
    return TRUE;
}

/* Where a layer is computed some images at a time, its weight gradients are pending together. */
static void spread_scratch(QtrNet *net, const NetLayer *layer)
{
    for (int i = 0; layer->merge_whole && i < layer->n_merges; i++)
        place_scratch(net, &net_merge(net, layer->merge + i)->conv);
    for (int k = 0; k < layer->n_ops; k++)
        for (int i = 0; i < layer->ops[k].n_convs; i++)
            if (!layer->merge_whole || !layer->ops[k].merged)
                place_scratch(net, net_conv(net, layer->ops[k].first_conv + i));
}

/* A block's layers; `prefix` is its place in the state's names, ending in a dot. In a supernet row
 * `first_row` of mix belongs to its first primitive. */
static void add_block(QtrNet *net, NetBlock *block, QtrBlock kind, int first_row, int height,
                      int width, const char *prefix)
{
    const QtrArch *arch = &net->arch;

    block->n = arch->layers[kind];
    block->layers = g_new0(NetLayer, block->n);
    block->height = height;
    block->width = width;
    block->is_large = kind == QTR_BLOCK_TAIL && !net->params.inference;
    for (int i = 0; i < block->n; i++) {
        NetLayer *layer = &block->layers[i];

        qtr_arch_layer_channels(arch, kind, i, &layer->in, &layer->out);
        layer->n_ops = net->is_supernet ? arch->n_primitives[kind] : 1;
        layer->ops = g_new0(NetOp, layer->n_ops);
        for (int k = 0; k < layer->n_ops; k++) {
            const QtrGene *gene = &net->genotype.genes[kind][i];
            g_autofree char *name = net->is_supernet
                                        ? g_strdup_printf("%snet.%d._ops.%d", prefix, i, k)
                                        : g_strdup_printf("%s%d", prefix, i);

            if (net->is_supernet)
                add_op(net, block, &layer->ops[k], layer, arch->primitives[kind][k], arch->bits,
                       (first_row + i * layer->n_ops + k) * (1 + net->n_bits), name);
            else
                add_op(net, block, &layer->ops[k], layer, gene->primitive, &gene->bits, 0, name);
        }
        net_merge_layer(net, layer);
        if (net_has_parts(net, block, layer))
            spread_scratch(net, layer);
    }
    net_plan_pair(net, block);
}

static void add_adm(QtrNet *net, NetAdm *adm, int channels, int scale, const char *prefix)
{
    const int one[4] = {1, 1, 1, 1};

    *adm = (NetAdm){.channels = channels,
                    .scale = scale,
                    .gamma = -1,
                    .beta = -1,
                    .mean = -1,
                    .var = -1,
                    .phi_w = -1,
                    .phi_b = -1};
    if (net->arch.skip_mode)
        return;
    adm->gamma =
        add_vector(net, NET_WEIGHTS, channels, 1.0f, g_strdup_printf("%s.bn.weight", prefix));
    adm->beta = add_vector(net, NET_WEIGHTS, channels, 0.0f, g_strdup_printf("%s.bn.bias", prefix));
    adm->mean =
        add_vector(net, NET_FROZEN, channels, 0.0f, g_strdup_printf("%s.bn.running_mean", prefix));
    adm->var =
        add_vector(net, NET_FROZEN, channels, 1.0f, g_strdup_printf("%s.bn.running_var", prefix));
    adm->phi_w = add_tensor(net, NET_WEIGHTS, 4, one, g_strdup_printf("%s.phi.weight", prefix));
    net_tensor(net, adm->phi_w)->fill = 1.5f;
    adm->phi_b = add_vector(net, NET_WEIGHTS, 1, 0.0f, g_strdup_printf("%s.phi.bias", prefix));
}

/* Rows of mix before a block's, in the order of the alphas. */
static int first_row(const QtrArch *arch, QtrBlock kind)
{
    int row = 0;

    for (int b = 0; b < (int)kind; b++)
        row += arch->layers[b] * arch->n_primitives[b];
    return row;
}

static void add_body(QtrNet *net, const char *root, int height, int width)
{
    const QtrArch *arch = &net->arch;

    net->cells = g_new0(NetCell, arch->body_cells);
    for (int i = 0; i < arch->body_cells; i++) {
        g_autofree char *skip = g_strdup_printf("%sbody.%d.skip.", root, i);
        g_autofree char *body = g_strdup_printf("%sbody.%d.body.", root, i);
        g_autofree char *adm = g_strdup_printf("%sbody.%d.adn", root, i);

        add_block(net, &net->cells[i].skip, QTR_BLOCK_SKIP, first_row(arch, QTR_BLOCK_SKIP), height,
                  width, skip);
        add_block(net, &net->cells[i].body, QTR_BLOCK_BODY, first_row(arch, QTR_BLOCK_BODY), height,
                  width, body);
        add_adm(net, &net->cells[i].adm, arch->c_fixed, 1, adm);
    }
}

static void add_alphas(QtrNet *net)
{
    for (int i = 0; i < qtr_arch_layer_count(&net->arch); i++) {
        QtrBlock block;
        int layer;

        qtr_arch_layer_at(&net->arch, i, &block, &layer);
        add_vector(net, NET_ALPHAS, net->arch.n_primitives[block] * net->n_bits, 0.0f,
                   g_strdup_printf("_alphas.%d", i));
    }
    net->n_rows = first_row(&net->arch, (QtrBlock)QTR_BLOCKS);
}

/* Trained weights first, then trained steps, then the rest, each from a multiple of 4. */
static void place_tensors(QtrNet *net)
{
    static const NetRegion order[] = {NET_WEIGHTS, NET_SCALES, NET_FROZEN};
    gint64 at = 0;

    for (gsize r = 0; r < G_N_ELEMENTS(order); r++) {
        for (guint i = 0; i < net->tensors->len; i++) {
            NetTensor *t = net_tensor(net, (int)i);

            if (t->region != order[r])
                continue;
            t->at = (int)MIN(at, G_MAXINT);
            at += ((gint64)t->info.count + 3) / 4 * 4;
        }
        if (order[r] == NET_WEIGHTS)
            net->weights_end = (int)MIN(at, G_MAXINT);
        else if (order[r] == NET_SCALES)
            net->scales_end = (int)MIN(at, G_MAXINT);
    }
    net->params_end = (int)MIN(at, G_MAXINT);
    for (guint i = 0; i < net->tensors->len; i++) {
        NetTensor *t = net_tensor(net, (int)i);

        if (t->region == NET_ALPHAS) {
            t->at = net->n_alphas;
            net->n_alphas += (int)t->info.count;
        }
    }
}

/* Rows and columns beyond an image that the largest kernel looks at, at least 2. */
static int widest_reach(const QtrNet *net)
{
    int reach = 2;

    for (int b = 0; b < QTR_BLOCKS; b++) {
        gboolean all = net->is_supernet && net->arch.layers[b] > 0;
        int n = all ? net->arch.n_primitives[b] : net->arch.layers[b];

        for (int k = 0; k < n; k++) {
            const QtrPrimitive *primitive =
                net->is_supernet ? net->arch.primitives[b][k] : net->genotype.genes[b][k].primitive;
            QtrConvShape chain[QTR_CHAIN_MAX];
            int length = qtr_primitive_chain(primitive, 3, 3, net->arch.c_fixed, chain);

            for (int i = 0; i < length; i++)
                reach = MAX(reach, MAX(chain[i].kh, chain[i].kw) / 2);
        }
    }
    return reach;
}

void net_layout(QtrNet *net)
{
    const QtrNetParams *params = &net->params;
    const QtrArch *arch = &net->arch;
    const char *root = net->is_supernet ? "net." : "";
    g_autofree char *head = g_strconcat(root, "head.", NULL);
    g_autofree char *upsample =
        g_strconcat(root, net->is_supernet ? "upsample." : "upsample.0.", NULL);
    g_autofree char *tail = g_strconcat(root, "tail.", NULL);
    g_autofree char *one = g_strconcat(root, "adn_one", NULL);
    g_autofree char *two = g_strconcat(root, "adn_two", NULL);
    int h = params->height, w = params->width, s = arch->scale;

    net->pad = widest_reach(net);
    if (net->is_supernet)
        add_alphas(net);
    else
        net->n_rows = 1;
    add_block(net, &net->head, QTR_BLOCK_HEAD, first_row(arch, QTR_BLOCK_HEAD), h, w, head);
    add_body(net, root, h, w);
    add_block(net, &net->upsample, QTR_BLOCK_UPSAMPLE, first_row(arch, QTR_BLOCK_UPSAMPLE), h, w,
              upsample);
    add_block(net, &net->tail, QTR_BLOCK_TAIL, first_row(arch, QTR_BLOCK_TAIL), h * s, w * s, tail);
    add_adm(net, &net->one, arch->c_fixed, 1, one);
    add_adm(net, &net->two, arch->channels, s, two);
    place_tensors(net);
}
