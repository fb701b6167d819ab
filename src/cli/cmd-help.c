#include "cli/command.h"

#include "base/error.h"
#include "base/nearest.h"
#include "cli/help.h"

#include <string.h>

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)

static char *topic_text(const char *topic, GError **error)
{
    const QtrCommand *command = qtr_cli_find_command(topic);
    g_autoptr(GPtrArray) names = NULL;
    const char *nearest;

    if (command)
        return qtr_help_command(command);
    if (strcmp(topic, "config") == 0)
        return qtr_help_config();
    names = g_ptr_array_new();
    for (const QtrCommand *const *c = qtr_cli_commands(); *c; c++)
        g_ptr_array_add(names, (gpointer)(*c)->name);
    g_ptr_array_add(names, (gpointer) "config");
    g_ptr_array_add(names, NULL);
    nearest = qtr_nearest_name(topic, (const char *const *)names->pdata);
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "no help on '%s'%s%s%s", topic,
                nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return NULL;
}

static gboolean do_help(const QtrCli *cli, GError **error)
{
    const char *topic = cli->options->arguments[0];
    g_autofree char *text = cli->options->man          ? qtr_help_man()
                            : cli->options->completion ? qtr_help_completion()
                            : topic                    ? topic_text(topic, error)
                                                       : qtr_help_overview();

    if (!text)
        return FALSE;
    g_print("%s", text);
    return TRUE;
}

static const QtrOption help_options[] = {
    {"man", 0, QTR_OPTION_FLAG, AT(man), NULL, "the man page, as troff", TRUE},
    {"completion", 0, QTR_OPTION_FLAG, AT(completion), NULL, "the bash completion", TRUE},
    {NULL},
};

const QtrCommand qtr_command_help = {
    .name = "help",
    .arguments = "[COMMAND|config]",
    .summary = "Explain a command, or list the keys of the configuration",
    .options = help_options,
    .max_arguments = 1,
    .run = do_help,
};
