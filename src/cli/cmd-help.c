#include "cli/command.h"

#include "base/error.h"
#include "base/nearest.h"
#include "cli/help.h"

#include <string.h>

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)

/* What is no command. */
static const struct {
    const char *name;
    char *(*text)(void);
} topics[] = {{"config", qtr_help_config}, {"primitives", qtr_help_primitives}};

static const char *nearest_topic(const char *topic)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *nearest;

    for (const QtrCommand *const *c = qtr_cli_commands(); *c; c++)
        g_ptr_array_add(names, (gpointer)(*c)->name);
    for (gsize i = 0; i < G_N_ELEMENTS(topics); i++)
        g_ptr_array_add(names, (gpointer)topics[i].name);
    g_ptr_array_add(names, NULL);
    nearest = qtr_nearest_name(topic, (const char *const *)names->pdata);
    return nearest ? nearest : qtr_config_nearest_key(topic);
}

static char *topic_text(const char *topic, GError **error)
{
    const QtrCommand *command = qtr_cli_find_command(topic);
    const QtrConfigKey *key = qtr_config_key_find(topic);
    const char *nearest;

    if (command)
        return qtr_help_command(command);
    if (key)
        return qtr_help_key(key);
    for (gsize i = 0; i < G_N_ELEMENTS(topics); i++)
        if (strcmp(topics[i].name, topic) == 0)
            return topics[i].text();
    nearest = nearest_topic(topic);
    if (nearest)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "no help on '%s'; did you mean '%s'?", topic,
                    nearest);
    else
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "no help on '%s'; there is help on commands, config, primitives and each key "
                    "of the configuration",
                    topic);
    return NULL;
}

/* Keys of the configuration are data; the rest is text to be read. */
static gboolean print_json(const QtrCli *cli, const char *topic, GError **error)
{
    const QtrConfigKey *key = topic ? qtr_config_key_find(topic) : NULL;
    g_autofree char *text = NULL;
    JsonObject *result;

    if (!key && g_strcmp0(topic, "config") != 0) {
        /* An unknown topic is the greater mistake. */
        text = topic ? topic_text(topic, error) : NULL;
        if (topic && !text)
            return FALSE;
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "this help is text only; with --json there are 'help config' and 'help KEY'");
        return FALSE;
    }
    result = json_object_new();
    json_object_set_array_member(result, "keys", qtr_help_config_json(key));
    qtr_console_result(cli->console, "result", result);
    return TRUE;
}

static gboolean do_help(const QtrCli *cli, GError **error)
{
    const QtrOptions *options = cli->options;
    const char *topic = options->arguments[0];
    g_autofree char *text = NULL;

    if (options->json)
        return print_json(cli, options->man || options->completion ? NULL : topic, error);
    text = options->man          ? qtr_help_man()
           : options->completion ? qtr_help_completion()
           : topic               ? topic_text(topic, error)
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
    .arguments = "[COMMAND|config|KEY|primitives]",
    .summary = "Explain a command, the keys of the configuration, or the primitives",
    .description =
        "With --json 'help config' and 'help KEY' give \"keys\": key, type, range, default,\n"
        "description and whether --resume may change it.",
    .examples = "  quantoaster help batch\n"
                "  quantoaster help search.penalty\n"
                "  quantoaster help primitives",
    .options = help_options,
    .max_arguments = 1,
    .run = do_help,
};
