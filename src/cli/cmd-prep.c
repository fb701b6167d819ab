#include "cli/command.h"

#include "base/error.h"
#include "image/image.h"
#include "image/patches.h"

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)

typedef struct {
    QtrConsole *console;
    gint64 start;
} Progress;

static void on_progress(guint done, guint total, gpointer user_data)
{
    const Progress *progress = user_data;
    double elapsed = (double)(g_get_monotonic_time() - progress->start) / G_USEC_PER_SEC;
    g_autofree char *detail = g_strdup_printf("%u of %u files", done, total);

    qtr_console_progress(&(QtrProgress){.phase = "prep",
                                        .done = done,
                                        .total = total,
                                        .eta = done ? elapsed * (total - done) / done : -1,
                                        .detail = detail},
                         progress->console);
}

static void on_left_out(const char *path, gpointer user_data)
{
    json_array_add_string_element(user_data, path);
}

static gboolean parse_seed(const char *text, guint64 *seed, GError **error)
{
    *seed = 0;
    if (!text || g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT64, seed, NULL))
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "--seed takes a whole number from 0 to %" G_GUINT64_FORMAT ", not %s", G_MAXUINT64,
                text);
    return FALSE;
}

static gboolean do_prep(const QtrCli *cli, GError **error)
{
    const QtrOptions *options = cli->options;
    g_autoptr(JsonArray) files = json_array_new();
    Progress progress = {cli->console, g_get_monotonic_time()};
    QtrPatchesParams params = {
        .input_dir = options->input,
        .output_dir = options->output,
        .patch = options->patch,
        .stride = options->stride,
        .scale = options->scale,
        .valid = options->valid,
        .log = cli->log,
        .left_out = on_left_out,
        .left_out_data = files,
        .progress = on_progress,
        .progress_data = &progress,
        .stop = cli->stop,
    };
    QtrPatchesResult done;
    JsonObject *result;

    if (!parse_seed(options->seed, &params.seed, error) || !qtr_patches_cut(&params, &done, error))
        return FALSE;
    qtr_console_print(cli->console,
                      "%u patches of %u images for training, %u images for validation, %u left "
                      "out; %u files written\n",
                      done.patches, done.images - done.left_out - done.valid, done.valid,
                      done.left_out, done.written);
    if (done.valid > 0)
        qtr_console_print(cli->console,
                          "To use them: --set dataset.files_list=%s --set "
                          "env.validation_sets=%s/valsets.yaml\n",
                          options->output, options->output);
    result = json_object_new();
    json_object_set_int_member(result, "images", done.images);
    json_object_set_int_member(result, "left_out", done.left_out);
    json_object_set_array_member(result, "left_out_files", g_steal_pointer(&files));
    json_object_set_int_member(result, "patches", done.patches);
    json_object_set_int_member(result, "valid", done.valid);
    json_object_set_int_member(result, "written", done.written);
    qtr_console_result(cli->console, "result", result);
    return TRUE;
}

static const QtrOption prep_options[] = {
    {"input", 'i', QTR_OPTION_PATH, AT(input), "DIR", "folder of images, read with its subfolders",
     FALSE, TRUE},
    {"output", 'o', QTR_OPTION_PATH, AT(output), "DIR", "folder to make", FALSE, TRUE},
    {"patch", 0, QTR_OPTION_INT, AT(patch), "PIXELS",
     "side of a patch (" G_STRINGIFY(QTR_PATCHES_PATCH) ")", .min = 1, .max = QTR_IMAGE_MAX_SIDE},
    {"stride", 0, QTR_OPTION_INT, AT(stride), "PIXELS",
     "from one patch to the next (" G_STRINGIFY(QTR_PATCHES_STRIDE) ")", .min = 1,
     .max = QTR_IMAGE_MAX_SIDE},
    {"scale", 0, QTR_OPTION_INT, AT(scale), "FACTOR",
     "reduction of the LR images (" G_STRINGIFY(QTR_PATCHES_SCALE) ")", .min = 1, .max = 16},
    {"valid", 0, QTR_OPTION_NUMBER, AT(valid), "SHARE",
     "share of the images kept whole for validation (" G_STRINGIFY(QTR_PATCHES_VALID) ")", .min = 0,
     .max = 1},
    {NULL},
};

const QtrCommand qtr_command_prep = {
    .name = "prep",
    .arguments = "",
    .summary = "Cut a folder of images into training patches and validation images",
    .description =
        "Takes the PNG and JPEG images of a folder and its subfolders. Writes the HR\n"
        "patches, their bicubic reductions, and train.list and val.list: the folder is then\n"
        "a dataset.files_list; and valsets.yaml with the images kept whole, which is an\n"
        "env.validation_sets. An image of a subfolder keeps its place in its name: a/b.png\n"
        "is cut into a__b_0_0.png and so on. What is there already is kept, so the same\n"
        "command goes on after an interruption. With images added or taken away since it is\n"
        "refused: which are for validation depends on all of them. Images smaller than a\n"
        "patch are left out: a warning counts them and names the first, --verbose names all,\n"
        "and with --json \"left_out_files\" lists them.",
    .examples = "  quantoaster prep --input DIV2K/HR --output data/DIV2K --patch 200 --stride 70",
    .options = prep_options,
    .run = do_prep,
};
