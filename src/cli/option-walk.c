#include "base/error.h"
#include "base/nearest.h"
#include "cli/option-private.h"

#include <string.h>

static gboolean takes_value(const QtrOption *option)
{
    return option->kind != QTR_OPTION_FLAG;
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
    const QtrOption *table, *common;
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
    for (const QtrOption *o = walk->common; o->name; o++)
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
    const QtrOption *option = qtr_option_find(walk->table, name, length);

    if (!option)
        option = qtr_option_find(walk->common, name, length);
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
        const QtrOption *option = qtr_option_find_letter(walk->table, *p);

        if (!option)
            option = qtr_option_find_letter(walk->common, *p);
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

gboolean qtr_options_walk(const QtrOption *table, const char *const *args, GPtrArray *canonical,
                          GPtrArray *positional, GError **error)
{
    return walk_all(&(Walk){table, qtr_options_common(), args, canonical, positional}, error);
}

const char *qtr_options_command(const char *const *args, const char ***rest)
{
    const QtrOption *common = qtr_options_common();
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
            option = qtr_option_find(common, word + 2, strcspn(word + 2, "="));
            alone = !strchr(word, '=');
        } else {
            option = qtr_option_find_letter(common, word[1]);
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
