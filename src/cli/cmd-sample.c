#include "cli/command.h"

#include "base/error.h"
#include "cli/batch-command.h"

#include <string.h>

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)

/* The name the runs of `dir` have already, so that a folder can be renamed; else its own. */
static char *name_of_runs(const QtrConfig *config, const char *dir)
{
    g_autofree char *path = dir ? g_build_filename(config->env.log_dir, dir, NULL) : NULL;
    g_autoptr(GPtrArray) trials = path ? qtr_batch_read(path, NULL) : NULL;
    const char *name = NULL;

    for (guint i = 0; trials && i < trials->len; i++) {
        const QtrTrial *trial = g_ptr_array_index(trials, i);

        if (name && strcmp(name, trial->batch_name) != 0) /* several: none is meant */
            return g_path_get_basename(dir);
        name = trial->batch_name;
    }
    return name ? g_strdup(name) : dir ? g_path_get_basename(dir) : g_strdup("random");
}

static gboolean do_sample(const QtrCli *cli, GError **error)
{
    const QtrOptions *options = cli->options;
    g_autoptr(QtrConfig) config = NULL;
    g_autoptr(QtrBatch) batch = NULL;
    g_autofree char *name = NULL;
    QtrArch arch;

    if (options->runs <= options->start) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "runs go from -s %d to before -r %d: there is none", options->start,
                    options->runs);
        return FALSE;
    }
    if (!(config = qtr_cli_load_config(cli, QTR_CLI_BATCH_NEEDS, error)))
        return FALSE;
    name = options->name ? g_strdup(options->name) : name_of_runs(config, options->dir);
    batch = qtr_cli_batch_open(cli, config, name, error);
    if (!batch)
        return FALSE;
    qtr_config_get_arch(config, &arch);
    return qtr_batch_add_samples(batch, &arch, options->start, options->runs,
                                 (guint64)config->env.seed, error) &&
           qtr_cli_batch_run(cli, batch, error);
}

static const QtrOption sample_options[] = {
    {"dir", 'd', QTR_OPTION_TEXT, AT(dir), "DIR", "folder of the batch in env.log_dir (batch)"},
    {"name", 'n', QTR_OPTION_TEXT, AT(name), "NAME",
     "name of the runs (that of the runs there are, else the folder's)"},
    {"runs", 'r', QTR_OPTION_INT, AT(runs), "RUNS", "number of the run to stop before (10)",
     .min = 1, .max = QTR_RUNS_MAX},
    {"start", 's', QTR_OPTION_INT, AT(start), "START", "number of the first run (0)", .min = 0,
     .max = QTR_RUNS_MAX},
    {"retry-failed", 0, QTR_OPTION_FLAG, AT(retry_failed), NULL, "run failed trials again"},
    QTR_OPTION_DEVICES,
    {NULL},
};

const QtrCommand qtr_command_sample = {
    .name = "sample",
    .arguments = "",
    .summary = "Train and validate random architectures, the baseline of a search",
    .description =
        "Every run draws primitive and bits of each layer uniformly, then trains and validates\n"
        "the network twice: with these bits and with 32. Run as 'batch' is: side by side on "
        "several\n"
        "devices, going on where it stopped, by 'batch --resume' as well.",
    .examples = "  quantoaster sample -d random -r 10 -s 0 -g 0 -c quant_config.yaml",
    .options = sample_options,
    .run = do_sample,
};
