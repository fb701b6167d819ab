#include "cli/command.h"

#include "base/error.h"
#include "base/json.h"
#include "search/space.h"

#define SIDE 32 /* of the LR image costs are for */

static JsonObject *choice_json(const QtrSpaceChoice *choice, const QtrArch *arch)
{
    JsonObject *object = json_object_new();
    JsonArray *bitops = json_array_new();

    for (int b = 0; b < arch->n_bits; b++)
        json_array_add_element(bitops, qtr_json_number(choice->costs[b].bitops));
    json_object_set_string_member(object, "block", qtr_block_name(choice->block));
    json_object_set_int_member(object, "layer", choice->layer);
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
                      choice->layer, choice->in, choice->out, times);
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

static gboolean do_space(const QtrCli *cli, GError **error)
{
    g_autoptr(QtrConfig) config = qtr_cli_load_config(cli, error);
    g_autoptr(QtrSpace) space = NULL;
    QtrArch arch;

    if (!config)
        return FALSE;
    qtr_config_get_arch(config, &arch);
    space = qtr_space_new(&arch, SIDE, SIDE, error);
    if (!space)
        return FALSE;
    print_space(cli->console, space, &arch);
    if (qtr_console_is_json(cli->console))
        qtr_console_result(cli->console, "result", space_json(space, &arch));
    return TRUE;
}

const QtrCommand qtr_command_space = {
    .name = "space",
    .arguments = "",
    .summary = "Describe the search space of a configuration",
    .description = "Layers, primitives and the cost of each, the number of architectures, the\n"
                   "cheapest and the dearest.",
    .examples = "  quantoaster space -c quant_config.yaml",
    .run = do_space,
};
