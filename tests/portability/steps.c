/* A few steps of small networks, which launch every kernel of a search, training and inference on
 * odd shapes. Run under oclgrind by simulate.py; by itself it says whether the steps succeed.
 *
 * steps [gpu|cpu]: the form of the kernels. */
#include "nn/net.h"

#include <stdio.h>
#include <string.h>

static const char genotype_text[] =
    "Genotype_SR(head=[('simple_3x3', 8)], body=[('conv_3x1_1x3', 4)], tail=[('simple_1x1', 8)], "
    "skip=[('simple_1x1', 8)], upsample=[('simple_3x3', 8)])";

static const char *const primitives[QTR_BLOCKS][3] = {
    [QTR_BLOCK_HEAD] = {"simple_3x3_grouped_3"},
    [QTR_BLOCK_BODY] = {"conv_5x1_1x5", "simple_3x3", "zero"},
    [QTR_BLOCK_SKIP] = {"simple_1x1", "skip_connect"},
    [QTR_BLOCK_UPSAMPLE] = {"simple_3x3"},
    [QTR_BLOCK_TAIL] = {"simple_3x3", "simple_3x3_grouped_3", "simple_1x1"}, /* merged */
};

static void set_arch(QtrArch *arch)
{
    qtr_arch_init(arch);
    arch->c_fixed = 6;
    arch->scale = 2;
    arch->body_cells = 1;
    arch->skip_mode = FALSE;
    arch->n_bits = 2;
    arch->bits[0] = 8;
    arch->bits[1] = 4;
    for (int b = 0; b < QTR_BLOCKS; b++) {
        arch->layers[b] = b == QTR_BLOCK_TAIL ? 2 : 1;
        arch->n_primitives[b] = 0;
        for (int k = 0; k < 3 && primitives[b][k]; k++)
            arch->primitives[b][arch->n_primitives[b]++] = qtr_primitive_find(primitives[b][k]);
    }
}

static gboolean take_steps(QtrDevice *device, const QtrNetParams *params, GError **error)
{
    const QtrRates rates = {.lr = 1e-3, .alpha_lr = 1e-3, .temperature = 1.0, .sparse = 1e-3};
    float lr[3 * 5 * 7], hr[3 * 10 * 14];
    QtrNetResults results;
    QtrNet *net = qtr_net_new(device, params, error);
    gboolean ok;

    for (gsize i = 0; i < G_N_ELEMENTS(lr); i++)
        lr[i] = (float)(i * 7 % 11) / 11.0f;
    for (gsize i = 0; i < G_N_ELEMENTS(hr); i++)
        hr[i] = (float)(i * 5 % 13) / 13.0f;
    ok = net && qtr_net_set_images(net, lr, params->inference ? NULL : hr, error) &&
         (params->inference || params->genotype || qtr_net_alpha_step(net, &rates, error)) &&
         (params->inference ||
          (qtr_net_weight_step(net, &rates, error) && qtr_net_results(net, &results, error))) &&
         qtr_net_evaluate(net, &rates, error) && qtr_net_read_output(net, hr, error);
    qtr_net_free(net);
    return ok;
}

static gboolean run(QtrDevice *device, GError **error)
{
    QtrNetParams params;
    QtrGenotype genotype;

    qtr_net_params_init(&params);
    set_arch(&params.arch);
    params.height = 5;
    params.width = 7;
    params.clip = 1.0;
    params.quant_noise = TRUE;
    if (!take_steps(device, &params, error))
        return FALSE;
    params.quant_noise = FALSE;
    params.sparsity = QTR_SPARSITY_NONE;
    params.selector = QTR_SELECTOR_GUMBEL;
    if (!take_steps(device, &params, error) ||
        !qtr_genotype_parse(&genotype, genotype_text, "test", error))
        return FALSE;
    params.genotype = &genotype;
    if (!take_steps(device, &params, error))
        return FALSE;
    params.inference = TRUE;
    if (!take_steps(device, &params, error))
        return FALSE;
    params.halves = TRUE;
    return !qtr_device_info(device)->shares_tiles || take_steps(device, &params, error);
}

int main(int argc, char **argv)
{
    gboolean gpu = argc == 2 && strcmp(argv[1], "gpu") == 0;
    const QtrDeviceParams params = {.vector_width = gpu ? 1 : 4,
                                    .tiles = gpu ? QTR_TILES_SHARED : QTR_TILES_ITEMS,
                                    .cache_dir = ""};
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrDevice) device = qtr_device_open(&params, &error);

    if (!device || !qtr_device_self_test(device, &error) || !run(device, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    printf("steps taken on %s\n", qtr_device_info(device)->name);
    return 0;
}
