#include "cli/command.h"

#include "base/error.h"
#include "run/config-valsets.h"
#include "run/train-genotype.h"

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

/* `path` NULL: all defaults. */
static QtrConfig *load_configuration(const QtrCli *cli, const char *path, guint needs, QtrLog *log,
                                     GError **error)
{
    g_auto(GStrv) overrides = make_overrides(cli->options);
    g_autoptr(QtrConfig) config =
        qtr_config_load_for(path, (const char *const *)overrides, needs, log, error);

    if (!config || (cli->options->resume && !check_resumed(path, config, error)))
        return NULL;
    return g_steal_pointer(&config);
}

/* The files that options name, one line for each that is not there. */
static void check_files(const QtrOptions *options, GString *problems)
{
    const char *const files[][2] = {{"--weights", options->weights},
                                    {"--genotype", options->genotype},
                                    {"--sets", options->sets}};

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        if (files[i][1] && !g_file_test(files[i][1], G_FILE_TEST_EXISTS))
            qtr_problems_add(problems, "%s: there is no file %s", files[i][0], files[i][1]);
}

/* The folders of the sets that an option names; one problem a line. */
static void check_sets(const QtrOptions *options, GString *problems)
{
    g_autoptr(GError) error = NULL;

    if (options->sets && g_file_test(options->sets, G_FILE_TEST_EXISTS) &&
        !qtr_valsets_check(options->sets, 0, &error))
        qtr_problems_add(problems, "%s", error->message);
}

/* The genotype of an option must fit the configuration's space, but need not lie in it. */
static void check_genotype(const QtrCli *cli, const QtrConfig *config, GString *problems)
{
    const char *path = cli->options->genotype;
    g_autofree char *outside = NULL;
    g_autoptr(GError) error = NULL;
    QtrArch arch;

    if (!config || !path || !g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    qtr_config_get_arch(config, &arch);
    if (!qtr_train_genotype_check(path, &arch, &outside, &error))
        qtr_problems_add(problems, "--genotype: %s", error->message);
    else if (outside)
        qtr_warning(cli->log, "--genotype: %s", outside);
}

/* Mistakes of the configuration and of files that options name are told together. */
static QtrConfig *load(const QtrCli *cli, const char *path, guint needs, GError **error)
{
    g_autoptr(GString) problems = g_string_new(NULL);
    g_autoptr(GError) local = NULL;
    g_autoptr(QtrConfig) config = load_configuration(cli, path, needs, cli->log, &local);
    g_autoptr(QtrConfig) incomplete = config ? NULL : load_configuration(cli, path, 0, NULL, NULL);

    check_files(cli->options, problems);
    check_sets(cli->options, problems);
    if (path)
        check_genotype(cli, config ? config : incomplete, problems);
    if (problems->len == 0 && config)
        return g_steal_pointer(&config);
    if (problems->len == 0)
        g_propagate_error(error, g_steal_pointer(&local));
    else
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "%s%s%s", local ? local->message : "",
                    local ? "\n" : "", problems->str);
    return NULL;
}

QtrConfig *qtr_cli_load_config(const QtrCli *cli, guint needs, GError **error)
{
    g_autofree char *path = find_path(cli->options, error);

    return path ? load(cli, path, needs, error) : NULL;
}

QtrConfig *qtr_cli_load_config_or_default(const QtrCli *cli, guint needs, GError **error)
{
    return cli->options->config ? qtr_cli_load_config(cli, needs, error)
                                : load(cli, NULL, needs, error);
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
