#include "cli/command.h"

#include "base/error.h"
#include "base/json.h"
#include "cli/bar.h"
#include "run/measure.h"
#include "search/space.h"

#include <math.h>

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)

static JsonObject *choice_json(const QtrSpaceChoice *choice, const QtrArch *arch)
{
    JsonObject *object = json_object_new();
    JsonArray *bitops = json_array_new();

    for (int b = 0; b < arch->n_bits; b++)
        json_array_add_element(bitops, qtr_json_number(choice->costs[b].bitops));
    json_object_set_string_member(object, "block", qtr_block_name(choice->block));
    json_object_set_int_member(object, "layer", choice->layer + 1);
    json_object_set_int_member(object, "in", choice->in);
    json_object_set_int_member(object, "out", choice->out);
    json_object_set_int_member(object, "repeats", choice->repeats);
    json_object_set_string_member(object, "primitive", qtr_primitive_name(choice->primitive));
    json_object_set_int_member(object, "parameters", (gint64)choice->costs[0].parameters);
    json_object_set_member(object, "flops", qtr_json_number(choice->costs[0].flops));
    json_object_set_array_member(object, "bitops", bitops);
    return object;
}

static JsonObject *extreme_json(const QtrGenotype *genotype, const QtrCost *cost)
{
    JsonObject *object = json_object_new();
    g_autofree char *text = qtr_genotype_format(genotype);

    json_object_set_string_member(object, "genotype", text);
    json_object_set_member(object, "bitops", qtr_json_number(cost->bitops));
    json_object_set_int_member(object, "parameters", (gint64)cost->parameters);
    json_object_set_int_member(object, "packed_bytes", (gint64)cost->packed_bytes);
    return object;
}

static JsonObject *space_json(const QtrSpace *space, const QtrArch *arch)
{
    JsonObject *object = json_object_new();
    JsonArray *bits = json_array_new();
    JsonArray *choices = json_array_new();

    for (int b = 0; b < arch->n_bits; b++)
        json_array_add_int_element(bits, arch->bits[b]);
    for (guint i = 0; i < space->choices->len; i++)
        json_array_add_object_element(
            choices, choice_json(&g_array_index(space->choices, QtrSpaceChoice, i), arch));
    json_object_set_int_member(object, "height", space->h);
    json_object_set_int_member(object, "width", space->w);
    json_object_set_array_member(object, "bits", bits);
    json_object_set_array_member(object, "choices", choices);
    json_object_set_string_member(object, "architectures", space->count);
    json_object_set_object_member(object, "cheapest",
                                  extreme_json(&space->cheapest, &space->cheapest_cost));
    json_object_set_object_member(object, "dearest",
                                  extreme_json(&space->dearest, &space->dearest_cost));
    return object;
}

static void print_layer(QtrConsole *console, const QtrSpaceChoice *choice, const QtrArch *arch)
{
    g_autofree char *times =
        choice->repeats > 1 ? g_strdup_printf(", %d times", choice->repeats) : g_strdup("");

    qtr_console_print(console, "\n%s %d: %d to %d channels%s\n", qtr_block_name(choice->block),
                      choice->layer + 1, choice->in, choice->out, times);
    qtr_console_print(console, "  %-24s %10s %10s", "primitive", "parameters", "MFLOPs");
    for (int b = 0; b < arch->n_bits; b++)
        qtr_console_print(console, "  GBitOps/%-2d", arch->bits[b]);
    qtr_console_print(console, "\n");
}

static void print_choice(QtrConsole *console, const QtrSpaceChoice *choice, const QtrArch *arch)
{
    qtr_console_print(console, "  %-24s %10" G_GSIZE_FORMAT " %10.3f",
                      qtr_primitive_name(choice->primitive), choice->costs[0].parameters,
                      choice->costs[0].flops * 1e-6);
    for (int b = 0; b < arch->n_bits; b++)
        qtr_console_print(console, "  %10.4f", choice->costs[b].bitops * 1e-9);
    qtr_console_print(console, "\n");
}

static void print_extreme(QtrConsole *console, const char *what, const QtrGenotype *genotype,
                          const QtrCost *cost)
{
    g_autofree char *text = qtr_genotype_format(genotype);

    qtr_console_print(console,
                      "\n%s: %.4f GBitOps, %" G_GSIZE_FORMAT " parameters, %" G_GSIZE_FORMAT
                      " bytes packed\n  %s\n",
                      what, cost->bitops * 1e-9, cost->parameters, cost->packed_bytes, text);
}

static void print_space(QtrConsole *console, const QtrSpace *space, const QtrArch *arch)
{
    qtr_console_print(console, "Costs are for an LR image of %d x %d.\n", space->w, space->h);
    for (guint i = 0; i < space->choices->len; i++) {
        const QtrSpaceChoice *choice = &g_array_index(space->choices, QtrSpaceChoice, i);
        const QtrSpaceChoice *before =
            i ? &g_array_index(space->choices, QtrSpaceChoice, i - 1) : NULL;

        if (!before || before->block != choice->block || before->layer != choice->layer)
            print_layer(console, choice, arch);
        print_choice(console, choice, arch);
    }
    qtr_console_print(console, "\narchitectures: %s (10^%.1f)\n", space->count, space->count_log10);
    print_extreme(console, "cheapest", &space->cheapest, &space->cheapest_cost);
    print_extreme(console, "dearest", &space->dearest, &space->dearest_cost);
}

static void set_count(JsonObject *object, const char *name, guint count)
{
    if (count > 0)
        json_object_set_int_member(object, name, count);
    else
        json_object_set_null_member(object, name);
}

static JsonObject *measured_json(const QtrMeasurement *m, const QtrDeviceInfo *device)
{
    JsonObject *object = json_object_new();

    json_object_set_string_member(object, "device", device->name);
    json_object_set_double_member(object, "compile_seconds", m->compile);
    json_object_set_double_member(object, "step_seconds", m->step);
    json_object_set_double_member(object, "warm_up_step_seconds", m->warm_up);
    json_object_set_double_member(object, "evaluation_seconds", m->evaluate);
    json_object_set_int_member(object, "memory", (gint64)m->memory);
    set_count(object, "images", m->images);
    set_count(object, "epoch_steps", m->steps);
    json_object_set_member(object, "epoch_seconds", qtr_json_number(m->steps ? m->epoch : NAN));
    json_object_set_member(object, "search_seconds", qtr_json_number(m->steps ? m->search : NAN));
    return object;
}

static void print_measured(QtrConsole *console, const QtrMeasurement *m,
                           const QtrDeviceInfo *device, const QtrConfig *config)
{
    g_autofree char *epoch = qtr_bar_time(m->epoch), *search = qtr_bar_time(m->search);

    qtr_console_print(console,
                      "\nsupernet on %s: %.0f MiB of its memory\n"
                      "  %.3f s a step, %.3f s while alphas rest, %.1f s to the first\n",
                      device->name, (double)m->memory / 0x1p20, m->step, m->warm_up, m->compile);
    if (m->steps > 0)
        qtr_console_print(
            console, "  %s an epoch of %u steps, %s for the %d epochs of the search (h:mm:ss)\n",
            epoch, m->steps, search, config->search.epochs);
    else
        qtr_console_print(console, "  time of an epoch: unknown without dataset.files_list\n");
}

/* Adds "measured" to `result`. */
static gboolean measure(const QtrCli *cli, const QtrConfig *config, const char *selector,
                        JsonObject *result, GError **error)
{
    QtrDeviceParams params = {.selector = selector ? selector : config->env.gpu, .log = cli->log};
    g_autoptr(QtrDevice) device = qtr_device_open(&params, error);
    QtrMeasurement m;

    if (!device || !qtr_measure_search(device, config, cli->stop, &m, error))
        return FALSE;
    print_measured(cli->console, &m, qtr_device_info(device), config);
    json_object_set_object_member(result, "measured", measured_json(&m, qtr_device_info(device)));
    return TRUE;
}

static gboolean check_device(const QtrCli *cli, const char **selector, GError **error)
{
    if (!qtr_cli_device(cli, selector, error))
        return FALSE;
    if (!*selector || cli->options->measure)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "-g needs --measure: nothing else here runs on "
                "a device");
    return FALSE;
}

static gboolean do_space(const QtrCli *cli, GError **error)
{
    g_autoptr(QtrConfig) config = NULL;
    g_autoptr(QtrSpace) space = NULL;
    g_autoptr(JsonObject) result = NULL;
    const char *selector;
    QtrArch arch;

    if (!check_device(cli, &selector, error) || !(config = qtr_cli_load_config(cli, 0, error)))
        return FALSE;
    qtr_config_get_arch(config, &arch);
    space = qtr_space_new(&arch, QTR_COST_SIDE, QTR_COST_SIDE, error);
    if (!space) {
        g_prefix_error(error, "arch.primitives: ");
        return FALSE;
    }
    print_space(cli->console, space, &arch);
    result = space_json(space, &arch);
    if (cli->options->measure && !measure(cli, config, selector, result, error))
        return FALSE;
    qtr_console_result(cli->console, "result", g_steal_pointer(&result));
    return TRUE;
}

static const QtrOption space_options[] = {
    {"measure", 0, QTR_OPTION_FLAG, AT(measure), NULL,
     "also compile the supernet, take some steps on -g, and say time and memory"},
    {NULL},
};

const QtrCommand qtr_command_space = {
    .name = "space",
    .arguments = "",
    .summary = "Describe the search space of a configuration",
    .description =
        "Layers, primitives and the cost of each, the number of architectures, the\n"
        "cheapest and the dearest.\n\n"
        "With --measure the supernet is compiled for the device of -g (else env.gpu, else the\n"
        "best) and takes some steps on synthetic images. With --json the figures are in\n"
        "\"measured\": device; memory in bytes; compile_seconds until the first step is done;\n"
        "step_seconds of an alpha and a weight step; warm_up_step_seconds of a weight step\n"
        "alone; evaluation_seconds of a batch of the validation; and, null where\n"
        "dataset.files_list is not set, images, epoch_steps, epoch_seconds and search_seconds\n"
        "of all epochs. Reading images is not counted: it goes on beside the steps.",
    .examples = "  quantoaster space -c quant_config.yaml\n"
                "  quantoaster space -c quant_config.yaml --measure -g 0",
    .options = space_options,
    .run = do_space,
};
