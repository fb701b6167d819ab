#include "cli/command.h"

#include "base/error.h"
#include "run/draw.h"
#include "run/folder.h"

#include <math.h>

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)

/* Without -c the configuration that lies beside the genotype, as in a run's folder. */
static QtrConfig *load_config(const QtrCli *cli, GError **error)
{
    g_autofree char *dir = g_path_get_dirname(cli->options->arguments[0]);
    g_autofree char *beside = qtr_folder_path(dir, QTR_FOLDER_CONFIG);
    QtrOptions options = *cli->options;
    QtrCli with = *cli;

    if (!options.config && g_file_test(beside, G_FILE_TEST_EXISTS))
        options.config = beside;
    with.options = &options;
    return qtr_cli_load_config_or_default(&with, 0, error);
}

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

    if (!(config = load_config(cli, error)) ||
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
    {"output", 'o', QTR_OPTION_PATH, AT(output), "FILE", "picture to write, .svg or .png", FALSE,
     TRUE},
    {NULL},
};

const QtrCommand qtr_command_draw = {
    .name = "draw",
    .arguments = "G.gen",
    .summary = "Draw a genotype as a picture",
    .description =
        "Channels, cells, scale and the kind of skips are those of -c, else of config.yaml\n"
        "beside the genotype, else the defaults.",
    .examples = "  quantoaster draw best_arch.gen -o network.svg",
    .options = draw_options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = do_draw,
};
