#include "cli/option.h"

#include "base/error.h"
#include "base/nearest.h"

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

static const QtrOption no_options[] = {{NULL}};

const QtrOption *qtr_options_common(void)
{
    return common;
}

void qtr_options_init(QtrOptions *options)
{
    *options =
        (QtrOptions){.repeat = 1, .runs = 10, .patch = 200, .stride = 70, .scale = 4, .valid = 0.1};
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

static gboolean takes_value(const QtrOption *option)
{
    return option->kind != QTR_OPTION_FLAG;
}

static const QtrOption *find_name(const QtrOption *table, const char *name, gsize length)
{
    for (; table->name; table++)
        if (strlen(table->name) == length && strncmp(table->name, name, length) == 0)
            return table;
    return NULL;
}

static const QtrOption *find_letter(const QtrOption *table, char letter)
{
    for (; table->name; table++)
        if (table->letter && table->letter == letter)
            return table;
    return NULL;
}

static gboolean is_number(const char *word)
{
    char *end;

    (void)g_ascii_strtod(word, &end);
    return end != word && *end == '\0';
}

static gboolean is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && !is_number(word);
}

/* The state of one walk over the arguments: every option found is written to `canonical` as
 * --name=value, so that what GOption sees has one form. */
typedef struct {
    const QtrOption *table;
    const char *const *next;
    GPtrArray *canonical, *positional; /* char* */
} Walk;

static gboolean unknown(const Walk *walk, const char *shown, const char *name, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *nearest;

    for (const QtrOption *o = walk->table; o->name; o++)
        if (!o->hidden)
            g_ptr_array_add(names, (gpointer)o->name);
    for (const QtrOption *o = common; o->name; o++)
        if (!o->hidden)
            g_ptr_array_add(names, (gpointer)o->name);
    g_ptr_array_add(names, NULL);
    nearest = strlen(name) > 1 ? qtr_nearest_name(name, (const char *const *)names->pdata) : NULL;
    if (nearest)
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "unknown option %s; did you mean --%s?",
                    shown, nearest);
    else
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "unknown option %s", shown);
    return FALSE;
}

static void emit(Walk *walk, const QtrOption *option, const char *value)
{
    g_ptr_array_add(walk->canonical, value ? g_strdup_printf("--%s=%s", option->name, value)
                                           : g_strdup_printf("--%s", option->name));
}

/* The value of `option`, given in the same word or as the next one, and for MANY all that follow.
 */
static gboolean take_values(Walk *walk, const QtrOption *option, const char *inline_value,
                            GError **error)
{
    if (!inline_value) {
        if (!*walk->next || (is_option(*walk->next) && option->kind == QTR_OPTION_MANY)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "option --%s needs a value (%s)",
                        option->name, option->argument);
            return FALSE;
        }
        inline_value = *walk->next++;
    }
    emit(walk, option, inline_value);
    if (option->kind == QTR_OPTION_MANY)
        while (*walk->next && !is_option(*walk->next))
            emit(walk, option, *walk->next++);
    return TRUE;
}

static gboolean walk_long(Walk *walk, const char *word, GError **error)
{
    const char *name = word + 2;
    const char *equals = strchr(name, '=');
    gsize length = equals ? (gsize)(equals - name) : strlen(name);
    const QtrOption *option = find_name(walk->table, name, length);

    if (!option)
        option = find_name(common, name, length);
    if (!option) {
        g_autofree char *bare = g_strndup(name, length);
        g_autofree char *shown = g_strconcat("--", bare, NULL);

        return unknown(walk, shown, bare, error);
    }
    if (takes_value(option))
        return take_values(walk, option, equals ? equals + 1 : NULL, error);
    if (equals) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "option --%s takes no value", option->name);
        return FALSE;
    }
    emit(walk, option, NULL);
    return TRUE;
}

static gboolean walk_short(Walk *walk, const char *word, GError **error)
{
    for (const char *p = word + 1; *p; p++) {
        const QtrOption *option = find_letter(walk->table, *p);

        if (!option)
            option = find_letter(common, *p);
        if (!option) {
            const char shown[] = {'-', *p, '\0'};

            return unknown(walk, shown, shown + 1, error);
        }
        if (takes_value(option))
            return take_values(walk, option, p[1] ? p + 1 : NULL, error);
        emit(walk, option, NULL);
    }
    return TRUE;
}

static gboolean walk_all(Walk *walk, GError **error)
{
    while (*walk->next) {
        const char *word = *walk->next++;

        if (strcmp(word, "--") == 0) {
            while (*walk->next)
                g_ptr_array_add(walk->positional, g_strdup(*walk->next++));
        } else if (!is_option(word)) {
            g_ptr_array_add(walk->positional, g_strdup(word));
        } else if (g_str_has_prefix(word, "--")) {
            if (!walk_long(walk, word, error))
                return FALSE;
        } else if (!walk_short(walk, word, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean qtr_option_is_in(const QtrOption *table, const QtrOption *option)
{
    return table && find_name(table, option->name, strlen(option->name)) != NULL;
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
    g_autoptr(GPtrArray) canonical = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) positional = g_ptr_array_new_with_free_func(g_free);
    Walk walk = {table ? table : no_options, args, canonical, positional};

    if (!walk_all(&walk, error) || !convert(options, walk.table, canonical, error))
        return FALSE;
    g_ptr_array_add(positional, NULL);
    options->arguments = (char **)g_ptr_array_steal(positional, NULL);
    return TRUE;
}

const char *qtr_options_command(const char *const *args, const char ***rest)
{
    guint n = g_strv_length((char **)args), at = n;

    for (guint i = 0; i < n; i++) {
        const char *word = args[i];
        const QtrOption *option;
        gboolean alone;

        if (!is_option(word)) {
            at = i;
            break;
        }
        if (g_str_has_prefix(word, "--")) {
            option = find_name(common, word + 2, strcspn(word + 2, "="));
            alone = !strchr(word, '=');
        } else {
            option = find_letter(common, word[1]);
            alone = word[2] == '\0';
        }
        if (!option)
            break;
        if (takes_value(option) && alone)
            i++;
    }
    *rest = g_new0(const char *, n + 1);
    for (guint i = 0, to = 0; i < n; i++)
        if (i != at)
            (*rest)[to++] = args[i];
    return at < n ? args[at] : NULL;
}
