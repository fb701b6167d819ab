#include "cli/option-private.h"

#include "base/error.h"
#include "image/patches.h"

#include <string.h>

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)

static const QtrOption common[] = {
    {"config", 'c', QTR_OPTION_PATH, AT(config), "FILE",
     "configuration: as given, else in ./configs/, else an installed one"},
    {"set", 0, QTR_OPTION_LIST, AT(set), "KEY=VALUE",
     "override a key of the configuration; see 'help config'"},
    {"gpu", 'g', QTR_OPTION_LIST, AT(devices), "DEVICE",
     "OpenCL device: index or part of a name (env.gpu); see 'devices'"},
    {"seed", 0, QTR_OPTION_TEXT, AT(seed), "N", "seed of all random numbers (env.seed)"},
    {"json", 0, QTR_OPTION_FLAG, AT(json), NULL,
     "results and progress as JSON lines on standard output"},
    {"quiet", 'q', QTR_OPTION_FLAG, AT(quiet), NULL, "only warnings, errors and results"},
    {"verbose", 0, QTR_OPTION_FLAG, AT(verbose), NULL, "also say details of use in a bug report"},
    {"help", 'h', QTR_OPTION_FLAG, AT(help), NULL, "show help and exit"},
    {"version", 0, QTR_OPTION_FLAG, AT(version), NULL, "show the version and exit"},
    {"headless", 0, QTR_OPTION_FLAG, AT(headless), NULL, "for quantoaster-gtk: no window", TRUE},
    {NULL},
};

const QtrOption *qtr_options_common(void)
{
    return common;
}

void qtr_options_init(QtrOptions *options)
{
    *options = (QtrOptions){.repeat = 1,
                            .runs = 10,
                            .patch = QTR_PATCHES_PATCH,
                            .stride = QTR_PATCHES_STRIDE,
                            .scale = QTR_PATCHES_SCALE,
                            .valid = QTR_PATCHES_VALID};
}

static void clear_table(QtrOptions *options, const QtrOption *table)
{
    for (; table->name; table++) {
        gpointer member = (char *)options + table->offset;

        if (table->kind == QTR_OPTION_TEXT || table->kind == QTR_OPTION_PATH)
            g_clear_pointer((char **)member, g_free);
        else if (table->kind == QTR_OPTION_LIST || table->kind == QTR_OPTION_MANY)
            g_clear_pointer((char ***)member, g_strfreev);
    }
}

void qtr_options_clear(QtrOptions *options)
{
    char **const texts[] = {&options->resume,   &options->run_dir, &options->train_dir,
                            &options->genotype, &options->weights, &options->sets,
                            &options->key,      &options->dir,     &options->name,
                            &options->input,    &options->output};

    clear_table(options, common);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_clear_pointer(texts[i], g_free);
    g_clear_pointer(&options->values, g_strfreev);
    g_clear_pointer(&options->arguments, g_strfreev);
}

const QtrOption *qtr_option_find(const QtrOption *table, const char *name, gsize length)
{
    for (; table->name; table++)
        if (strlen(table->name) == length && strncmp(table->name, name, length) == 0)
            return table;
    return NULL;
}

const QtrOption *qtr_option_find_letter(const QtrOption *table, char letter)
{
    for (; table->name; table++)
        if (table->letter && table->letter == letter)
            return table;
    return NULL;
}

gboolean qtr_option_is_in(const QtrOption *table, const QtrOption *option)
{
    return table && qtr_option_find(table, option->name, strlen(option->name)) != NULL;
}

GPtrArray *qtr_options_missing(const QtrOptions *options, const QtrOption *table)
{
    GPtrArray *missing = g_ptr_array_new();

    for (; !options->resume && table && table->name; table++)
        if (table->required && !*(gconstpointer const *)((const char *)options + table->offset))
            g_ptr_array_add(missing, (gpointer)table);
    return missing;
}

static gboolean is_number(const QtrOption *option)
{
    return option->kind == QTR_OPTION_INT || option->kind == QTR_OPTION_NUMBER;
}

static char *range_text(const QtrOption *option)
{
    return g_strdup_printf("%.10g to %.10g", option->min, option->max);
}

char *qtr_option_help_text(const QtrOption *option)
{
    g_autofree char *range = is_number(option) ? range_text(option) : NULL;

    return range ? g_strconcat(option->help, "; ", range, NULL) : g_strdup(option->help);
}

static gboolean check_number(const QtrOption *option, const char *text, GError **error)
{
    char *end;
    double value = g_ascii_strtod(text, &end);
    gboolean whole = option->kind == QTR_OPTION_INT;
    g_autofree char *range = NULL;

    if (end != text && *end == '\0' && value >= option->min && value <= option->max &&
        (!whole || g_ascii_string_to_signed(text, 10, G_MININT, G_MAXINT, NULL, NULL)))
        return TRUE;
    range = range_text(option);
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "--%s takes a %snumber from %s, not %s",
                option->name, whole ? "whole " : "", range, text);
    return FALSE;
}

/* `canonical` as of qtr_options_walk: --name=value. */
static gboolean check_numbers(const QtrOption *table, const GPtrArray *canonical, GError **error)
{
    for (guint i = 0; i < canonical->len; i++) {
        const char *name = (const char *)canonical->pdata[i] + 2, *equals = strchr(name, '=');
        const QtrOption *option =
            equals ? qtr_option_find(table, name, (gsize)(equals - name)) : NULL;

        if (option && is_number(option) && !check_number(option, equals + 1, error))
            return FALSE;
    }
    return TRUE;
}

/* Without those that `except` has; ended by an empty entry; g_free. */
static GOptionEntry *make_entries(QtrOptions *options, const QtrOption *table,
                                  const QtrOption *except)
{
    static const GOptionArg kinds[] = {
        [QTR_OPTION_FLAG] = G_OPTION_ARG_NONE,
        [QTR_OPTION_TEXT] = G_OPTION_ARG_STRING,
        [QTR_OPTION_PATH] = G_OPTION_ARG_FILENAME,
        [QTR_OPTION_INT] = G_OPTION_ARG_INT,
        [QTR_OPTION_NUMBER] = G_OPTION_ARG_DOUBLE,
        [QTR_OPTION_LIST] = G_OPTION_ARG_STRING_ARRAY,
        [QTR_OPTION_MANY] = G_OPTION_ARG_STRING_ARRAY,
    };
    GArray *entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));

    for (; table && table->name; table++) {
        GOptionEntry entry = {
            .long_name = table->name,
            .short_name = table->letter,
            .flags = table->hidden ? G_OPTION_FLAG_HIDDEN : G_OPTION_FLAG_NONE,
            .arg = kinds[table->kind],
            .arg_data = (char *)options + table->offset,
            .description = table->help,
            .arg_description = table->argument,
        };

        if (!qtr_option_is_in(except, table))
            g_array_append_val(entries, entry);
    }
    return (GOptionEntry *)(gpointer)g_array_free(entries, FALSE);
}

/* GOption converts and stores; it reads a GStrv whose strings it may drop. */
static gboolean convert(QtrOptions *options, const QtrOption *table, GPtrArray *canonical,
                        GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autofree GOptionEntry *own = make_entries(options, table, NULL);
    g_autofree GOptionEntry *shared = make_entries(options, common, table);
    g_auto(GStrv) args = NULL;
    GError *local = NULL;

    g_ptr_array_insert(canonical, 0, g_strdup("quantoaster"));
    g_ptr_array_add(canonical, NULL);
    args = g_strdupv((char **)canonical->pdata);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, own, NULL);
    g_option_context_add_main_entries(context, shared, NULL);
    if (g_option_context_parse_strv(context, &args, &local))
        return TRUE;
    g_set_error_literal(error, QTR_ERROR, QTR_ERROR_USAGE, local->message);
    g_error_free(local);
    return FALSE;
}

gboolean qtr_options_parse(QtrOptions *options, const QtrOption *table, const char *const *args,
                           GError **error)
{
    static const QtrOption no_options[] = {{NULL}};
    g_autoptr(GPtrArray) canonical = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) positional = g_ptr_array_new_with_free_func(g_free);

    table = table ? table : no_options;
    if (!qtr_options_walk(table, args, canonical, positional, error) ||
        !check_numbers(table, canonical, error) || !convert(options, table, canonical, error))
        return FALSE;
    g_ptr_array_add(positional, NULL);
    options->arguments = (char **)g_ptr_array_steal(positional, NULL);
    return TRUE;
}
