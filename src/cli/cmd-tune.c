#include "cli/command.h"

#include "base/error.h"
#include "gpu/tuning.h"
#include "ops/tune.h"
#include "run/config-net.h"

#include <string.h>

/* A convolution and the images it works on. */
typedef struct {
    QtrConvShape shape;
    int height, width;
} Work;

static void add_work(GArray *works, const QtrConvShape *shape, int height, int width)
{
    const Work work = {*shape, height, width};

    for (guint i = 0; i < works->len; i++)
        if (memcmp(&g_array_index(works, Work, i).shape, shape, sizeof *shape) == 0)
            return;
    g_array_append_val(works, work);
}

/* The different convolutions of a search, and their data gradients. */
static GArray *works_of(const QtrNetParams *params)
{
    const QtrArch *arch = &params->arch;
    GArray *works = g_array_new(FALSE, FALSE, sizeof(Work));

    for (int i = 0; i < qtr_arch_layer_count(arch); i++) {
        QtrConvShape chain[QTR_CHAIN_MAX];
        QtrBlock block;
        int layer, in, out, zoom;

        qtr_arch_layer_at(arch, i, &block, &layer);
        qtr_arch_layer_channels(arch, block, layer, &in, &out);
        zoom = qtr_block_zoom(arch, block);
        for (int k = 0; k < arch->n_primitives[block]; k++) {
            int n = qtr_primitive_chain(arch->primitives[block][k], in, out, arch->c_fixed, chain);

            for (int c = 0; c < n; c++) {
                const QtrConvShape back = qtr_conv_transposed(&chain[c]);

                add_work(works, &chain[c], params->height * zoom, params->width * zoom);
                add_work(works, &back, params->height * zoom, params->width * zoom);
            }
        }
    }
    return works;
}

static void print_result(QtrConsole *console, const Work *work, const QtrTuneResult *r)
{
    const QtrConvShape *s = &work->shape;

    qtr_console_print(console,
                      "%3d to %3d, %dx%d, %2d groups: %8.1f us, %.2f times as fast as the usual "
                      "tile; %d channels and %d quads an item, %d items across%s, best of %d\n",
                      s->in, s->out, s->kh, s->kw, s->groups, 1e6 * r->seconds,
                      r->usual / r->seconds, r->tile.part, r->tile.vectors, r->tile.items_x,
                      r->tile.subgroups ? " in subgroups" : "", r->candidates);
}

static gboolean measure(const QtrCli *cli, QtrDevice *device, const QtrNetParams *params,
                        GError **error)
{
    g_autoptr(GArray) works = works_of(params);

    qtr_tuning_forget(device);
    for (guint i = 0; i < works->len; i++) {
        const Work *work = &g_array_index(works, Work, i);
        QtrTuneResult result;

        if (g_atomic_int_get(cli->stop)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_CANCELLED, "stopped; nothing was saved");
            return FALSE;
        }
        if (!qtr_tune_conv(device, &work->shape, params->batch, work->height, work->width, &result,
                           error))
            return FALSE;
        print_result(cli->console, work, &result);
    }
    return TRUE;
}

static gboolean save(const QtrCli *cli, QtrDevice *device, GError **error)
{
    g_autofree char *path = qtr_tuning_save(device, error), *exported = NULL;
    const char *folder = cli->options->output;
    JsonObject *report;

    if (!path || (folder && !(exported = qtr_tuning_export(device, folder, error))))
        return FALSE;
    qtr_console_print(cli->console, "saved in %s; it is used from now on\n", path);
    report = json_object_new();
    json_object_set_string_member(report, "path", path);
    if (exported) {
        qtr_console_print(cli->console, "for others with such a device: %s\n", exported);
        json_object_set_string_member(report, "output", exported);
    }
    qtr_console_result(cli->console, "result", report);
    return TRUE;
}

static gboolean do_tune(const QtrCli *cli, GError **error)
{
    g_autoptr(QtrConfig) config = qtr_cli_load_config(cli, 0, error);
    g_autoptr(QtrDevice) device = NULL;
    const char *selector;
    QtrNetParams params;

    if (!config || !qtr_cli_device(cli, &selector, error))
        return FALSE;
    device = qtr_device_open(&(QtrDeviceParams){.selector = selector, .log = cli->log}, error);
    if (!device)
        return FALSE;
    if (!qtr_device_info(device)->shares_tiles) {
        g_set_error(
            error, QTR_ERROR, QTR_ERROR_USAGE,
            "on %s there is nothing to measure: the tiles of convolutions on CPUs are fixed",
            qtr_device_info(device)->name);
        return FALSE;
    }
    qtr_config_get_supernet(config, &params);
    if (!measure(cli, device, &params, error))
        return FALSE;
    return save(cli, device, error);
}

static const QtrOption tune_options[] = {
    {"output", 'o', QTR_OPTION_PATH, G_STRUCT_OFFSET(QtrOptions, output), "DIR",
     "also write a file for others with such a device here"},
    {NULL},
};

const QtrCommand qtr_command_tune = {
    .name = "tune",
    .arguments = "",
    .summary = "Measure how a GPU computes a search's convolutions fastest",
    .description =
        "Tries the sizes of work-groups and of their items for every convolution of the\n"
        "configuration, and keeps the fastest for this device and driver. Results do not change,\n"
        "only the time they take. CPUs need no tuning.\n\n"
        "Others need not measure again: a file that -o wrote is used on devices of the same name\n"
        "if it lies in configs/tuning of the current folder or of the installation and they have\n"
        "not measured themselves. A copy under the vendor's name, nvidia-corporation.json,\n"
        "is used on the vendor's other devices.",
    .examples = "  quantoaster tune -c quant_config.yaml\n"
                "  quantoaster tune -c quant_config.yaml -o configs/tuning",
    .options = tune_options,
    .max_arguments = 0,
    .run = do_tune,
};
