#include "cli/command.h"

#include "base/error.h"
#include "run/draw.h"

#include <math.h>

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)

static gboolean do_draw(const QtrCli *cli, GError **error)
{
    const QtrOptions *options = cli->options;
    QtrDrawCaption caption = QTR_DRAW_CAPTION_INIT;
    g_autofree char *title = g_path_get_basename(options->arguments[0]);
    g_autoptr(QtrConfig) config = NULL;
    g_autoptr(QtrDrawing) drawing = NULL;
    QtrGenotype genotype;
    JsonObject *result;
    QtrArch arch;

    if (!options->output) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "where does the picture go? Give -o FILE.svg "
                    "or -o FILE.png");
        return FALSE;
    }
    if (!(config = qtr_cli_load_config_or_default(cli, error)) ||
        !qtr_genotype_load(&genotype, options->arguments[0], error))
        return FALSE;
    qtr_config_get_arch(config, &arch);
    if (!qtr_genotype_check(&genotype, &arch, error))
        return FALSE;
    caption.title = title;
    drawing = qtr_drawing_new_genotype(&genotype, &arch, &caption);
    if (!qtr_drawing_save(drawing, options->output, error))
        return FALSE;
    qtr_console_print(cli->console, "%s\n", options->output);
    result = json_object_new();
    json_object_set_string_member(result, "output", options->output);
    qtr_console_result(cli->console, "result", result);
    return TRUE;
}

static const QtrOption draw_options[] = {
    {"output", 'o', QTR_OPTION_PATH, AT(output), "FILE", "picture to write, .svg or .png"},
    {NULL},
};

const QtrCommand qtr_command_draw = {
    .name = "draw",
    .arguments = "G.gen",
    .summary = "Draw a genotype as a picture",
    .description = "Channels, cells, scale and the kind of skips are those of -c, or the defaults.",
    .examples = "  quantoaster draw best_arch.gen -o network.svg",
    .options = draw_options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = do_draw,
};
