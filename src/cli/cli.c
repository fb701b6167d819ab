#include "cli/cli.h"

#include "base/error.h"
#include "base/nearest.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/stop.h"
#include "qtr-build-config.h"

#include <locale.h>
#include <string.h>

const QtrCommand *const *qtr_cli_commands(void)
{
    static const QtrCommand *const commands[] = {
        &qtr_command_run,      &qtr_command_search,  &qtr_command_train,
        &qtr_command_validate, &qtr_command_batch,   &qtr_command_sample,
        &qtr_command_prep,     &qtr_command_upscale, &qtr_command_space,
        &qtr_command_draw,     &qtr_command_devices, &qtr_command_bench,
        &qtr_command_tune,     &qtr_command_help,    NULL,
    };

    return commands;
}

const QtrCommand *qtr_cli_find_command(const char *name)
{
    for (const QtrCommand *const *c = qtr_cli_commands(); *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return strcmp(qtr_command_keep_programs.name, name) == 0 ? &qtr_command_keep_programs : NULL;
}

const char *const *qtr_cli_executable(void)
{
    static const char *const executable[] = {"/proc/self/exe", "--headless", NULL};

    return executable;
}

static const QtrCommand *require_command(const char *name, GError **error)
{
    const QtrCommand *command = qtr_cli_find_command(name);
    g_autoptr(GPtrArray) names = NULL;
    const char *nearest;

    if (command)
        return command;
    names = g_ptr_array_new();
    for (const QtrCommand *const *c = qtr_cli_commands(); *c; c++)
        g_ptr_array_add(names, (gpointer)(*c)->name);
    g_ptr_array_add(names, NULL);
    nearest = qtr_nearest_name(name, (const char *const *)names->pdata);
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "unknown command '%s'%s%s%s 'quantoaster help' lists all", name,
                nearest ? "; did you mean '" : ";", nearest ? nearest : "", nearest ? "'?" : "");
    return NULL;
}

static int exit_code_of(const GError *error)
{
    if (error->domain != QTR_ERROR)
        return QTR_EXIT_FAILED;
    switch ((QtrErrorCode)error->code) {
    case QTR_ERROR_USAGE:
        return QTR_EXIT_USAGE;
    case QTR_ERROR_PARTIAL:
        return QTR_EXIT_PARTIAL;
    case QTR_ERROR_CANCELLED:
        return QTR_EXIT_INTERRUPTED;
    default:
        return QTR_EXIT_FAILED;
    }
}

/* Everything that is missing at once, what it is beside it. */
static gboolean check_complete(const QtrCommand *command, const QtrOptions *options, GError **error)
{
    g_autoptr(GPtrArray) missing = qtr_options_missing(options, command->options);
    gboolean arguments = (int)g_strv_length(options->arguments) < command->min_arguments;
    guint n = missing->len + (arguments ? 1 : 0);
    g_autoptr(GString) text = g_string_new(arguments ? command->arguments : "");

    if (n == 0)
        return TRUE;
    for (guint i = 0; i < missing->len; i++) {
        const QtrOption *option = missing->pdata[i];

        if (text->len > 0)
            g_string_append(text, i + 1 == missing->len ? " and " : ", ");
        g_string_append_printf(text, "--%s %s%s (%s)", option->name, option->argument,
                               option->kind == QTR_OPTION_MANY ? "..." : "", option->help);
    }
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "'%s' needs %s; see 'quantoaster help %s'",
                command->name, text->str, command->name);
    return FALSE;
}

static gboolean check_arguments(const QtrCommand *command, char **arguments, GError **error)
{
    int n = (int)g_strv_length(arguments);

    if (command->max_arguments >= 0 && n > command->max_arguments) {
        const char *extra = arguments[command->max_arguments];

        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "'%s' does not know what to do with '%s'; %ssee 'quantoaster help %s'",
                    command->name, extra,
                    strchr(extra, '=') ? "every KEY=VALUE takes a --set of its own; " : "",
                    command->name);
        return FALSE;
    }
    return TRUE;
}

static gboolean run_command(const QtrCommand *command, const QtrOptions *options,
                            QtrConsole *console, GError **error)
{
    QtrStop *stop = qtr_stop_new(qtr_console_log(console));
    QtrCli cli = {options, console, qtr_console_log(console), qtr_stop_flag(stop)};
    gboolean ok = command->run(&cli, error);

    qtr_stop_free(stop);
    return ok;
}

/* TRUE if --help or --version was asked for and answered. */
static gboolean answer_quickly(const QtrOptions *options, const QtrCommand *command, gboolean named)
{
    if (options->version) {
        g_print("quantoaster %s\n", QTR_VERSION);
    } else if (options->help) {
        g_autofree char *text = named ? qtr_help_command(command) : qtr_help_overview();

        g_print("%s", text);
    }
    return options->version || options->help;
}

static gboolean dispatch(const char *const *args, QtrOptions *options, QtrConsole **console,
                         GError **error)
{
    g_autofree const char **rest = NULL;
    const char *name = qtr_options_command(args, &rest);
    const QtrCommand *command = name ? require_command(name, error) : qtr_cli_commands()[0];

    if (!command || !qtr_options_parse(options, command->options, rest, error))
        return FALSE;
    if (answer_quickly(options, command, name != NULL))
        return TRUE;
    *console = qtr_console_new(&(QtrConsoleParams){.out = stdout,
                                                   .err = stderr,
                                                   .json = options->json,
                                                   .quiet = options->quiet,
                                                   .verbose = options->verbose,
                                                   .bar = -1});
    return check_arguments(command, options->arguments, error) &&
           check_complete(command, options, error) &&
           run_command(command, options, *console, error);
}

/* Before a console exists (the options did not parse) --json counts if it is there at all. */
static void report(QtrConsole **console, const char *const *args, const GError *error, int code)
{
    if (!*console)
        *console = qtr_console_new(&(QtrConsoleParams){
            .out = stdout, .err = stderr, .json = g_strv_contains(args, "--json"), .bar = 0});
    qtr_console_error(*console, error, code);
}

/* A script must not take what is cut off for all. */
static gboolean finish_output(GError **error)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot write all of the output (is a disk full?)");
    return FALSE;
}

int qtr_cli_main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    QtrOptions options;
    QtrConsole *console = NULL;
    const char *const *args = (const char *const *)argv + MIN(argc, 1);
    int code = QTR_EXIT_DONE;

    /* Numbers in files and JSON keep their point whatever the user's language. */
    (void)setlocale(LC_ALL, "");
    (void)setlocale(LC_NUMERIC, "C");
    qtr_options_init(&options);
    if (!dispatch(args, &options, &console, &error) || !finish_output(&error)) {
        code = exit_code_of(error);
        report(&console, args, error, code);
    }
    qtr_console_free(console);
    qtr_options_clear(&options);
    return code;
}
