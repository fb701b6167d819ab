#include "cli/help.h"

static void append_words(GString *script, const QtrOption *table)
{
    for (; table && table->name; table++)
        if (!table->hidden)
            g_string_append_printf(script, "--%s ", table->name);
}

/* `--config|-c)` for every option of files, so that bash completes a path after it. */
static void append_path_cases(GString *script, const QtrOption *table)
{
    for (; table && table->name; table++) {
        if (table->kind != QTR_OPTION_PATH || table->hidden)
            continue;
        g_string_append_printf(script, "|--%s", table->name);
        if (table->letter)
            g_string_append_printf(script, "|-%c", table->letter);
    }
}

static void append_command_words(GString *script)
{
    g_string_append(script, "    local commands=\"");
    for (const QtrCommand *const *c = qtr_cli_commands(); *c; c++)
        g_string_append_printf(script, "%s%s", c == qtr_cli_commands() ? "" : " ", (*c)->name);
    g_string_append(script, "\"\n");
}

static void append_option_words(GString *script)
{
    g_string_append(script, "    case \"$command\" in\n");
    for (const QtrCommand *const *c = qtr_cli_commands(); *c; c++) {
        if (!(*c)->options)
            continue;
        g_string_append_printf(script, "    %s) words=\"", (*c)->name);
        append_words(script, (*c)->options);
        g_string_append(script, "\" ;;\n");
    }
    g_string_append(script, "    esac\n    words=\"$words ");
    append_words(script, qtr_options_common());
    g_string_append(script, "\"\n");
}

char *qtr_help_completion(void)
{
    GString *script = g_string_new("# bash completion of quantoaster; made by 'help --completion'\n"
                                   "_quantoaster() {\n"
                                   "    local cur=\"${COMP_WORDS[COMP_CWORD]}\"\n"
                                   "    local prev=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
                                   "    local words=\"\" command=run word\n");

    append_command_words(script);
    g_string_append(script, "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                            "        case \" $commands \" in *\" $word \"*) command=$word; "
                            "commands=\"\"; break ;; esac\n"
                            "    done\n"
                            "    case \"$prev\" in\n    --files");
    append_path_cases(script, qtr_options_common());
    for (const QtrCommand *const *c = qtr_cli_commands(); *c; c++)
        append_path_cases(script, (*c)->options);
    g_string_append(script, ") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
                            "    --set) COMPREPLY=($(compgen -S = -W \"");
    {
        g_auto(GStrv) keys = qtr_help_config_keys();

        for (char **k = keys; *k; k++)
            g_string_append_printf(script, "%s ", *k);
    }
    g_string_append(script, "\" -- \"$cur\")); compopt -o nospace 2>/dev/null; return ;;\n"
                            "    esac\n");
    append_option_words(script);
    g_string_append(script, "    case \"$cur\" in\n"
                            "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
                            "    *) COMPREPLY=($(compgen -W \"$commands\" -- \"$cur\") "
                            "$(compgen -f -- \"$cur\")) ;;\n"
                            "    esac\n}\n"
                            "complete -o filenames -F _quantoaster quantoaster quantoaster-gtk\n");
    return g_string_free(script, FALSE);
}
