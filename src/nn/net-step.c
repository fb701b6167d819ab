#include "base/error.h"
#include "nn/net-private.h"

#include <math.h>

static gsize image_count(const QtrNet *net)
{
    return (gsize)net->params.batch * 3 * (gsize)net->params.height * (gsize)net->params.width;
}

static gboolean load(QtrNet *net, gboolean has_target, GError **error)
{
    net->has_target = has_target;
    return qtr_commands_run(net->load_lr, error) &&
           (!has_target || qtr_commands_run(net->load_hr, error));
}

gboolean qtr_net_set_images(QtrNet *net, const float *lr, const float *hr, GError **error)
{
    gsize n = image_count(net), s = (gsize)net->arch.scale;

    g_assert(!hr || !net->params.inference);
    return qtr_buffer_write(net->dense_lr, 0, lr, n * sizeof(float), error) &&
           (!hr || qtr_buffer_write(net->dense_hr, 0, hr, n * s * s * sizeof(float), error)) &&
           load(net, hr != NULL, error);
}

static gboolean write_bytes(QtrBuffer *to, const guint8 *bytes, gsize n, GError **error)
{
    float *floats = qtr_buffer_stage(to, n * sizeof(float), error);

    if (!floats)
        return FALSE;
    for (gsize i = 0; i < n; i++)
        floats[i] = (float)bytes[i] / 255.0f;
    return qtr_buffer_write_staged(to, 0, n * sizeof(float), error);
}

gboolean qtr_net_set_images_u8(QtrNet *net, const guint8 *lr, const guint8 *hr, GError **error)
{
    gsize n = image_count(net), s = (gsize)net->arch.scale;

    g_assert(!hr || !net->params.inference);
    return write_bytes(net->dense_lr, lr, n, error) &&
           (!hr || write_bytes(net->dense_hr, hr, n * s * s, error)) &&
           load(net, hr != NULL, error);
}

static float bias(double beta, guint64 t)
{
    return (float)(1.0 - pow(beta, (double)MAX(t, 1)));
}

static gboolean write_step(QtrNet *net, const QtrRates *rates, guint32 phase, GError **error)
{
    static const QtrRates none = {0};
    const QtrNetCounters *c = &net->counters;
    const QtrRates *r = rates ? rates : &none;
    const QtrStep step = {.seed_lo = (guint32)net->params.seed,
                          .seed_hi = (guint32)(net->params.seed >> 32),
                          .step = r->step,
                          .phase = phase,
                          .lr = (float)r->lr,
                          .weight_bias1 = bias(0.9, c->weight_steps),
                          .weight_bias2 = bias(0.999, c->weight_steps),
                          .scale_lr = net->quantized ? (float)r->lr : 0.0f,
                          .scale_bias1 = bias(0.9, c->scale_steps),
                          .scale_bias2 = bias(0.999, c->scale_steps),
                          .alpha_lr = (float)r->alpha_lr,
                          .alpha_bias1 = bias(0.5, c->alpha_steps),
                          .alpha_bias2 = bias(0.999, c->alpha_steps),
                          .temperature = r->temperature > 0.0 ? (float)r->temperature : 1.0f,
                          .sparse = (float)r->sparse};

    return qtr_buffer_write(net->step, 0, &step, sizeof step, error);
}

static gboolean run_lists(QtrCommands *const *lists, GError **error)
{
    for (; *lists; lists++)
        if (!qtr_commands_run(*lists, error))
            return FALSE;
    return TRUE;
}

gboolean qtr_net_alpha_step(QtrNet *net, const QtrRates *rates, GError **error)
{
    QtrCommands *const first[] = {net->select, net->fix_reference, NULL};
    QtrCommands *const again[] = {net->select, NULL};
    QtrCommands *const rest[] = {net->prepare,        net->forward,      net->loss,
                                 net->backward_alpha, net->update_alpha, NULL};

    g_assert(net->is_supernet && net->has_target);
    net->counters.alpha_steps++;
    net->counters.batches++;
    if (!write_step(net, rates, QTR_PHASE_ALPHA, error) ||
        !run_lists(net->counters.has_reference ? again : first, error))
        return FALSE;
    net->counters.has_reference = TRUE;
    return run_lists(rest, error);
}

gboolean qtr_net_weight_step(QtrNet *net, const QtrRates *rates, GError **error)
{
    QtrCommands *const lists[] = {net->prepare,         net->forward,       net->loss,
                                  net->backward_weight, net->update_weight, NULL};

    g_assert(net->has_target);
    net->counters.weight_steps++;
    net->counters.batches++;
    if (net->quantized)
        net->counters.scale_steps++;
    return write_step(net, rates, QTR_PHASE_WEIGHT, error) &&
           (!net->is_supernet || qtr_commands_run(net->select, error)) && run_lists(lists, error);
}

gboolean net_run_prepare(QtrNet *net, GError **error)
{
    if (net->is_packed)
        return TRUE;
    if (!qtr_commands_run(net->prepare, error))
        return FALSE;
    net->is_packed = net->params.inference;
    return TRUE;
}

gboolean qtr_net_evaluate(QtrNet *net, const QtrRates *rates, GError **error)
{
    g_assert(!net->tiled);
    return write_step(net, rates, QTR_PHASE_EVALUATE, error) &&
           (!net->is_supernet || qtr_commands_run(net->select, error)) &&
           net_run_prepare(net, error) &&
           qtr_commands_run(g_ptr_array_index(net->evaluate, 0), error) &&
           (!net->has_target || qtr_commands_run(net->loss, error));
}

gboolean qtr_net_results(QtrNet *net, QtrNetResults *results, GError **error)
{
    float r[QTR_RESULTS];

    if (!qtr_buffer_read(net->results, 0, r, sizeof r, error))
        return FALSE;
    *results = (QtrNetResults){.loss = r[QTR_RESULT_LOSS],
                               .cost = r[QTR_RESULT_COST],
                               .memory = r[QTR_RESULT_MEMORY],
                               .sparse = r[QTR_RESULT_SPARSE],
                               .penalty = r[QTR_RESULT_PENALTY],
                               .norm = r[QTR_RESULT_NORM],
                               .best_cost = r[QTR_RESULT_BEST_COST],
                               .best_memory = r[QTR_RESULT_BEST_MEMORY]};
    if (isfinite(results->loss))
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_NUMERIC, "the loss is %s",
                isnan(results->loss) ? "not a number" : "infinite");
    return FALSE;
}

gboolean qtr_net_set_quantized(QtrNet *net, gboolean quantized, GError **error)
{
    g_assert(!net->is_supernet);
    net->quantized = quantized;
    return net_write_quantizers(net, quantized, error) &&
           (!quantized || qtr_net_reset_steps(net, error));
}

gboolean qtr_net_is_quantized(const QtrNet *net)
{
    return net->quantized;
}

gboolean qtr_net_reset_steps(QtrNet *net, GError **error)
{
    net->is_packed = FALSE;
    return qtr_commands_run(net->init_steps, error);
}
