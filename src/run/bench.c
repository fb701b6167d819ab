#include "run/bench.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

#define PROFILE_ROUNDS 3

/* quant_config's space: the primitives each block chooses from. */
static const char *const space[QTR_BLOCKS][6] = {
    [QTR_BLOCK_HEAD] = {"simple_3x3", "simple_5x5", "simple_3x3_grouped_3", "simple_5x5_grouped_3"},
    [QTR_BLOCK_BODY] = {"conv_5x1_1x5", "conv_3x1_1x3", "simple_3x3", "simple_5x5"},
    [QTR_BLOCK_SKIP] = {"simple_1x1", "simple_3x3", "simple_5x5"},
    [QTR_BLOCK_UPSAMPLE] = {"simple_5x5_grouped_3", "simple_3x3_grouped_3", "simple_3x3",
                            "simple_5x5"},
    [QTR_BLOCK_TAIL] = {"simple_1x1", "simple_3x3", "simple_5x5", "simple_5x5_grouped_3",
                        "simple_3x3_grouped_3"},
};

static const char genotype_text[] =
    "Genotype_SR(head=[('simple_3x3_grouped_3', 8), ('simple_5x5_grouped_3', 8)], "
    "body=[('simple_3x3', 4), ('conv_3x1_1x3', 8)], tail=[('simple_3x3_grouped_3', 8), "
    "('simple_5x5_grouped_3', 8)], skip=[('simple_3x3', 8)], "
    "upsample=[('simple_5x5_grouped_3', 8)])";

typedef struct {
    const char *name, *description;
    gboolean supernet, inference, noise, skip_mode;
    int n_bits, bits[2];
    int batch, side;
} Workload;

static const Workload workloads[] = {
    {"search-noise", "search step, bits 8,4, quantization noise, ADM (alpha and weight step)",
     .supernet = TRUE, .noise = TRUE, .n_bits = 2, .bits = {8, 4}, .batch = 16, .side = 45},
    {"search-shared", "search step, bits 8,4, shared weights, ADM (alpha and weight step)",
     .supernet = TRUE, .n_bits = 2, .bits = {8, 4}, .batch = 16, .side = 45},
    {"search-fp32", "search step, bits 32, plain skips (alpha and weight step)", .supernet = TRUE,
     .skip_mode = TRUE, .n_bits = 1, .bits = {32}, .batch = 16, .side = 45},
    {"train", "training step of a final network, ADM", .n_bits = 1, .bits = {8}, .batch = 16,
     .side = 45},
    {"infer", "that network, 256x256 to 1024x1024", .inference = TRUE, .n_bits = 1, .bits = {8},
     .batch = 1, .side = 256},
};

guint qtr_bench_count(void)
{
    return G_N_ELEMENTS(workloads);
}

const char *qtr_bench_name(guint workload)
{
    return workloads[workload].name;
}

void qtr_bench_result_free(QtrBenchResult *result)
{
    if (!result)
        return;
    g_array_unref(result->rows);
    g_free(result);
}

static void set_arch(QtrArch *arch, const Workload *w)
{
    static const int layers[QTR_BLOCKS] = {[QTR_BLOCK_HEAD] = 2,
                                           [QTR_BLOCK_BODY] = 2,
                                           [QTR_BLOCK_SKIP] = 1,
                                           [QTR_BLOCK_UPSAMPLE] = 1,
                                           [QTR_BLOCK_TAIL] = 2};

    qtr_arch_init(arch);
    arch->c_fixed = 36;
    arch->scale = 4;
    arch->body_cells = 3;
    arch->skip_mode = w->skip_mode;
    arch->n_bits = w->n_bits;
    memcpy(arch->bits, w->bits, sizeof w->bits);
    memcpy(arch->layers, layers, sizeof layers);
    for (int b = 0; b < QTR_BLOCKS; b++) {
        arch->n_primitives[b] = 0;
        for (int k = 0; k < 6 && space[b][k]; k++)
            arch->primitives[b][arch->n_primitives[b]++] = qtr_primitive_find(space[b][k]);
    }
}

static QtrNet *new_net(QtrDevice *device, const Workload *w, GError **error)
{
    QtrGenotype genotype;
    QtrNetParams params;

    qtr_net_params_init(&params);
    set_arch(&params.arch, w);
    params.batch = w->batch;
    params.height = params.width = w->side;
    params.inference = w->inference;
    params.quant_noise = w->noise;
    params.penalty = 0.001;
    params.clip = 5.0;
    if (!w->supernet) {
        if (!qtr_genotype_parse(&genotype, genotype_text, "benchmark", error))
            return NULL;
        params.genotype = &genotype;
    }
    return qtr_net_new(device, &params, error);
}

/* A smooth picture with some grain: nothing that a step could blow up on. */
static float *make_images(const Workload *w, int side)
{
    float *images = g_new(float, (gsize)w->batch * 3 * (gsize)side * (gsize)side);
    float *p = images;

    for (int plane = 0; plane < w->batch * 3; plane++)
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
                *p++ = (float)((x * 7 + y * 13 + plane * 29) % 97) / 97.0f;
    return images;
}

static gboolean take_step(QtrNet *net, const Workload *w, guint32 step, GError **error)
{
    const QtrRates rates = {.step = step, .lr = 1e-4, .alpha_lr = 3e-4, .temperature = 1.0};
    QtrNetResults results;
    g_autofree float *output = NULL;

    if (w->inference) {
        gsize side = (gsize)w->side * 4;

        output = g_new(float, 3 * side * side);
        return qtr_net_evaluate(net, NULL, error) && qtr_net_read_output(net, output, error);
    }
    return (!w->supernet || qtr_net_alpha_step(net, &rates, error)) &&
           qtr_net_weight_step(net, &rates, error) && qtr_net_results(net, &results, error);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double now(void)
{
    return (double)g_get_monotonic_time() / 1e6;
}

static gboolean check_stop(const Workload *w, const gint *stop, GError **error)
{
    if (!stop || !g_atomic_int_get(stop))
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_CANCELLED, "stopped while %s was measured", w->name);
    return FALSE;
}

static gboolean time_steps(QtrNet *net, const Workload *w, int rounds, const gint *stop,
                           QtrBenchResult *result, GError **error)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(double));
    double begin = now();

    for (int i = 0; rounds > 0 ? i < rounds : i < 3 || (now() - begin < 5.0 && i < 200); i++) {
        double start = now(), seconds;

        if (!check_stop(w, stop, error) || !take_step(net, w, (guint32)i + 1, error))
            return FALSE;
        seconds = now() - start;
        g_array_append_val(times, seconds);
    }
    qsort(times->data, times->len, sizeof(double), compare_doubles);
    result->best = g_array_index(times, double, 0);
    result->median = g_array_index(times, double, times->len / 2);
    return TRUE;
}

/* Of each row the shortest time; rows come in the same order every time. */
static void keep_best(GArray *rows, const GArray *again)
{
    g_assert(rows->len == again->len);
    for (guint i = 0; i < rows->len; i++) {
        QtrNetProfileRow *row = &g_array_index(rows, QtrNetProfileRow, i);

        row->seconds = MIN(row->seconds, g_array_index(again, QtrNetProfileRow, i).seconds);
    }
}

static gboolean profile_once(QtrNet *net, const Workload *w, const gint *stop, GArray *rows,
                             GError **error)
{
    if (w->inference)
        return check_stop(w, stop, error) && qtr_net_profile(net, QTR_WORK_EVALUATION, rows, error);
    return (!w->supernet || (check_stop(w, stop, error) &&
                             qtr_net_profile(net, QTR_WORK_ALPHA_STEP, rows, error))) &&
           check_stop(w, stop, error) && qtr_net_profile(net, QTR_WORK_WEIGHT_STEP, rows, error);
}

static gboolean profile(QtrNet *net, const Workload *w, int rounds, const gint *stop,
                        QtrBenchResult *result, GError **error)
{
    for (int round = 0; round < (rounds > 0 ? rounds : PROFILE_ROUNDS); round++) {
        g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(QtrNetProfileRow));

        if (!profile_once(net, w, stop, round ? rows : result->rows, error))
            return FALSE;
        if (round)
            keep_best(result->rows, rows);
    }
    for (guint i = 0; i < result->rows->len; i++) {
        const QtrNetProfileRow *row = &g_array_index(result->rows, QtrNetProfileRow, i);

        result->flops += row->flops;
        result->bytes += row->bytes;
        result->launches += row->launches;
    }
    return TRUE;
}

static gboolean measure_peak(QtrDevice *device, QtrPeak *best, GError **error)
{
    QtrPeak peak;

    if (!qtr_peak_measure(device, &peak, error))
        return FALSE;
    best->gflops = MAX(best->gflops, peak.gflops);
    best->copy_gbs = MAX(best->copy_gbs, peak.copy_gbs);
    best->launch_us = best->launch_us > 0.0 ? MIN(best->launch_us, peak.launch_us) : peak.launch_us;
    return TRUE;
}

QtrBenchResult *qtr_bench_run(QtrDevice *device, guint workload, int rounds, const gint *stop,
                              GError **error)
{
    const Workload *w = &workloads[workload];
    QtrBenchResult *result = g_new0(QtrBenchResult, 1);
    g_autofree float *lr = make_images(w, w->side), *hr = make_images(w, 4 * w->side);
    guint64 before = qtr_device_allocated(device);
    g_autoptr(QtrNet) net = NULL;
    gboolean ok;
    double start;

    result->name = w->name;
    result->description = w->description;
    result->rows = g_array_new(FALSE, FALSE, sizeof(QtrNetProfileRow));
    /* Before and after the network: the peak's buffers are not to count as its memory. */
    ok = measure_peak(device, &result->peak, error);
    start = now();
    net = ok ? new_net(device, w, error) : NULL;
    result->memory = qtr_device_allocated(device) - before;
    ok = net && qtr_net_set_images(net, lr, w->inference ? NULL : hr, error) &&
         take_step(net, w, 0, error);
    result->start = now() - start;
    ok = ok && time_steps(net, w, rounds, stop, result, error) &&
         profile(net, w, rounds, stop, result, error);
    g_clear_pointer(&net, qtr_net_free);
    if (ok && check_stop(w, stop, error) && measure_peak(device, &result->peak, error))
        return result;
    qtr_bench_result_free(result);
    return NULL;
}
