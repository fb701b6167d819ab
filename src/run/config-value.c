#include "run/config-private.h"

#include "base/nearest.h"

#include <math.h>
#include <string.h>

gpointer qtr_config_field(const QtrConfig *config, const QtrConfigKey *key)
{
    return (char *)config + key->offset;
}

/* Nothing where a value should stand; a null that is written out is one. */
static gboolean is_empty(const QtrYaml *node)
{
    return node->kind == QTR_YAML_SCALAR && !node->quoted && !*node->text;
}

/* A problem of the value of `key`, what was expected first. */
static void expected(QtrConfigReader *reader, const QtrConfigKey *key, const QtrYaml *node)
{
    g_autofree char *type = qtr_config_key_type_text(key);
    g_autofree char *range = qtr_config_key_range_text(key);
    const char *nearest = key->type == QTR_KEY_ENUM && node->kind == QTR_YAML_SCALAR
                              ? qtr_nearest_name(node->text, key->choices)
                              : NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "expected %s", type);
    if (*range)
        g_string_append_printf(text, " (%s)", range);
    if (node->kind == QTR_YAML_SCALAR)
        g_string_append_printf(text, ", got %s%s", node->quoted ? "the text " : "",
                               *node->text ? node->text : "nothing");
    else
        g_string_append(text, node->kind == QTR_YAML_LIST ? ", got a list" : ", got a section");
    if (nearest)
        g_string_append_printf(text, "; did you mean %s?", nearest);
    if (is_empty(node))
        g_string_append_printf(text, "; leave the key out or write null for its default, %s",
                               key->fallback);
    qtr_config_report(reader, node, key->path, "%s", text->str);
}

static gboolean in_range(const QtrConfigKey *key, double value)
{
    return isfinite(value) && value <= key->max &&
           (key->above ? value > key->min : value >= key->min);
}

/* The sets below return FALSE if the value is not of the kind `key` expects. */

static gboolean set_number(QtrConfig *config, const QtrConfigKey *key, const QtrScalar *scalar)
{
    gpointer field = qtr_config_field(config, key);

    if (scalar->kind != QTR_SCALAR_INT &&
        (scalar->kind != QTR_SCALAR_FLOAT || key->type == QTR_KEY_INT))
        return FALSE;
    if (!in_range(key, scalar->number))
        return FALSE;
    if (key->type == QTR_KEY_INT)
        *(int *)field = (int)scalar->integer;
    else
        *(double *)field = scalar->number;
    return TRUE;
}

static gboolean set_enum(QtrConfig *config, const QtrConfigKey *key, const char *text)
{
    for (int i = 0; key->choices[i]; i++)
        if (strcmp(key->choices[i], text) == 0) {
            *(int *)qtr_config_field(config, key) = i;
            return TRUE;
        }
    return FALSE;
}

static void take_string(QtrConfig *config, const QtrConfigKey *key, char *text)
{
    char **field = qtr_config_field(config, key);

    g_free(*field);
    *field = text;
}

static char *existing_in(const char *folder, const char *path)
{
    g_autofree char *joined = g_build_filename(folder, path, NULL);

    return g_file_test(joined, G_FILE_TEST_EXISTS) ? g_steal_pointer(&joined) : NULL;
}

static char *resolve_input(const char *path, const char *folder)
{
    g_autofree char *own = NULL, *above = NULL;
    char *found;

    if (!folder || g_path_is_absolute(path) || g_file_test(path, G_FILE_TEST_EXISTS))
        return g_strdup(path);
    own = g_canonicalize_filename(folder, NULL);
    above = g_path_get_dirname(own);
    found = existing_in(folder, path);
    if (!found)
        found = existing_in(above, path);
    return found ? found : g_strdup(path);
}

static gboolean is_file_name(const char *text)
{
    return *text && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static gboolean set_string(QtrConfigReader *reader, const QtrConfigKey *key, const QtrYaml *node)
{
    if (key->type == QTR_KEY_NAME && !is_file_name(node->text))
        return FALSE;
    if (strstr(node->text, "${")) {
        qtr_config_report(reader, node, key->path,
                          "references such as %s are not supported; write the value itself",
                          node->text);
        return TRUE;
    }
    take_string(reader->config, key,
                key->type == QTR_KEY_INPUT ? resolve_input(node->text, reader->folder)
                                           : g_strdup(node->text));
    return TRUE;
}

static void set_bits(QtrConfigReader *reader, const QtrConfigKey *key, const QtrYaml *node)
{
    QtrBitsList list = {0};

    for (guint i = 0; i < node->items->len; i++) {
        const QtrYaml *item = node->items->pdata[i];
        QtrScalar scalar = {.kind = QTR_SCALAR_TEXT};
        gboolean twice = FALSE;

        if (item->kind == QTR_YAML_SCALAR)
            scalar = qtr_yaml_scalar(item);
        if (scalar.kind != QTR_SCALAR_INT || scalar.integer > 32 ||
            !qtr_bits_valid((int)scalar.integer)) {
            qtr_config_report(reader, item, key->path,
                              "impossible bit width %s; expected " QTR_BITS_ALLOWED,
                              item->kind == QTR_YAML_SCALAR ? item->text : "(not a number)");
            continue;
        }
        for (int j = 0; j < list.n; j++)
            twice |= list.values[j] == (int)scalar.integer;
        if (twice)
            qtr_config_report(reader, item, key->path, "the bit width %s is given twice",
                              item->text);
        else if (list.n == QTR_BITS_MAX)
            qtr_config_report(reader, item, key->path, "more than %d bit widths", QTR_BITS_MAX);
        else
            list.values[list.n++] = (int)scalar.integer;
    }
    if (node->items->len == 0)
        qtr_config_report(reader, node, key->path, "expected at least one bit width");
    *(QtrBitsList *)qtr_config_field(reader->config, key) = list;
}

static void report_primitive(QtrConfigReader *reader, const QtrConfigKey *key, const QtrYaml *item)
{
    const char *nearest =
        item->kind == QTR_YAML_SCALAR ? qtr_nearest_name(item->text, qtr_primitive_names()) : NULL;

    qtr_config_report(reader, item, key->path, "unknown primitive%s%s%s%s%s",
                      item->kind == QTR_YAML_SCALAR ? " " : "; expected names",
                      item->kind == QTR_YAML_SCALAR ? item->text : "",
                      nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

static void set_primitives(QtrConfigReader *reader, const QtrConfigKey *key, const QtrYaml *node)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    char ***field = qtr_config_field(reader->config, key);

    for (guint i = 0; i < node->items->len; i++) {
        const QtrYaml *item = node->items->pdata[i];

        if (item->kind != QTR_YAML_SCALAR || !qtr_primitive_find(item->text))
            report_primitive(reader, key, item);
        else if (g_ptr_array_find_with_equal_func(names, item->text, g_str_equal, NULL))
            qtr_config_report(reader, item, key->path, "%s is given twice", item->text);
        else if (names->len == QTR_PRIMITIVES_MAX)
            qtr_config_report(reader, item, key->path, "more than %d primitives",
                              QTR_PRIMITIVES_MAX);
        else
            g_ptr_array_add(names, g_strdup(item->text));
    }
    g_ptr_array_add(names, NULL);
    g_strfreev(*field);
    *field = (char **)g_ptr_array_steal(names, NULL);
}

static gboolean set_scalar(QtrConfigReader *reader, const QtrConfigKey *key, const QtrYaml *node)
{
    QtrScalar scalar = qtr_yaml_scalar(node);

    switch (key->type) {
    case QTR_KEY_INT:
    case QTR_KEY_FLOAT:
        return set_number(reader->config, key, &scalar);
    case QTR_KEY_BOOL:
        if (scalar.kind != QTR_SCALAR_BOOL)
            return FALSE;
        *(gboolean *)qtr_config_field(reader->config, key) = scalar.truth;
        return TRUE;
    case QTR_KEY_ENUM:
        return set_enum(reader->config, key, node->text);
    case QTR_KEY_STRING:
    case QTR_KEY_NAME:
    case QTR_KEY_INPUT:
    case QTR_KEY_OUTPUT:
        return set_string(reader, key, node);
    case QTR_KEY_BITS:
    case QTR_KEY_PRIMITIVES:
    case QTR_KEY_OBSOLETE:
        return FALSE;
    }
    return FALSE;
}

void qtr_config_value_set(QtrConfigReader *reader, const QtrConfigKey *key, const QtrYaml *node)
{
    gboolean list = key->type == QTR_KEY_BITS || key->type == QTR_KEY_PRIMITIVES;

    if (key->fallback && is_empty(node))
        expected(reader, key, node);
    else if (node->kind == QTR_YAML_SCALAR && qtr_yaml_scalar(node).kind == QTR_SCALAR_NULL)
        qtr_config_value_reset(reader->config, key);
    else if (list && node->kind == QTR_YAML_LIST)
        (key->type == QTR_KEY_BITS ? set_bits : set_primitives)(reader, key, node);
    else if (list || node->kind != QTR_YAML_SCALAR || !set_scalar(reader, key, node))
        expected(reader, key, node);
}

void qtr_config_value_reset(QtrConfig *config, const QtrConfigKey *key)
{
    QtrConfigReader reader = {.config = config};
    g_autoptr(QtrYaml) node = NULL;
    g_autofree char *message = NULL;
    int line, column;

    qtr_config_value_clear(config, key);
    if (!key->fallback)
        return;
    reader.problems = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_config_problem_free);
    node = qtr_yaml_parse(key->fallback, strlen(key->fallback), &line, &column, &message);
    g_assert(node);
    qtr_config_value_set(&reader, key, node);
    g_assert(reader.problems->len == 0);
    g_ptr_array_unref(reader.problems);
}

static gboolean is_string(const QtrConfigKey *key)
{
    return key->type == QTR_KEY_STRING || key->type == QTR_KEY_NAME || key->type == QTR_KEY_INPUT ||
           key->type == QTR_KEY_OUTPUT;
}

void qtr_config_value_copy(QtrConfig *to, const QtrConfig *from, const QtrConfigKey *key)
{
    if (is_string(key))
        *(char **)qtr_config_field(to, key) = g_strdup(*(char **)qtr_config_field(from, key));
    else if (key->type == QTR_KEY_PRIMITIVES)
        *(char ***)qtr_config_field(to, key) = g_strdupv(*(char ***)qtr_config_field(from, key));
}

void qtr_config_value_clear(QtrConfig *config, const QtrConfigKey *key)
{
    if (is_string(key))
        g_clear_pointer((char **)qtr_config_field(config, key), g_free);
    else if (key->type == QTR_KEY_PRIMITIVES)
        g_clear_pointer((char ***)qtr_config_field(config, key), g_strfreev);
}
