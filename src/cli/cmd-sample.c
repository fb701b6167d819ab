#include "cli/command.h"

#include "base/error.h"
#include "cli/batch-command.h"

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)

static gboolean do_sample(const QtrCli *cli, GError **error)
{
    const QtrOptions *options = cli->options;
    g_autoptr(QtrConfig) config = NULL;
    g_autoptr(QtrBatch) batch = NULL;
    g_autofree char *name = NULL;
    QtrArch arch;

    if (options->start < 0 || options->runs <= options->start) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "runs go from -s %d to before -r %d: there is none", options->start,
                    options->runs);
        return FALSE;
    }
    if (!(config = qtr_cli_load_config(cli, error)))
        return FALSE;
    name = options->dir ? g_path_get_basename(options->dir) : g_strdup("random");
    batch = qtr_cli_batch_open(cli, config, name, error);
    if (!batch)
        return FALSE;
    qtr_config_get_arch(config, &arch);
    return qtr_batch_add_samples(batch, &arch, options->start, options->runs,
                                 (guint64)config->env.seed, error) &&
           qtr_cli_batch_run(cli, batch, error);
}

static const QtrOption sample_options[] = {
    {"dir", 'd', QTR_OPTION_TEXT, AT(dir), "DIR", "folder in env.log_dir, and name of the runs"},
    {"runs", 'r', QTR_OPTION_INT, AT(runs), "RUNS", "number of the run to stop before (10)"},
    {"start", 's', QTR_OPTION_INT, AT(start), "START", "number of the first run (0)"},
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
        "devices, going on where it stopped.",
    .examples = "  quantoaster sample -d random -r 10 -s 0 -g 0 -c quant_config.yaml",
    .options = sample_options,
    .run = do_sample,
};
