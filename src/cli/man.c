#include "cli/help.h"

#include "qtr-build-config.h"

#include <string.h>

/* Text as troff reads it: backslashes and hyphens are escaped, a leading dot or quote is guarded.
 */
static void append_text(GString *page, const char *text)
{
    gboolean line_start = TRUE;

    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            g_string_append(page, "\\&");
        if (*text == '\\')
            g_string_append(page, "\\e");
        else if (*text == '-')
            g_string_append(page, "\\-");
        else
            g_string_append_c(page, *text);
        line_start = *text == '\n';
    }
}

static void append_paragraphs(GString *page, const char *text)
{
    g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);

    for (char **p = paragraphs; *p; p++) {
        g_string_append(page, ".PP\n");
        append_text(page, *p);
        g_string_append_c(page, '\n');
    }
}

static void append_options(GString *page, const QtrOption *table, const QtrOption *except)
{
    for (; table && table->name; table++) {
        g_autofree char *help = qtr_option_help_text(table);

        if (table->hidden || qtr_option_is_in(except, table))
            continue;
        g_string_append(page, ".TP\n");
        if (table->letter)
            g_string_append_printf(page, "\\fB\\-%c\\fR, ", table->letter);
        g_string_append(page, "\\fB\\-\\-");
        append_text(page, table->name);
        g_string_append(page, "\\fR");
        if (table->argument)
            g_string_append_printf(page, " \\fI%s\\fR%s", table->argument,
                                   table->kind == QTR_OPTION_MANY ? " ..." : "");
        g_string_append_c(page, '\n');
        append_text(page, help);
        g_string_append(page, table->required ? " (required).\n" : ".\n");
    }
}

static void append_command(GString *page, const QtrCommand *command)
{
    g_string_append_printf(page, ".SS %s", command->name);
    if (*command->arguments)
        g_string_append_printf(page, " %s", command->arguments);
    g_string_append_c(page, '\n');
    append_text(page, command->summary);
    g_string_append(page, ".\n");
    if (command->description)
        append_paragraphs(page, command->description);
    append_options(page, command->options, NULL);
    if (command->examples) {
        g_string_append(page, ".PP\nExamples:\n.PP\n.nf\n");
        append_text(page, command->examples);
        g_string_append(page, "\n.fi\n");
    }
}

char *qtr_help_man(void)
{
    g_autofree char *keys = qtr_help_config();
    g_autofree char *primitives = qtr_help_primitives();
    GString *page = g_string_new(".TH QUANTOASTER 1 \"\" \"quantoaster " QTR_VERSION
                                 "\" \"User Commands\"\n.SH NAME\n"
                                 "quantoaster \\- search, train and measure quantized "
                                 "super\\-resolution networks\n.SH SYNOPSIS\n"
                                 ".B quantoaster\n[\\fICOMMAND\\fR] [\\fIOPTION\\fR...]\n.br\n"
                                 ".B quantoaster\\-gtk \\-\\-headless\n"
                                 "[\\fICOMMAND\\fR] [\\fIOPTION\\fR...]\n.SH COMMANDS\n"
                                 "Without a command it is \\fBrun\\fR.\n");

    for (const QtrCommand *const *c = qtr_cli_commands(); *c; c++)
        append_command(page, *c);
    g_string_append(page, ".SH OPTIONS OF EVERY COMMAND\n");
    append_options(page, qtr_options_common(), NULL);
    g_string_append(page, ".SH CONFIGURATION\n.nf\n");
    append_text(page, keys);
    g_string_append(page, ".fi\n.SH PRIMITIVES\n.nf\n");
    append_text(page, primitives);
    g_string_append(page, ".fi\n.SH EXIT STATUS\n"
                          ".TP\n0\ndone\n.TP\n1\nfailed\n.TP\n2\nwrong usage or configuration\n"
                          ".TP\n3\npart of a batch failed\n"
                          ".TP\n130\ninterrupted, with the state saved\n"
                          ".SH ENVIRONMENT\n.TP\nNO_COLOR\nno colours on the terminal\n"
                          ".TP\nXDG_CACHE_HOME\nfolder of compiled OpenCL programs\n");
    return g_string_free(page, FALSE);
}
