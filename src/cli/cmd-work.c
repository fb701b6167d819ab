#include "cli/command.h"

#include "base/error.h"
#include "cli/validation.h"
#include "run/pipeline.h"
#include "run/run-left.h"

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)
#define RESUME                                                                                     \
    {                                                                                              \
        "resume", 0, QTR_OPTION_PATH, AT(resume), "RUN_DIR",                                       \
            "go on with the run in this folder; 'help config' marks what --set may change"         \
    }
#define RUN_DIR                                                                                    \
    {                                                                                              \
        "run-dir", 0, QTR_OPTION_PATH, AT(run_dir), "DIR",                                         \
            "folder of the run instead of a new one in env.log_dir"                                \
    }
#define SETS                                                                                       \
    {                                                                                              \
        "sets", 0, QTR_OPTION_PATH, AT(sets), "FILE", "validation sets file (env.validation_sets)" \
    }

static void show_dir(JsonObject *result, QtrConsole *console, const char *member, const char *dir)
{
    if (!dir)
        return;
    json_object_set_string_member(result, member, dir);
    qtr_console_print(console, "%s\n", dir);
}

/* A folder that holds a run is gone on with, never written over. */
static gboolean check_run_dir(const QtrOptions *options, GError **error)
{
    if (!options->run_dir || options->resume || !qtr_run_left_weights(options->run_dir))
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "%s holds a run; go on with it by --resume, or give another --run-dir",
                options->run_dir);
    return FALSE;
}

/* What --sets and --genotype name is not looked for in the configuration. */
static guint run_needs(const QtrOptions *options)
{
    return QTR_NEEDS_TRAIN_LIST | QTR_NEEDS_VAL_LIST | (options->sets ? 0 : QTR_NEEDS_SETS) |
           (options->genotype || options->resume ? 0 : QTR_NEEDS_SUPERNET);
}

static gboolean do_run(const QtrCli *cli, GError **error)
{
    g_autoptr(QtrConfig) config = NULL;
    const char *device;
    QtrPipelineResult done = {0};
    JsonObject *result;
    QtrJob job;

    if (!check_run_dir(cli->options, error) || !qtr_cli_device(cli, &device, error) ||
        !(config = qtr_cli_load_config(cli, run_needs(cli->options), error)))
        return FALSE;
    job = qtr_cli_job(cli, config, device);
    if (!qtr_pipeline_run(&job,
                          &(QtrPipelineParams){.genotype = cli->options->genotype,
                                               .train_dir = cli->options->train_dir,
                                               .sets = cli->options->sets},
                          &done, error)) {
        qtr_pipeline_result_clear(&done);
        return FALSE;
    }
    qtr_cli_print_validation(cli->console, done.rows);
    result = json_object_new();
    show_dir(result, cli->console, "search_dir", done.search_dir);
    if (g_strcmp0(done.search_dir, done.train_dir) == 0)
        json_object_set_string_member(result, "train_dir", done.train_dir);
    else
        show_dir(result, cli->console, "train_dir", done.train_dir);
    json_object_set_array_member(result, "validation", qtr_cli_validation_json(done.rows));
    qtr_console_result(cli->console, "result", result);
    qtr_pipeline_result_clear(&done);
    return TRUE;
}

/* A run that is finished needs nothing any more, and one that is gone on with finds out itself. */
static guint one_needs(const QtrOptions *options, gboolean search)
{
    if (options->resume)
        return 0;
    if (search)
        return QTR_NEEDS_TRAIN_LIST | QTR_NEEDS_SUPERNET;
    return QTR_NEEDS_TRAIN_LIST | QTR_NEEDS_VAL_LIST | (options->genotype ? 0 : QTR_NEEDS_GENOTYPE);
}

/* `search` and `train`: one job that leaves one folder. */
static gboolean do_one(const QtrCli *cli, gboolean search, GError **error)
{
    g_autoptr(QtrConfig) config = NULL;
    g_autofree char *dir = NULL;
    guint needs = one_needs(cli->options, search);
    const char *device;
    JsonObject *result;
    QtrJob job;

    if (!check_run_dir(cli->options, error) || !qtr_cli_device(cli, &device, error) ||
        !(config = qtr_cli_load_config(cli, needs, error)))
        return FALSE;
    job = qtr_cli_job(cli, config, device);
    if (search ? !qtr_job_search(&job, &dir, error)
               : !qtr_job_train(&job, cli->options->genotype, &dir, error))
        return FALSE;
    result = json_object_new();
    show_dir(result, cli->console, search ? "search_dir" : "train_dir", dir);
    qtr_console_result(cli->console, "result", result);
    return TRUE;
}

static gboolean do_search(const QtrCli *cli, GError **error)
{
    return do_one(cli, TRUE, error);
}

static gboolean do_train(const QtrCli *cli, GError **error)
{
    return do_one(cli, FALSE, error);
}

static gboolean do_validate(const QtrCli *cli, GError **error)
{
    g_autoptr(QtrConfig) config = NULL;
    g_autoptr(GPtrArray) rows = NULL;
    const char *device, *sets;
    JsonObject *result;
    QtrJob job;

    if ((cli->options->run_dir && !qtr_run_left_check_validation(cli->options->run_dir, error)) ||
        !qtr_cli_device(cli, &device, error) ||
        !(config =
              qtr_cli_load_config_or_default(cli, cli->options->sets ? 0 : QTR_NEEDS_SETS, error)))
        return FALSE;
    sets = cli->options->sets ? cli->options->sets : config->env.validation_sets;
    if (!sets || !*sets) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "which images? Give --sets or set env.validation_sets, a file such as "
                    "configs/valsets4x.yaml");
        return FALSE;
    }
    job = qtr_cli_job(cli, config, device);
    if (!qtr_job_validate(&job, cli->options->weights, sets, &rows, error))
        return FALSE;
    qtr_cli_print_validation(cli->console, rows);
    result = json_object_new();
    json_object_set_array_member(result, "validation", qtr_cli_validation_json(rows));
    qtr_console_result(cli->console, "result", result);
    return TRUE;
}

static const QtrOption run_options[] = {
    {"genotype", 0, QTR_OPTION_PATH, AT(genotype), "FILE",
     "do not search: train and validate this genotype"},
    SETS,
    RESUME,
    RUN_DIR,
    {"train-dir", 0, QTR_OPTION_PATH, AT(train_dir), "DIR",
     "folder of training and validation, if not the same"},
    {NULL},
};

static const QtrOption search_options[] = {RESUME, RUN_DIR, {NULL}};

static const QtrOption train_options[] = {
    {"genotype", 0, QTR_OPTION_PATH, AT(genotype), "FILE", "genotype (train.genotype_path)"},
    RESUME,
    RUN_DIR,
    {NULL},
};

static const QtrOption validate_options[] = {
    {"weights", 'w', QTR_OPTION_PATH, AT(weights), "FILE", "best.safetensors of a training run",
     FALSE, TRUE},
    SETS,
    {"run-dir", 0, QTR_OPTION_PATH, AT(run_dir), "DIR",
     "folder of the results instead of a new one in env.log_dir; not that of a run"},
    {NULL},
};

const QtrCommand qtr_command_run = {
    .name = "run",
    .arguments = "",
    .summary = "Search, train the network found and validate it",
    .description =
        "Leaves a folder RUN_<name>-<date> in env.log_dir with the architecture, the trained\n"
        "weights, curves, validation_df.csv and pictures.",
    .examples = "  quantoaster run -c demo.yaml\n"
                "  quantoaster run -c quant_config.yaml --set search.penalty=0.001 -g 0\n"
                "  quantoaster run --resume logs/RUN_x-2026-01-31-101500",
    .options = run_options,
    .run = do_run,
};

const QtrCommand qtr_command_search = {
    .name = "search",
    .arguments = "",
    .summary = "Search an architecture",
    .description = "Leaves best_arch.gen, checkpoints and curves in SEARCH_<name>-<date>.",
    .examples = "  quantoaster search -c quant_config.yaml --seed 1",
    .options = search_options,
    .run = do_search,
};

const QtrCommand qtr_command_train = {
    .name = "train",
    .arguments = "",
    .summary = "Train a genotype",
    .description =
        "Leaves best.safetensors and curves in TUNE_<name>-<date>, as the method's reference\n"
        "implementation calls the folder of a training.",
    .examples = "  quantoaster train -c quant_config.yaml --genotype best_arch.gen",
    .options = train_options,
    .run = do_train,
};

const QtrCommand qtr_command_validate = {
    .name = "validate",
    .arguments = "",
    .summary = "Measure a trained network on sets of images",
    .description =
        "Writes validation_df.csv and pictures; prints PSNR and SSIM on the luma beside\n"
        "the bicubic PSNR, and the network's cost. In the file \"Model size\" is the number of\n"
        "parameters / 2^20, \"Packed bytes\" what weights in their bit widths take.\n"
        "A run is validated in its own folder by 'run --resume RUN --sets FILE'.",
    .examples = "  quantoaster validate --weights best.safetensors --sets valsets4x.yaml",
    .options = validate_options,
    .run = do_validate,
};
