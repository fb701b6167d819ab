/* A few steps of small networks, which together launch every kernel of a search, training and
 * inference on odd shapes. Run under oclgrind by simulate.py, which counts them; by itself it says
 * whether the steps succeed.
 *
 * steps gpu|cpu|strips: the form of the kernels. */
#include "gpu/private.h"
#include "nn/net.h"

#include <stdio.h>
#include <string.h>

/* The last two layers of body and tail are one convolution each: a pair. */
static const char pairs[] =
    "Genotype_SR(head=[('simple_3x3', 8)], body=[('conv_3x1_1x3', 4), ('simple_3x3', 8), "
    "('simple_3x3', 4)], tail=[('simple_3x3', 8), ('simple_1x1', 8)], skip=[('simple_1x1', 8)], "
    "upsample=[('simple_3x3', 8)])";

/* A layer that leaves zeros. */
static const char nothing[] =
    "Genotype_SR(head=[('simple_5x5', 8)], body=[('simple_3x3', 4), ('zero', 8)], tail=[], "
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

static gboolean take_final_steps(QtrDevice *device, QtrNetParams *params, const char *text,
                                 GError **error)
{
    QtrGenotype genotype;
    gboolean ok;

    if (!qtr_genotype_parse(&genotype, text, "test", error))
        return FALSE;
    params->genotype = &genotype;
    ok = take_steps(device, params, error);
    params->inference = TRUE;
    ok = ok && take_steps(device, params, error);
    params->halves = TRUE;
    ok = ok && (!qtr_device_info(device)->shares_tiles || take_steps(device, params, error));
    params->inference = params->halves = FALSE;
    params->genotype = NULL;
    return ok;
}

static gboolean run(QtrDevice *device, GError **error)
{
    QtrNetParams params;

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
    if (!take_steps(device, &params, error))
        return FALSE;
    params.arch.body_cells = 2;
    if (!take_final_steps(device, &params, pairs, error))
        return FALSE;
    params.arch.skip_mode = TRUE;
    params.optimizer = QTR_OPTIMIZER_SGD;
    return take_final_steps(device, &params, nothing, error);
}

/* What was built, for simulate.py. */
static void print_programs(const QtrDevice *device)
{
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, device->programs);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        printf("program %.*s\n", (int)strcspn(key, "\n"), (const char *)key);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int vector_width;
        QtrTiles tiles;
    } forms[] = {{"gpu", 1, QTR_TILES_SHARED},
                 {"cpu", 4, QTR_TILES_ITEMS},
                 {"strips", 4, QTR_TILES_WINOGRAD}};
    gsize form = 0;
    QtrDeviceParams params = {.cache_dir = ""};
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrDevice) device = NULL;

    while (form < G_N_ELEMENTS(forms) && (argc != 2 || strcmp(argv[1], forms[form].name) != 0))
        form++;
    if (form == G_N_ELEMENTS(forms)) {
        fprintf(stderr, "usage: steps gpu|cpu|strips\n");
        return 2;
    }
    params.vector_width = forms[form].vector_width;
    params.tiles = forms[form].tiles;
    device = qtr_device_open(&params, &error);
    if (device) {
        /* The simulator's device is of all kinds; two convolutions in one launch need one core. */
        device->info->is_cpu = !device->info->shares_tiles;
        device->info->compute_units = 1;
    }
    if (!device || !qtr_device_self_test(device, &error) || !run(device, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    print_programs(device);
    printf("steps taken on %s\n", qtr_device_info(device)->name);
    return 0;
}
