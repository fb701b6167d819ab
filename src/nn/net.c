#include "base/error.h"
#include "nn/net-private.h"

#include <math.h>
#include <string.h>

void qtr_net_params_init(QtrNetParams *params)
{
    memset(params, 0, sizeof *params);
    qtr_arch_init(&params->arch);
    params->batch = 1;
    params->height = params->width = 45;
    params->selector = QTR_SELECTOR_SOFTMAX;
    params->sparsity = QTR_SPARSITY_ENTROPY;
    params->optimizer = QTR_OPTIMIZER_ADAM;
    params->momentum = 0.9;
}

const QtrNetParams *qtr_net_params(const QtrNet *net)
{
    return &net->params;
}

static void tensor_clear(gpointer data)
{
    g_free((char *)((NetTensor *)data)->info.name);
}

static char *bits_options(const QtrNet *net)
{
    if (!net->noise)
        return g_strdup_printf("-DNBITS=%d", net->n_bits);
    return g_strdup_printf("-DNBITS=%d -DNOISE -DNOISE_BASE=%.9ef%s", net->n_bits,
                           1.0 / (net->n_bits + 1), net->params.noise ? " -DNOISE_TABLE" : "");
}

/* Writes one list of launches. */
typedef void (*Writer)(QtrNet *net, QtrEmit *emit);

static gboolean write_list(QtrNet *net, QtrCommands **list, Writer writer, GError **error)
{
    QtrEmit emit = {.device = net->device, .pool = net->pool};

    *list = emit.commands = qtr_commands_new(net->device);
    writer(net, &emit);
    if (emit.error)
        g_propagate_error(error, emit.error);
    return !emit.error;
}

static void write_init_steps(QtrNet *net, QtrEmit *emit)
{
    QTR_EMIT(emit, "weights", "lsq_init", net->bits_options, HEAVY, net->max_out, net->convs->len,
             1, QTR_TRAFFIC("weights", 0), "bbb", net->values, net->conv_table, net->levels);
}

static void write_fix_reference(QtrNet *net, QtrEmit *emit)
{
    QTR_EMIT(emit, "alpha", "alpha_reference_cost", NULL, HEAVY, 1, 1, 1, QTR_TRAFFIC("alphas", 0),
             "bb", net->results, net->reference);
}

static void write_load(QtrEmit *emit, QtrBuffer *dense, const QtrTensor *to)
{
    QTR_EMIT(emit, "point", "load_planes", NULL, LIGHT, to->width, to->height,
             qtr_tensor_planes(to), QTR_TRAFFIC("images", 2 * qtr_tensor_bytes(to)), "bbiiii",
             dense, to->buffer, to->height, to->width, to->pitch, to->pad);
}

static void write_load_lr(QtrNet *net, QtrEmit *emit)
{
    write_load(emit, net->dense_lr, net->lr);
}

static void write_load_hr(QtrNet *net, QtrEmit *emit)
{
    write_load(emit, net->dense_hr, net->hr);
}

static void write_forward(QtrNet *net, QtrEmit *emit)
{
    net_emit_forward(net, emit, TRUE);
}

static void write_backward_alpha(QtrNet *net, QtrEmit *emit)
{
    net_emit_backward(net, emit, TRUE);
}

static void write_backward_weight(QtrNet *net, QtrEmit *emit)
{
    net_emit_backward(net, emit, FALSE);
}

static void free_commands(gpointer commands)
{
    qtr_commands_free(commands);
}

/* The forward pass in evaluation mode: one list, or one up to each cut of a tiled network. */
static gboolean write_evaluate(QtrNet *net, GError **error)
{
    QtrEmit emit = {
        .device = net->device, .commands = qtr_commands_new(net->device), .pool = net->pool};

    g_ptr_array_add(net->evaluate, emit.commands);
    net_emit_forward(net, &emit, FALSE);
    if (emit.error)
        g_propagate_error(error, emit.error);
    return !emit.error;
}

static gboolean write_training(QtrNet *net, GError **error)
{
    guint mark = qtr_tensor_pool_mark(net->pool);

    if (!write_list(net, &net->forward, write_forward, error) ||
        !write_list(net, &net->loss, net_emit_loss, error) ||
        !write_list(net, &net->backward_weight, write_backward_weight, error) ||
        !write_list(net, &net->update_weight, net_emit_update_weight, error))
        return FALSE;
    if (net->is_supernet && (!write_list(net, &net->backward_alpha, write_backward_alpha, error) ||
                             !write_list(net, &net->update_alpha, net_emit_update_alpha, error)))
        return FALSE;
    qtr_tensor_pool_replay(net->pool, mark);
    return write_list(net, &net->load_hr, write_load_hr, error);
}

static gboolean write_lists(QtrNet *net, GError **error)
{
    return write_list(net, &net->init_steps, write_init_steps, error) &&
           write_list(net, &net->load_lr, write_load_lr, error) &&
           (!net->is_supernet ||
            (write_list(net, &net->select, net_emit_select, error) &&
             write_list(net, &net->fix_reference, write_fix_reference, error))) &&
           write_list(net, &net->prepare, net_emit_prepare, error) &&
           (net->params.inference || write_training(net, error)) && write_evaluate(net, error);
}

static gboolean write_noise(QtrNet *net, GError **error)
{
    const QtrNetParams *p = &net->params;

    return !p->noise ||
           (qtr_buffer_write(net->noise_table, 0, p->noise, p->noise_count * sizeof(float),
                             error) &&
            qtr_buffer_write(net->noise_at, 0, p->noise_at,
                             2 * net->convs->len * (gsize)net->n_bits * sizeof(int), error));
}

/* Half the largest cache leaves room for what else a launch reads. */
static gsize cached_bytes(const QtrDeviceInfo *device)
{
    const gsize least = 4 << 20, most = 32 << 20;

    return CLAMP((gsize)device->cache / 2, least, most);
}

QtrNet *qtr_net_new(QtrDevice *device, const QtrNetParams *params, GError **error)
{
    g_autoptr(QtrNet) net = g_new0(QtrNet, 1);

    g_assert(params->batch > 0 && params->height > 0 && params->width > 0);
    g_assert(params->genotype || (params->arch.n_bits > 0 && !params->inference));
    net->device = device;
    net->params = *params;
    net->arch = params->arch;
    net->is_supernet = !params->genotype;
    net->masks = params->genotype && !params->inference;
    net->noise = net->is_supernet && params->quant_noise;
    net->n_bits = net->is_supernet ? params->arch.n_bits : 1;
    if (params->genotype) {
        net->genotype = *params->genotype;
        net->params.genotype = &net->genotype;
        memcpy(net->arch.layers, net->genotype.layers, sizeof net->arch.layers);
    }
    net->tiled = params->image_height > 0;
    g_assert(!params->halves || (params->inference && qtr_device_info(device)->shares_tiles));
    g_assert(!net->tiled || (params->inference && params->batch == 1));
    net->evaluate = g_ptr_array_new_with_free_func(free_commands);
    net->phis = g_ptr_array_new_with_free_func(free_commands);
    net->quantized = TRUE;
    net->bits_options = bits_options(net);
    net->convs = g_array_new(FALSE, TRUE, sizeof(NetConv));
    net->merges = g_array_new(FALSE, TRUE, sizeof(NetMerge));
    net->parts = g_array_new(FALSE, TRUE, sizeof(int));
    net->cached_bytes = cached_bytes(qtr_device_info(device));
    net->tensors = g_array_new(FALSE, TRUE, sizeof(NetTensor));
    g_array_set_clear_func(net->tensors, tensor_clear);
    net->tensor_index = g_hash_table_new(g_str_hash, g_str_equal);
    net_layout(net);
    if (!net_allocate(net, error) || !net_write_tables(net, error) || !write_noise(net, error) ||
        !net_init_values(net, error) || !net_set_part(net, NULL, error) ||
        !write_lists(net, error) || !qtr_net_reset_steps(net, error))
        return NULL;
    return g_steal_pointer(&net);
}

static void free_block(NetBlock *block)
{
    for (int i = 0; i < block->n; i++)
        g_free(block->layers[i].ops);
    g_free(block->layers);
}

void qtr_net_free(QtrNet *net)
{
    if (!net)
        return;

    QtrCommands *lists[] = {net->init_steps,      net->select,       net->fix_reference,
                            net->prepare,         net->load_lr,      net->load_hr,
                            net->forward,         net->loss,         net->backward_alpha,
                            net->backward_weight, net->update_alpha, net->update_weight};

    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        qtr_commands_free(lists[i]);
    g_ptr_array_unref(net->evaluate);
    g_ptr_array_unref(net->phis);
    net_free_memory(net);
    free_block(&net->head);
    free_block(&net->upsample);
    free_block(&net->tail);
    for (int i = 0; net->cells && i < net->arch.body_cells; i++) {
        free_block(&net->cells[i].skip);
        free_block(&net->cells[i].body);
    }
    g_free(net->cells);
    g_hash_table_unref(net->tensor_index);
    g_array_unref(net->tensors);
    g_array_unref(net->convs);
    g_array_unref(net->merges);
    g_array_unref(net->parts);
    g_free(net->bits_options);
    g_free(net);
}
