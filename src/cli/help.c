#include "cli/help.h"

#define OPTION_COLUMN 24

static const char *const exit_codes = "Exit codes: 0 done, 1 failed, 2 usage or configuration, "
                                      "3 part of a batch failed, 130 interrupted.";

/* "-v, --values=NUMBER..." */
static char *option_syntax(const QtrOption *option)
{
    g_autofree char *letter =
        option->letter ? g_strdup_printf("-%c, ", option->letter) : g_strdup("    ");

    return g_strdup_printf("%s--%s%s%s%s", letter, option->name, option->argument ? "=" : "",
                           option->argument ? option->argument : "",
                           option->kind == QTR_OPTION_MANY ? "..." : "");
}

static gboolean has_visible(const QtrOption *table)
{
    for (; table && table->name; table++)
        if (!table->hidden)
            return TRUE;
    return FALSE;
}

static void append_options(GString *text, const QtrOption *table, const QtrOption *except)
{
    for (; table && table->name; table++) {
        g_autofree char *syntax = option_syntax(table), *help = qtr_option_help_text(table);

        if (!table->hidden && !qtr_option_is_in(except, table))
            g_string_append_printf(text, "  %-*s  %s%s\n", OPTION_COLUMN, syntax, help,
                                   table->required ? " (required)" : "");
    }
}

char *qtr_help_overview(void)
{
    GString *text = g_string_new(
        "Usage: quantoaster [COMMAND] [OPTION...]\n\n"
        "Searches small super-resolution networks that keep their quality in a few bits, trains\n"
        "what it finds and measures it. Without a COMMAND it is 'run'.\n\nCommands:\n");

    for (const QtrCommand *const *c = qtr_cli_commands(); *c; c++)
        g_string_append_printf(text, "  %-10s  %s\n", (*c)->name, (*c)->summary);
    g_string_append(text, "\nOptions of every command:\n");
    append_options(text, qtr_options_common(), NULL);
    g_string_append_printf(text,
                           "\n'quantoaster help COMMAND' says more of a command, 'quantoaster help "
                           "config' lists the\nkeys of the configuration, 'quantoaster help "
                           "primitives' what networks are made of.\n\n%s\n",
                           exit_codes);
    return g_string_free(text, FALSE);
}

char *qtr_help_command(const QtrCommand *command)
{
    GString *text = g_string_new("Usage: quantoaster ");

    g_string_append_printf(text, "%s [OPTION...]%s%s\n\n%s.\n", command->name,
                           *command->arguments ? " " : "", command->arguments, command->summary);
    if (command->description)
        g_string_append_printf(text, "\n%s\n", command->description);
    if (has_visible(command->options)) {
        g_string_append(text, "\nOptions:\n");
        append_options(text, command->options, NULL);
    }
    g_string_append(text, "\nOptions of every command:\n");
    append_options(text, qtr_options_common(), command->options);
    if (command->examples)
        g_string_append_printf(text, "\nExamples:\n%s\n", command->examples);
    return g_string_free(text, FALSE);
}
