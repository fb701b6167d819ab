/* Every primitive of the reference as a mixed operation of a supernet, and as the discrete one of a
 * final network: outputs, gradients, costs. */
#include "chain.h"
#include "harness.h"
#include "nn/cost.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHANNELS 12
#define COST_WEIGHT 1e-6 /* of the files' loss = sum(y*dy) + 1e-6*cost[0] */

/* Names of the file's primitives: those that have a tensor NAME.y. */
static GPtrArray *names_of(const QtrSafetensors *file)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < qtr_safetensors_count(file); i++) {
        const char *name = qtr_safetensors_at(file, i)->name;

        if (g_str_has_suffix(name, ".y"))
            g_ptr_array_add(names, g_strndup(name, strlen(name) - 2));
    }
    assert_true(names->len > 5);
    return names;
}

static const QtrPrimitive *primitive(const char *name)
{
    const QtrPrimitive *p = qtr_primitive_find(name);

    if (!p)
        fail_msg("no primitive %s", name);
    return p;
}

static const QtrStoredTensor *find(const QtrSafetensors *file, const char *primitive_name,
                                   const char *what)
{
    g_autofree char *name = g_strconcat(primitive_name, what, NULL);
    const QtrStoredTensor *t = qtr_safetensors_find(file, name);

    if (!t)
        fail_msg("the reference has no %s", name);
    return t;
}

/* A network of which only body layers matter: the rest is `zero`. */
static void plain_params(QtrNetParams *params, const QtrSafetensors *file)
{
    const QtrStoredTensor *x = qtr_safetensors_find(file, "x");

    golden_zero_params(params, CHANNELS);
    params->batch = (int)x->dims[0];
    params->height = (int)x->dims[2];
    params->width = (int)x->dims[3];
}

/* Runs one op alone as in an alpha step and as in a weight step: y and dx are compared; gradients
 * of alphas and weights are left in the network. */
static void run_op(QtrNet *net, const NetOp *op, const QtrSafetensors *file, const char *name,
                   const Chain *chain)
{
    g_autoptr(Harness) h = harness_new(net);
    const NetLayer *layer = &net->cells[0].body.layers[0];
    NetOp copy = *op;
    /* What is merged with the op has alphas that leave nothing of it. */
    NetLayer alone = {.in = CHANNELS,
                      .out = CHANNELS,
                      .n_ops = 1,
                      .ops = &copy,
                      .merge = layer->merge,
                      .n_merges = op->merged ? layer->n_merges : 0,
                      .merge_whole = layer->merge_whole,
                      .merge_alphas = layer->merge_alphas};
    NetBlock block = {.n = 1, .layers = &alone};
    int height = net->params.height, width = net->params.width;
    QtrTensor *x = harness_tensor(h, CHANNELS, height, width, find(file, "x", "")->data);
    QtrTensor *dy = harness_tensor(h, CHANNELS, height, width, find(file, "dy", "")->data);
    QtrTensor *y = harness_tensor(h, CHANNELS, height, width, NULL);
    QtrTensor *dx = harness_tensor(h, CHANNELS, height, width, NULL);
    g_autofree char *y_name = g_strconcat(name, ".y", NULL);
    g_autofree char *dx_name = g_strconcat(name, ".dx", NULL);

    harness_write_step(h);
    if (net->is_supernet)
        harness_run_list(net->select);
    harness_run_list(net->prepare);
    net_emit_block(net, &h->emit, &block, x, y, FALSE);
    if (net->is_supernet) {
        net_emit_block_backward(net, &h->emit, TRUE, &block, dy, dx, FALSE);
        harness_run(h);
        harness_run_list(net->update_alpha);
        harness_compare(dx, file, dx_name, chain ? chain->dx.doubt : NULL);
    }
    net_emit_block_backward(net, &h->emit, FALSE, &block, dy, dx, FALSE);
    harness_run(h);
    harness_run_list(net->update_weight);
    harness_compare(y, file, y_name, chain ? chain->y.doubt : NULL);
    harness_compare(dx, file, dx_name, chain ? chain->dx.doubt : NULL);
}

/* One trained tensor's gradient against the file's, and against the chain's own. */
static void compare_gradient(QtrNet *net, int tensor, const QtrSafetensors *file, const char *name,
                             const Doubtful *own)
{
    const QtrTensorInfo *info = qtr_net_tensor(net, (guint)tensor);
    g_autofree char *place =
        g_strrstr(info->name, ".net.") ? g_strdup(g_strrstr(info->name, ".net.")) : NULL;
    const QtrStoredTensor *expected;
    g_autofree float *values = g_new(float, info->count), *twin = g_new(float, info->count);
    g_autofree char *there = g_strconcat(place, ".grad", NULL);

    if (info->kind != QTR_TENSOR_TRAINED)
        return;
    expected = find(file, name, there);
    assert_int_equal(expected->count, info->count);
    assert_true(qtr_net_read(net, (guint)tensor, QTR_PART_GRADIENT, values, NULL));
    golden_compare_doubtful(expected->name, values, expected->data, info->count,
                            own ? own->doubt : NULL);
    for (gsize i = 0; own && i < info->count; i++)
        twin[i] = (float)own->value[i];
    if (own)
        golden_compare_doubtful(expected->name, values, twin, info->count, own->doubt);
}

static void compare_gradients(QtrNet *net, const NetOp *op, const QtrSafetensors *file,
                              const char *name, const Chain *chain)
{
    for (int i = 0; i < op->n_convs; i++) {
        const NetConv *c = net_conv(net, op->first_conv + i);

        compare_gradient(net, c->weight, file, name, chain ? &chain->dw[i] : NULL);
        compare_gradient(net, c->steps, file, name, chain ? &chain->ds[i] : NULL);
    }
}

/* A large doubt proves nothing: `most` of dx at most may have any. */
static void check_doubts(const Chain *chain, const char *name, double most)
{
    gsize n = 0;

    for (gsize i = 0; chain && i < chain->dx.count; i++)
        n += chain->dx.doubt[i] > 0.0;
    if (chain && (double)n > most * (double)chain->dx.count)
        fail_msg("%s: %" G_GSIZE_FORMAT " elements of dx lie behind a threshold", name, n);
}

static Chain *chain_of(QtrNet *net, const NetOp *op, const float *p, const QtrSafetensors *file)
{
    return op->n_convs > 0
               ? chain_new(net, op, p, find(file, "x", "")->data, find(file, "dy", "")->data)
               : NULL;
}

/* Supernets: one body layer of all the file's primitives and `zero`, whose probability makes up for
 * what the file's alphas (used as probabilities) leave. */

/* The draws of all convolutions: `where` as QtrNetParams.noise_at has it. */
static float *gather_noise(const QtrSafetensors *file, const GPtrArray *names, int n_bits,
                           gsize *count, int **where)
{
    g_autoptr(GArray) draws = g_array_new(FALSE, FALSE, sizeof(float));
    g_autoptr(GArray) of_weights = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GArray) of_acts = g_array_new(FALSE, FALSE, sizeof(int));

    for (guint k = 0; k < names->len; k++)
        for (guint i = 0;; i++) {
            g_autofree char *name =
                g_strdup_printf("%s.noise.%u", (char *)g_ptr_array_index(names, k), i);
            const QtrStoredTensor *t = qtr_safetensors_find(file, name);
            int at = (int)draws->len;

            if (!t)
                break;
            g_array_append_val(*(i % 2 == 0 ? &of_weights : &of_acts), at);
            for (gsize j = 0; j < t->count; j++) {
                float half = 0.5f * ((const float *)t->data)[j];

                g_array_append_val(draws, half);
            }
        }
    assert_int_equal(of_weights->len, of_acts->len);
    assert_int_equal(of_weights->len % (guint)n_bits, 0);
    g_array_append_vals(of_weights, of_acts->data, of_acts->len);
    *where = g_memdup2(of_weights->data, of_weights->len * sizeof(int));
    *count = draws->len;
    return g_memdup2(draws->data, draws->len * sizeof(float));
}

static void write_body_alphas(QtrNet *net, int n_primitives, int k, const float *p)
{
    int n_bits = net->n_bits, n = n_primitives * n_bits, index;
    g_autofree char *name = g_strdup_printf("_alphas.%d", (int)QTR_BLOCK_BODY);
    g_autofree float *alphas = g_new(float, n);
    double rest = 1.0;

    for (int i = 0; i < n; i++)
        alphas[i] = -1e4f;
    for (int b = 0; b < n_bits; b++) {
        rest -= (double)p[b];
        alphas[k * n_bits + b] = (float)log((double)p[b]);
    }
    for (int b = 0; b < n_bits; b++)
        alphas[n - n_bits + b] = (float)log(rest / n_bits);
    index = qtr_net_tensor_find(net, name);
    assert_int_equal(qtr_net_tensor(net, (guint)index)->count, n);
    assert_true(qtr_net_write(net, (guint)index, QTR_PART_VALUE, alphas, NULL));
}

/* The file has d/dp; the network d/dalpha = p * (d/dp - sum p * d/dp) of the softmax. */
static void compare_alphas(QtrNet *net, int n_primitives, int k, const QtrSafetensors *file,
                           const char *name, const Chain *chain)
{
    int n_bits = net->n_bits, n = n_primitives * n_bits;
    const float *p = find(file, name, ".alpha")->data, *dp = find(file, name, ".dalpha")->data;
    g_autofree char *what = g_strconcat(name, ".dalpha", NULL);
    g_autofree char *tensor = g_strdup_printf("_alphas.%d", (int)QTR_BLOCK_BODY);
    g_autofree float *got = g_new(float, n), *expected = g_new0(float, n);
    g_autofree double *doubt = g_new0(double, n);
    double mean = 0.0, mean_doubt = 0.0, rest = 1.0;

    for (int b = 0; b < n_bits; b++) {
        mean += (double)p[b] * (double)dp[b];
        mean_doubt += (double)p[b] * (chain ? chain->dp.doubt[b] : 0.0);
        rest -= (double)p[b];
    }
    for (int b = 0; b < n_bits; b++) {
        expected[k * n_bits + b] = (float)((double)p[b] * ((double)dp[b] - mean));
        doubt[k * n_bits + b] = (double)p[b] * ((chain ? chain->dp.doubt[b] : 0.0) + mean_doubt);
        expected[n - n_bits + b] = (float)(rest / n_bits * -mean);
        doubt[n - n_bits + b] = rest / n_bits * mean_doubt;
    }
    assert_true(
        qtr_net_read(net, (guint)qtr_net_tensor_find(net, tensor), QTR_PART_GRADIENT, got, NULL));
    golden_compare_doubtful(what, got, expected, (gsize)n, doubt);
}

static void compare_cost(QtrNet *net, const QtrSafetensors *file, const char *name)
{
    const float *cost = find(file, name, ".cost")->data;
    float results[QTR_RESULTS];

    assert_true(qtr_buffer_read(net->results, 0, results, sizeof results, NULL));
    assert_true(fabsf(results[QTR_RESULT_COST] - cost[0]) <= 1e-5f * cost[0]);
    assert_true(fabsf(results[QTR_RESULT_MEMORY] - cost[1]) <= 1e-5f * cost[1]);
}

static QtrNet *new_supernet(QtrDevice *device, const QtrSafetensors *file, const GPtrArray *names,
                            const float *noise, gsize noise_count, const int *noise_at)
{
    /* c0 = 1 makes the penalty's slope penalty / (5/4 - 4/5). */
    const QtrNetCounters counters = {.has_reference = TRUE, .reference_cost = 1.0f};
    g_autoptr(JsonNode) bits = json_from_string(qtr_safetensors_metadata(file, "bits"), NULL);
    QtrNetParams params;
    QtrNet *net;

    plain_params(&params, file);
    params.sparsity = QTR_SPARSITY_NONE;
    params.penalty = COST_WEIGHT * (1.25 - 0.8);
    params.noise = noise;
    params.noise_count = noise_count;
    params.noise_at = noise_at;
    params.quant_noise = noise != NULL;
    params.arch.n_bits = (int)json_array_get_length(json_node_get_array(bits));
    for (int b = 0; b < params.arch.n_bits; b++)
        params.arch.bits[b] = (int)json_array_get_int_element(json_node_get_array(bits), (guint)b);
    params.arch.n_primitives[QTR_BLOCK_BODY] = (int)names->len + 1;
    for (guint k = 0; k < names->len; k++)
        params.arch.primitives[QTR_BLOCK_BODY][k] = primitive(g_ptr_array_index(names, k));
    params.arch.primitives[QTR_BLOCK_BODY][names->len] = primitive("zero");
    net = golden_new_net(device, &params, NULL);
    for (guint k = 0; k < names->len; k++) {
        g_autofree char *prefix = g_strdup_printf("net.body.0.body.net.0._ops.%u.", k);
        g_autofree char *there = g_strconcat(g_ptr_array_index(names, k), ".", NULL);

        golden_write_net(net, file, there, prefix);
    }
    assert_true(qtr_net_reset_steps(net, NULL));
    assert_true(qtr_net_set_counters(net, &counters, NULL));
    return net;
}

static void check_mixed(const char *file_name, double most)
{
    g_autoptr(QtrSafetensors) file = golden_load(file_name);
    g_autoptr(QtrDevice) device = golden_device();
    g_autoptr(GPtrArray) names = names_of(file);
    gboolean noisy = strcmp(qtr_safetensors_metadata(file, "quant_noise"), "true") == 0;
    gsize noise_count = 0;
    g_autofree int *noise_at = NULL;
    g_autofree float *noise = noisy ? gather_noise(file, names, 2, &noise_count, &noise_at) : NULL;
    g_autoptr(QtrNet) net = new_supernet(device, file, names, noise, noise_count, noise_at);

    for (guint k = 0; k < names->len; k++) {
        const char *name = g_ptr_array_index(names, k);
        const NetOp *op = &net->cells[0].body.layers[0].ops[k];
        const float *p = find(file, name, ".alpha")->data;
        g_autoptr(Chain) chain = noisy ? NULL : chain_of(net, op, p, file);

        write_body_alphas(net, (int)names->len + 1, (int)k, p);
        run_op(net, op, file, name, chain);
        compare_gradients(net, op, file, name, chain);
        compare_alphas(net, (int)names->len + 1, (int)k, file, name, chain);
        check_doubts(chain, name, most);
        compare_cost(net, file, name);
    }
}

/* Final networks: each primitive a body layer. */
static QtrNet *new_final(QtrDevice *device, const QtrSafetensors *file, const GPtrArray *names)
{
    int bits = atoi(qtr_safetensors_metadata(file, "bits"));
    QtrGenotype genotype = golden_zero_genotype();
    QtrNetParams params;
    QtrNet *net;

    plain_params(&params, file);
    genotype.layers[QTR_BLOCK_BODY] = (int)names->len;
    for (guint k = 0; k < names->len; k++)
        genotype.genes[QTR_BLOCK_BODY][k] = (QtrGene){primitive(g_ptr_array_index(names, k)), bits};
    params.genotype = &genotype;
    net = golden_new_net(device, &params, NULL);
    for (guint k = 0; k < names->len; k++) {
        g_autofree char *prefix = g_strdup_printf("body.0.body.%u.", k);
        g_autofree char *there = g_strconcat(g_ptr_array_index(names, k), ".", NULL);

        golden_write_net(net, file, there, prefix);
    }
    return net;
}

static void check_discrete(const char *file_name, double most)
{
    g_autoptr(QtrSafetensors) file = golden_load(file_name);
    g_autoptr(QtrDevice) device = golden_device();
    g_autoptr(GPtrArray) names = names_of(file);
    g_autoptr(QtrNet) net = new_final(device, file, names);

    for (guint k = 0; k < names->len; k++) {
        const char *name = g_ptr_array_index(names, k);
        const QtrGene *gene = &net->genotype.genes[QTR_BLOCK_BODY][k];
        const NetOp *op = &net->cells[0].body.layers[k].ops[0];
        const float one = 1.0f;
        g_autoptr(Chain) chain = chain_of(net, op, &one, file);
        const float *costs = find(file, name, ".bitops_memory")->data;
        QtrCost cost = qtr_gene_cost(gene, CHANNELS, CHANNELS, CHANNELS, net->params.height,
                                     net->params.width);

        run_op(net, op, file, name, chain);
        compare_gradients(net, op, file, name, chain);
        check_doubts(chain, name, most);
        assert_true(fabs(cost.bitops - (double)costs[0]) <= 1e-6 * (double)costs[0]);
        /* The reference has the memory of the last convolution only (method.md 14). */
        assert_true(cost.memory >= (double)costs[1]);
    }
}

#define MIXED(mode, most)                                                                          \
    static void test_##mode(void **state)                                                          \
    {                                                                                              \
        check_mixed("primitives_" #mode ".safetensors", most);                                     \
    }
#define DISCRETE(bits, most)                                                                       \
    static void test_final_##bits(void **state)                                                    \
    {                                                                                              \
        check_discrete("final_primitives_" #bits ".safetensors", most);                            \
    }

/* The second number: which part of dx may lie behind a threshold. */
MIXED(fp32, 0.01)
MIXED(shared84, 0.1)
MIXED(shared842, 0.2)
MIXED(mixed32_4, 0.1)
MIXED(noise84, 1.0)
MIXED(noise84_part, 1.0)
DISCRETE(2, 0.9)
DISCRETE(4, 0.9)
DISCRETE(8, 0.25)
DISCRETE(32, 0.01)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fp32),      cmocka_unit_test(test_shared84),
        cmocka_unit_test(test_shared842), cmocka_unit_test(test_mixed32_4),
        cmocka_unit_test(test_noise84),   cmocka_unit_test(test_noise84_part),
        cmocka_unit_test(test_final_2),   cmocka_unit_test(test_final_4),
        cmocka_unit_test(test_final_8),   cmocka_unit_test(test_final_32),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
