#include "run/config-private.h"

#include <math.h>
#include <string.h>

/* The shortest text that reads back exactly, in a form that every YAML reader takes for a number:
 * plain YAML 1.1 wants a point in front of an exponent. */
static char *number_text(double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE], *exponent;

    if (value == floor(value) && fabs(value) < 1e15)
        return g_strdup_printf("%.0f", value);
    for (int digits = 1; digits <= 17; digits++) {
        g_autofree char *format = g_strdup_printf("%%.%dg", digits);

        if (g_ascii_strtod(g_ascii_formatd(text, sizeof text, format, value), NULL) == value)
            break;
    }
    exponent = strchr(text, 'e');
    if (!exponent || strchr(text, '.'))
        return g_strdup(text);
    return g_strdup_printf("%.*s.0%s", (int)(exponent - text), text, exponent);
}

static char *primitives_text(const QtrConfig *config, const QtrConfigKey *key)
{
    g_autofree char *joined = NULL;
    QtrBlock block = QTR_BLOCK_HEAD;
    QtrArch arch;

    (void)qtr_block_find(qtr_config_key_name(key), &block);
    qtr_config_get_arch(config, &arch);
    g_autoptr(GString) text = g_string_new("[");
    for (int i = 0; i < arch.n_primitives[block]; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               qtr_primitive_name(arch.primitives[block][i]));
    g_string_append_c(text, ']');
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *bits_text(const QtrBitsList *list)
{
    GString *text = g_string_new("[");

    for (int i = 0; i < list->n; i++)
        g_string_append_printf(text, "%s%d", i > 0 ? ", " : "", list->values[i]);
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

char *qtr_config_value_text(const QtrConfig *config, const QtrConfigKey *key)
{
    gconstpointer field = qtr_config_field(config, key);

    switch (key->type) {
    case QTR_KEY_INT:
        return g_strdup_printf("%d", *(const int *)field);
    case QTR_KEY_FLOAT:
        return number_text(*(const double *)field);
    case QTR_KEY_BOOL:
        return g_strdup(*(const gboolean *)field ? "True" : "False");
    case QTR_KEY_ENUM:
        return g_strdup(key->choices[*(const int *)field]);
    case QTR_KEY_BITS:
        return bits_text(field);
    case QTR_KEY_PRIMITIVES:
        return primitives_text(config, key);
    case QTR_KEY_OBSOLETE:
        return g_strdup("");
    default:
        return *(char *const *)field ? qtr_yaml_quote(*(char *const *)field) : g_strdup("");
    }
}

/* Opens the sections that `path` is in and the last key was not. */
static void open_sections(GString *text, const char *path, const char *last)
{
    const char *start = path, *dot;
    int indent = 0;

    for (; (dot = strchr(start, '.')); start = dot + 1, indent += 2)
        if (strncmp(path, last, (gsize)(dot - path) + 1) != 0)
            g_string_append_printf(text, "%s%*s%.*s:\n", indent == 0 && *last ? "\n" : "", indent,
                                   "", (int)(dot - start), start);
}

char *qtr_config_to_yaml(const QtrConfig *config)
{
    GString *text = g_string_new(NULL);
    const char *last = "";
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (guint i = 0; i < count; i++) {
        const QtrConfigKey *key = &keys[i];
        const char *name = qtr_config_key_name(key);
        g_autofree char *value = NULL;
        int depth = 0;

        if (key->type == QTR_KEY_OBSOLETE)
            continue;
        for (const char *c = key->path; *c; c++)
            depth += *c == '.';
        value = qtr_config_value_text(config, key);
        open_sections(text, key->path, last);
        g_string_append_printf(text, "%*s# %s\n", 2 * depth, "", key->description);
        g_string_append_printf(text, "%*s%s:%s%s\n", 2 * depth, "", name, *value ? " " : "", value);
        last = key->path;
    }
    return g_string_free(text, FALSE);
}
