#include "cli/command.h"

#include "base/error.h"

static gboolean do_space(const QtrCli *cli, GError **error)
{
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "not yet");
    return FALSE;
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
