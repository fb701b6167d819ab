#include "cli/command.h"

#include "base/error.h"
#include "cli/batch-command.h"

#include <string.h>

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)

/* The section of a bare key: the reference takes it from search or train. */
static const char *section_of(const char *key)
{
    static const char *const sections[] = {"search", "train"};

    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++) {
        g_autofree char *path = g_strdup_printf("%s.%s", sections[i], key);

        if (qtr_config_key_find(path))
            return sections[i];
    }
    return NULL;
}

static gboolean check_key(const char *key, GError **error)
{
    const char *dot = strrchr(key, '.');

    if (section_of(key))
        return TRUE;
    if (dot && section_of(dot + 1))
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "-k takes keys without their section, which is search, or train where search "
                    "has none of that name: -k %s would be %s.%s",
                    dot + 1, section_of(dot + 1), dot + 1);
    else
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "no key '%s' in the sections search and train; see 'help config'", key);
    return FALSE;
}

/* A value the configuration refuses would make every trial of it fail. */
static gboolean check_values(const QtrConfig *config, const char *key, char **values,
                             GError **error)
{
    g_autofree char *text = qtr_config_to_yaml(config);

    for (char **value = values; *value; value++) {
        g_autofree char *override = g_strdup_printf("%s.%s=%s", section_of(key), key, *value);
        const char *const overrides[] = {override, NULL};
        QtrConfig *varied = qtr_config_load_text(text, strlen(text), "the configuration", NULL,
                                                 overrides, NULL, NULL, error);

        if (!varied)
            return FALSE;
        qtr_config_free(varied);
    }
    return TRUE;
}

/* The configuration if it and the values are good, else the problems of both. */
static QtrConfig *load_config(const QtrCli *cli, const char *key, GError **error)
{
    guint needs = QTR_CLI_BATCH_NEEDS | QTR_NEEDS_SUPERNET;
    g_autoptr(GError) missing = NULL;
    g_autoptr(GError) refused = NULL;
    g_autoptr(QtrConfig) config = qtr_cli_load_config(cli, needs, &missing);
    g_autoptr(QtrConfig) incomplete = NULL;
    QtrCli silent = *cli;

    silent.log = NULL;
    if (!config)
        incomplete = qtr_cli_load_config(&silent, 0, NULL);
    if (config || incomplete)
        (void)check_values(config ? config : incomplete, key, cli->options->values, &refused);
    if (!missing && !refused)
        return g_steal_pointer(&config);
    if (missing && refused)
        g_prefix_error(&refused, "%s\n", missing->message);
    if (refused)
        g_propagate_error(error, g_steal_pointer(&refused));
    else
        g_propagate_error(error, g_steal_pointer(&missing));
    return NULL;
}

/* What the folder of the batch says already. */
static gboolean check_resume(const QtrOptions *options, GError **error)
{
    const struct {
        const char *name;
        gboolean given;
    } others[] = {{"-c", options->config != NULL},   {"--set", options->set != NULL},
                  {"--seed", options->seed != NULL}, {"-v", options->values != NULL},
                  {"-k", options->key != NULL},      {"-d", options->dir != NULL},
                  {"-n", options->name != NULL},     {"-r", options->repeat != 1}};

    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        if (others[i].given) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                        "--resume goes on with the trials of %s as they were begun; leave out %s",
                        options->resume, others[i].name);
            return FALSE;
        }
    return TRUE;
}

static gboolean resume(const QtrCli *cli, GError **error)
{
    g_autoptr(QtrBatch) batch = NULL;

    if (!check_resume(cli->options, error) || !(batch = qtr_cli_batch_resume(cli, error)))
        return FALSE;
    return qtr_cli_batch_run(cli, batch, error);
}

static gboolean do_batch(const QtrCli *cli, GError **error)
{
    const QtrOptions *options = cli->options;
    const char *key = options->key ? options->key : "penalty";
    g_autoptr(QtrConfig) config = NULL;
    g_autoptr(QtrBatch) batch = NULL;

    if (options->resume)
        return resume(cli, error);
    if (!check_key(key, error) || !(config = load_config(cli, key, error)))
        return FALSE;
    batch = qtr_cli_batch_open(cli, config, options->name ? options->name : config->env.run_name,
                               error);
    if (!batch)
        return FALSE;
    qtr_batch_add_grid(batch, section_of(key), key, (const char *const *)options->values,
                       options->repeat, (guint64)config->env.seed);
    return qtr_cli_batch_run(cli, batch, error);
}

static const QtrOption batch_options[] = {
    {"values", 'v', QTR_OPTION_MANY, AT(values), "VALUE",
     "values of the key, one run for each, such as 0 0.001 0.005", FALSE, TRUE},
    {"key", 'k', QTR_OPTION_TEXT, AT(key), "KEY",
     "key of search or train that takes the values (penalty)"},
    {"dir", 'd', QTR_OPTION_TEXT, AT(dir), "DIR", "folder of the batch in env.log_dir (batch)"},
    {"name", 'n', QTR_OPTION_TEXT, AT(name), "NAME", "name of the runs (env.run_name)"},
    {"repeat", 'r', QTR_OPTION_INT, AT(repeat), "N",
     "trials of every value; trial i has env.seed + i - 1 (1)", .min = 1, .max = QTR_RUNS_MAX},
    {"resume", 0, QTR_OPTION_PATH, AT(resume), "DIR",
     "without -v and -c: go on with all that is left in this batch's folder"},
    {"retry-failed", 0, QTR_OPTION_FLAG, AT(retry_failed), NULL, "run failed trials again"},
    QTR_OPTION_DEVICES,
    {NULL},
};

const QtrCommand qtr_command_batch = {
    .name = "batch",
    .arguments = "",
    .summary = "Search, train and validate over a grid of values and trials",
    .description =
        "Every trial is a process of its own with two folders in <log_dir>/<dir>/trail_<r>/, r "
        "the\n"
        "number of the trial: SEARCH_<name>_<key>_<value>_trail_<r>-<date> of the search and "
        "TUNE_...\n"
        "of the training and validation of what it found. The names, spelling included, are those\n"
        "of the method's reference implementation. A trial that fails leaves ERROR.txt and the\n"
        "others go on. With several devices (-g 0 1) trials run side by side.\n\n"
        "The same command again skips what is done and goes on with what was interrupted; "
        "--resume\n"
        "does so with all that a folder has, of several grids, names or random runs ('sample') "
        "too.\n"
        "At the end there are summary.csv and a Pareto plot of PSNR against BitOps.",
    .examples = "  quantoaster batch -v 0 0.001 0.005 -d gumbel -r 3 -g 3 -c quant_config.yaml\n"
                "  quantoaster batch --resume logs/gumbel --retry-failed",
    .options = batch_options,
    .run = do_batch,
};
