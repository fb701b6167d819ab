#include "cli/command.h"

#include "base/error.h"

/* The words of --set, then --seed, which is short for one. */
static char **make_overrides(const QtrOptions *options)
{
    GPtrArray *overrides = g_ptr_array_new();

    for (char **s = options->set; s && *s; s++)
        g_ptr_array_add(overrides, g_strdup(*s));
    if (options->seed)
        g_ptr_array_add(overrides, g_strdup_printf("env.seed=%s", options->seed));
    g_ptr_array_add(overrides, NULL);
    return (char **)g_ptr_array_free(overrides, FALSE);
}

static char *find_path(const QtrOptions *options, GError **error)
{
    if (options->config && options->resume) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "--resume goes on with the configuration of the run; leave out -c and change "
                    "single keys with --set");
        return NULL;
    }
    if (options->resume)
        return g_build_filename(options->resume, "config.yaml", NULL);
    if (options->config)
        return qtr_config_find(options->config, error);
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "which configuration? Give one with -c, for instance -c quant_config.yaml");
    return NULL;
}

/* A run that is gone on with is still the run that was begun. */
static gboolean check_resumed(const char *path, const QtrConfig *config, GError **error)
{
    g_autoptr(QtrConfig) before = qtr_config_load(path, NULL, NULL, NULL, error);

    return before && qtr_config_check_change(before, config, QTR_CHANGE_RESUME,
                                             "A resumed run goes on as it was begun; 'quantoaster "
                                             "help config' marks the keys that may change",
                                             error);
}

QtrConfig *qtr_cli_load_config(const QtrCli *cli, guint needs, GError **error)
{
    g_auto(GStrv) overrides = make_overrides(cli->options);
    g_autofree char *path = find_path(cli->options, error);
    g_autoptr(QtrConfig) config =
        path ? qtr_config_load_for(path, (const char *const *)overrides, needs, cli->log, error)
             : NULL;

    if (!config || (cli->options->resume && !check_resumed(path, config, error)))
        return NULL;
    return g_steal_pointer(&config);
}

QtrConfig *qtr_cli_load_config_or_default(const QtrCli *cli, guint needs, GError **error)
{
    g_auto(GStrv) overrides = NULL;

    if (cli->options->config)
        return qtr_cli_load_config(cli, needs, error);
    overrides = make_overrides(cli->options);
    return qtr_config_load_for(NULL, (const char *const *)overrides, needs, cli->log, error);
}

gboolean qtr_cli_device(const QtrCli *cli, const char **device, GError **error)
{
    char **devices = cli->options->devices;

    *device = devices ? devices[0] : NULL;
    if (!devices || !devices[1])
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "-g takes one device here, not several; 'batch' and 'sample' run on several");
    return FALSE;
}

QtrJob qtr_cli_job(const QtrCli *cli, const QtrConfig *config, const char *device)
{
    return (QtrJob){.config = config,
                    .device = device,
                    .resume_dir = cli->options->resume,
                    .run_dir = cli->options->run_dir,
                    .log = cli->log,
                    .progress = qtr_console_progress,
                    .progress_data = cli->console,
                    .stop = cli->stop,
                    .executable = qtr_cli_executable()};
}
