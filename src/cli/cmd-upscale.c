#include "cli/command.h"

#include "base/error.h"
#include "image/image.h"
#include "run/upscale.h"

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)

static gboolean do_upscale(const QtrCli *cli, GError **error)
{
    const QtrOptions *options = cli->options;
    QtrUpscaleParams params = {.weights = options->weights,
                               .genotype = options->genotype,
                               .config_is_given = options->config != NULL,
                               .inputs = (const char *const *)options->arguments,
                               .output = options->output,
                               .skip_existing = options->skip_existing,
                               .tile = options->tile};
    g_autoptr(QtrConfig) config = NULL;
    g_autofree char *there = NULL;
    QtrUpscaleResult done = {0};
    const char *device;
    JsonObject *result;
    QtrJob job;

    if (!qtr_cli_device(cli, &device, error) ||
        !(config = qtr_cli_load_config_or_default(cli, 0, error)))
        return FALSE;
    job = qtr_cli_job(cli, config, device);
    if (!qtr_job_upscale(&job, &params, &done, error))
        return FALSE;
    if (done.skipped > 0)
        there = g_strdup_printf(" (%u more there already)", done.skipped);
    qtr_console_print(cli->console, "%u image%s%s: %s\n", done.images, done.images == 1 ? "" : "s",
                      there ? there : "", options->output);
    result = json_object_new();
    json_object_set_int_member(result, "images", done.images);
    json_object_set_int_member(result, "skipped", done.skipped);
    json_object_set_string_member(result, "output", options->output);
    qtr_console_result(cli->console, "result", result);
    return TRUE;
}

static const QtrOption upscale_options[] = {
    {"weights", 'w', QTR_OPTION_PATH, AT(weights), "FILE", "best.safetensors of a training run",
     FALSE, TRUE},
    {"output", 'o', QTR_OPTION_PATH, AT(output), "OUT",
     "PNG or JPEG file for one image, folder for several", FALSE, TRUE},
    {"skip-existing", 0, QTR_OPTION_FLAG, AT(skip_existing), NULL,
     "leave results that are there as they are: goes on after Ctrl-C"},
    {"genotype", 0, QTR_OPTION_PATH, AT(genotype), "FILE", "genotype, where the weights name none"},
    {"tile", 0, QTR_OPTION_INT, AT(tile), "PIXELS",
     "side of tiles; the result is the same (as the memory asks for)", .min = 1,
     .max = QTR_IMAGE_MAX_SIDE},
    {NULL},
};

const QtrCommand qtr_command_upscale = {
    .name = "upscale",
    .arguments = "IN...",
    .summary = "Enlarge images with a trained network",
    .description =
        "Images of any size, and folders with their subfolders; OUT may lie in such a folder\n"
        "and is then no input. Nothing is written over an input. Grey, alpha and 16 bits stay\n"
        "what they are; the network is described in the file of weights, -c overrides that.",
    .examples = "  quantoaster upscale --weights best.safetensors photo.png -o large.png\n"
                "  quantoaster upscale --weights best.safetensors photos/ -o large/",
    .options = upscale_options,
    .min_arguments = 1,
    .max_arguments = -1,
    .run = do_upscale,
};
