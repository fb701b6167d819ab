#include "base/error.h"
#include "base/rng.h"
#include "nn/net-private.h"

/* Buffers of one network; a failure sticks in `error`. */
typedef struct {
    QtrNet *net;
    GError **error;
    gboolean failed;
} Allocator;

static void allocate(Allocator *a, QtrBuffer **buffer, gsize count)
{
    /* Some kernels have arguments that a configuration does not use: no buffer is empty. */
    if (!a->failed) {
        *buffer = qtr_buffer_new(a->net->device, MAX(count, 16) * sizeof(float), a->error);
        a->failed = !*buffer;
    }
}

/* Places of the dots each convolution and identity leaves in an alpha step. */
static void place_block_dots(QtrNet *net, const NetBlock *block)
{
    int lanes = qtr_device_info(net->device)->vector_width;

    for (int i = 0; i < block->n; i++)
        for (int k = 0; k < block->layers[i].n_ops; k++) {
            NetOp *op = &block->layers[i].ops[k];
            QtrTensor u = {.images = net->params.batch,
                           .height = block->height,
                           .width = block->width,
                           .pad = net->pad,
                           .pitch =
                               qtr_tensor_pitch(block->width, net->pad, net->params.inference)};

            if (qtr_primitive_kind(op->primitive) == QTR_PRIMITIVE_IDENTITY) {
                op->dots_at = (int)net->dots_size;
                op->dots_items = net->params.batch * block->layers[i].in;
                net->dots_size += (gsize)op->dots_items;
                net->n_sources++;
            }
            for (int j = 0; j < op->n_convs; j++) {
                NetConv *c = net_conv(net, op->first_conv + j);

                c->dots_at = (int)net->dots_size;
                c->dots_merged = op->merged && block->layers[i].merge_alphas;
                c->dots_items = c->dots_merged ? c->shape.out
                                               : qtr_conv_back_items(&c->shape, c->back, &u, lanes);
                net->dots_size += (gsize)c->dots_items * (gsize)net->n_bits;
                net->n_sources++;
            }
        }
}

static void place_dots(QtrNet *net)
{
    place_block_dots(net, &net->head);
    for (int i = 0; i < net->arch.body_cells; i++) {
        place_block_dots(net, &net->cells[i].skip);
        place_block_dots(net, &net->cells[i].body);
    }
    place_block_dots(net, &net->upsample);
    place_block_dots(net, &net->tail);
}

static void allocate_adm(Allocator *a, NetAdm *adm)
{
    const QtrNetParams *p = &a->net->params;
    gsize images = (gsize)p->batch, channels = (gsize)adm->channels;
    int height = (a->net->tiled ? p->image_height : p->height) * adm->scale;
    int width = (a->net->tiled ? p->image_width : p->width) * adm->scale;
    gsize blocks =
        (gsize)qtr_ceil_div(height, NET_STAT_ROWS) * (gsize)qtr_ceil_div(width, NET_STAT_COLUMNS);

    if (adm->gamma < 0)
        return;
    allocate(a, &adm->stats, 2 * images * channels * blocks);
    allocate(a, &adm->norm, 2 * channels);
    allocate(a, &adm->phi, 4 * images);
    allocate(a, &adm->back, 2 * channels);
    allocate(a, &adm->region, sizeof(NetPart) / sizeof(float));
}

static void allocate_params(Allocator *a)
{
    QtrNet *net = a->net;
    /* Vectors may read over the end. */
    gsize n = (gsize)net->params_end + 16;

    allocate(a, &net->values, n);
    allocate(a, &net->mix, (gsize)(net->n_rows + 1) * (gsize)(1 + net->n_bits));
    allocate(a, &net->levels, net->convs->len * (gsize)net->n_bits);
    allocate(a, &net->acts, NET_ACT_FIELDS * net->convs->len * (gsize)net->n_bits);
    allocate(a, &net->units, QTR_BITS_MAX);
    allocate(a, &net->mixed, net->mixed_size);
    allocate(a, &net->packed, net->packed_size + 64);
    allocate(a, &net->conv_table, NET_CONV_FIELDS * (net->convs->len + net->merges->len));
    allocate(a, &net->merge_table, NET_MERGE_FIELDS * (gsize)net->merges->len);
    allocate(a, &net->part_table, NET_PART_FIELDS * (gsize)net->parts->len);
    allocate(a, &net->results, QTR_RESULTS);
    allocate(a, &net->step, sizeof(QtrStep) / sizeof(float));
    if (net->params.inference)
        return;
    allocate(a, &net->grads, n);
    allocate(a, &net->moment1, n);
    allocate(a, &net->moment2, n);
    allocate(a, &net->mixed_grads, net->mixed_size + 16);
    allocate(a, &net->scratch, net->scratch_size);
    allocate(
        a, &net->part,
        MAX((gsize)(2 * net->params.batch * MAX(net->arch.c_fixed, 3)), n / NET_NORM_CHUNK + 1));
}

static void allocate_alphas(Allocator *a)
{
    QtrNet *net = a->net;
    gsize n = (gsize)net->n_alphas, sources = (gsize)net->n_sources;

    if (!net->is_supernet)
        return;
    allocate(a, &net->alphas, n);
    allocate(a, &net->alpha_grads, n);
    allocate(a, &net->alpha_moment1, n);
    allocate(a, &net->alpha_moment2, n);
    allocate(a, &net->p, n);
    allocate(a, &net->cost_row, n);
    allocate(a, &net->memory_row, n);
    allocate(a, &net->reference, 1);
    allocate(a, &net->layer_table, NET_LAYER_FIELDS * (gsize)qtr_arch_layer_count(&net->arch));
    allocate(a, &net->source_table, NET_SOURCE_FIELDS * sources);
    allocate(a, &net->owner_table, (gsize)net->n_rows + 1);
    allocate(a, &net->owned_table, sources);
    allocate(a, &net->weight_dots, (gsize)net->rows_size * (gsize)(1 + net->n_bits));
    allocate(a, &net->act_dots, net->dots_size);
    allocate(a, &net->dot_sums, sources * (gsize)(1 + net->n_bits));
    if (net->noise) {
        allocate(a, &net->ranges, 2 * (gsize)net->rows_size);
        allocate(a, &net->range, net->convs->len);
        allocate(a, &net->range_part,
                 2 * (gsize)net->params.batch * (gsize)MAX(net->max_out, net->arch.c_fixed));
    }
    allocate(a, &net->noise_table, net->params.noise_count + 16);
    allocate(a, &net->noise_at, 2 * net->convs->len * (gsize)net->n_bits);
}

static void allocate_images(Allocator *a)
{
    QtrNet *net = a->net;
    const QtrNetParams *p = &net->params;
    gsize pixels = (gsize)p->batch * 3 * (gsize)p->height * (gsize)p->width;
    int s = net->arch.scale;

    allocate(a, &net->dense_lr, pixels);
    if (!p->inference)
        allocate(a, &net->dense_hr, pixels * (gsize)(s * s));
    if (a->failed)
        return;
    net->pool = qtr_tensor_pool_new(net->device, net->pad, net->params.inference);
    if (p->halves)
        qtr_tensor_pool_keep_halves(net->pool);
    net->lr = qtr_tensor_pool_get(net->pool, p->batch, 3, p->height, p->width, a->error);
    a->failed = !net->lr;
    if (!a->failed && !p->inference) {
        net->hr =
            qtr_tensor_pool_get(net->pool, p->batch, 3, p->height * s, p->width * s, a->error);
        net->dy = net->hr ? qtr_tensor_pool_get(net->pool, p->batch, 3, p->height * s, p->width * s,
                                                a->error)
                          : NULL;
        a->failed = !net->dy;
    }
}

gboolean net_allocate(QtrNet *net, GError **error)
{
    Allocator a = {net, error, FALSE};

    if (!net->params.inference)
        place_dots(net);
    if (net->dots_size >= G_MAXINT || net->scratch_size >= G_MAXINT) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_MEMORY,
                    "gradients of so many crops of this size leave more sums than a device buffer "
                    "can be addressed with; smaller batches or crops are needed");
        return FALSE;
    }
    if (net->params_end >= G_MAXINT - 64 || net->mixed_size >= G_MAXINT ||
        net->packed_size >= G_MAXINT) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_MEMORY,
                    "the network has more weights than a device buffer can be addressed with; "
                    "fewer channels, layers or cells are needed");
        return FALSE;
    }
    allocate_params(&a);
    allocate_alphas(&a);
    for (int i = 0; i < net->arch.body_cells; i++)
        allocate_adm(&a, &net->cells[i].adm);
    allocate_adm(&a, &net->one);
    allocate_adm(&a, &net->two);
    allocate_images(&a);
    return !a.failed;
}

gboolean net_init_values(QtrNet *net, GError **error)
{
    g_autofree float *values = g_new0(float, net->params_end);

    for (guint i = 0; i < net->tensors->len; i++) {
        const NetTensor *t = net_tensor(net, (int)i);

        if (t->region == NET_ALPHAS)
            continue;
        for (gsize j = 0; j < t->info.count; j++)
            values[(gsize)t->at + j] =
                t->bound > 0.0f
                    ? t->bound *
                          (2.0f *
                               qtr_rng_unit(qtr_rng_at(net->params.seed, QTR_RNG_INIT, i, j).v[0]) -
                           1.0f)
                    : t->fill;
    }
    return qtr_buffer_write(net->values, 0, values, sizeof(float) * (gsize)net->params_end, error);
}

static void free_adm(NetAdm *adm)
{
    qtr_buffer_unref(adm->stats);
    qtr_buffer_unref(adm->norm);
    qtr_buffer_unref(adm->phi);
    qtr_buffer_unref(adm->back);
    qtr_buffer_unref(adm->region);
}

void net_free_memory(QtrNet *net)
{
    QtrBuffer *buffers[] = {
        net->values,      net->grads,       net->moment1,       net->moment2,
        net->alphas,      net->alpha_grads, net->alpha_moment1, net->alpha_moment2,
        net->p,           net->mix,         net->levels,        net->acts,
        net->units,       net->mixed,       net->mixed_grads,   net->packed,
        net->scratch,     net->conv_table,  net->layer_table,   net->source_table,
        net->owner_table, net->owned_table, net->cost_row,      net->memory_row,
        net->reference,   net->ranges,      net->range,         net->range_part,
        net->weight_dots, net->act_dots,    net->dot_sums,      net->part,
        net->step,        net->results,     net->dense_lr,      net->dense_hr,
        net->noise_table, net->noise_at,    net->merge_table,   net->part_table,
    };

    for (gsize i = 0; i < G_N_ELEMENTS(buffers); i++)
        qtr_buffer_unref(buffers[i]);
    for (int i = 0; net->cells && i < net->arch.body_cells; i++)
        free_adm(&net->cells[i].adm);
    free_adm(&net->one);
    free_adm(&net->two);
    qtr_tensor_pool_free(net->pool);
}
