#include "base/error.h"
#include "base/file.h"
#include "base/printable.h"
#include "run/config-private.h"

#include <string.h>

#define MESSAGE_MAX 400 /* characters */

char *qtr_config_problem_text(const QtrConfigProblem *problem)
{
    g_autoptr(GString) text = g_string_new(problem->file);

    if (problem->line > 0)
        g_string_append_printf(text, ":%d:%d", problem->line, problem->column);
    g_string_append(text, ": ");
    if (*problem->key)
        g_string_append_printf(text, "%s: ", problem->key);
    g_string_append(text, problem->message);
    return g_strdup(text->str);
}

void qtr_config_problem_free(QtrConfigProblem *problem)
{
    if (!problem)
        return;
    g_free(problem->file);
    g_free(problem->key);
    g_free(problem->message);
    g_free(problem);
}

static QtrConfigProblem *add_problem(QtrConfigReader *reader, int line, int column, const char *key,
                                     char *message)
{
    QtrConfigProblem *problem = g_new0(QtrConfigProblem, 1);

    problem->file = g_strdup(reader->file);
    /* The value of an override is a text of its own, whose lines nobody knows. */
    problem->line = reader->is_override ? 0 : line;
    problem->column = reader->is_override ? 0 : column;
    problem->key = qtr_printable(key, MESSAGE_MAX);
    problem->message = qtr_printable(message, MESSAGE_MAX);
    g_free(message);
    g_ptr_array_add(reader->problems, problem);
    return problem;
}

void qtr_config_report(QtrConfigReader *reader, const QtrYaml *node, const char *key,
                       const char *format, ...)
{
    const QtrConfigKey *known = qtr_config_key_find(key);
    va_list args;
    guint count;

    va_start(args, format);
    add_problem(reader, node ? node->line : 0, node ? node->column : 0, key,
                g_strdup_vprintf(format, args));
    va_end(args);
    if (known && reader->failed)
        reader->failed[known - qtr_config_schema(&count)] = TRUE;
}

static void make_warning(QtrConfigReader *reader, QtrConfigProblem *problem)
{
    g_autofree char *text = qtr_config_problem_text(problem);

    problem->warning = TRUE;
    qtr_warning(reader->log, "%s", text);
}

void qtr_config_warn(QtrConfigReader *reader, const QtrYaml *node, const char *key,
                     const char *message)
{
    make_warning(reader, add_problem(reader, node ? node->line : 0, node ? node->column : 0, key,
                                     g_strdup(message)));
}

/* A problem of a member's name rather than of its value. */
static void report_key(QtrConfigReader *reader, const QtrYaml *node, const char *key,
                       gboolean warning, char *message)
{
    QtrConfigProblem *problem = add_problem(reader, node->key_line, node->key_column, key, message);

    if (warning)
        make_warning(reader, problem);
}

static void apply(QtrConfigReader *reader, const char *path, const QtrYaml *node);

static void apply_members(QtrConfigReader *reader, const char *section, const QtrYaml *map)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < map->items->len; i++) {
        const QtrYaml *node = map->items->pdata[i];
        g_autofree char *path =
            *section ? g_strconcat(section, ".", node->key, NULL) : g_strdup(node->key);

        if (!g_hash_table_add(seen, node->key))
            report_key(reader, node, path, TRUE,
                       g_strdup("given twice; the last value given counts"));
        apply(reader, path, node);
    }
}

static void apply_key(QtrConfigReader *reader, const QtrConfigKey *key, const QtrYaml *node)
{
    guint count;
    gsize index = (gsize)(key - qtr_config_schema(&count));

    if (key->type == QTR_KEY_OBSOLETE) {
        report_key(reader, node, key->path, TRUE,
                   g_strdup_printf("obsolete and ignored: %s", key->description));
        return;
    }
    reader->given[index] = node;
    reader->source[index] = reader->file;
    qtr_config_value_set(reader, key, node);
}

/* "penalty, epochs, ..." or, at the top, the sections. */
static char *expected_names(const char *path)
{
    const char *dot = strrchr(path, '.');
    g_autofree char *section = g_strndup(path, dot ? (gsize)(dot - path) : 0);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    gsize skip = qtr_config_is_section(section) ? strlen(section) + 1 : 0;
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (guint i = 0; i < count; i++) {
        const char *name = keys[i].path + skip;
        g_autofree char *first = NULL;

        if (keys[i].type == QTR_KEY_OBSOLETE ||
            strncmp(keys[i].path, section, skip ? skip - 1 : 0) != 0)
            continue;
        first = g_strndup(name, strcspn(name, "."));
        if (!g_ptr_array_find_with_equal_func(names, first, g_str_equal, NULL))
            g_ptr_array_add(names, g_steal_pointer(&first));
    }
    g_ptr_array_add(names, NULL);
    return g_strjoinv(", ", (char **)names->pdata);
}

static char *unknown_key(const char *path)
{
    const char *nearest = qtr_config_nearest_key(path);
    g_autofree char *names = nearest ? NULL : expected_names(path);

    return nearest ? g_strdup_printf("unknown key; did you mean %s?", nearest)
                   : g_strdup_printf("unknown key; expected one of %s", names);
}

/* Sets the key or section `path` from `node`. */
static void apply(QtrConfigReader *reader, const char *path, const QtrYaml *node)
{
    const QtrConfigKey *key = qtr_config_key_find(path);

    if (key) {
        apply_key(reader, key, node);
    } else if (!qtr_config_is_section(path)) {
        report_key(reader, node, path, FALSE, unknown_key(path));
    } else if (node->kind == QTR_YAML_MAP) {
        apply_members(reader, path, node);
    } else if (node->kind == QTR_YAML_LIST || qtr_yaml_scalar(node).kind != QTR_SCALAR_NULL) {
        qtr_config_report(reader, node, path, "this is a section; expected keys below it, got %s",
                          node->kind == QTR_YAML_LIST ? "a list" : node->text);
    }
}

static void apply_text(QtrConfigReader *reader, const char *text, gsize size)
{
    g_autofree char *message = NULL;
    QtrYaml *root;
    int line, column;

    root = qtr_yaml_parse(text, size, &line, &column, &message);
    if (!root) {
        add_problem(reader, line, column, "", g_steal_pointer(&message));
        return;
    }
    g_ptr_array_add(reader->trees, root);
    if (root->kind == QTR_YAML_MAP)
        apply_members(reader, "", root);
    else if (root->kind == QTR_YAML_LIST || qtr_yaml_scalar(root).kind != QTR_SCALAR_NULL)
        qtr_config_report(reader, root, "",
                          "this is no configuration; expected sections such as search:");
}

/* "a.b=value" */
static void apply_override(QtrConfigReader *reader, const char *override)
{
    const char *equals = strchr(override, '=');
    g_autofree char *path = NULL, *message = NULL;
    int line, column;
    QtrYaml *node;

    if (!equals) {
        add_problem(reader, 0, 0, override, g_strdup("expected KEY=VALUE"));
        return;
    }
    path = g_strndup(override, (gsize)(equals - override));
    g_strstrip(path);
    node = qtr_yaml_parse(equals + 1, strlen(equals + 1), &line, &column, &message);
    if (!node) {
        add_problem(reader, 0, 0, path, g_steal_pointer(&message));
        return;
    }
    g_ptr_array_add(reader->trees, node);
    apply(reader, path, node);
}

static void fail(const GPtrArray *problems, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < problems->len; i++) {
        const QtrConfigProblem *problem = problems->pdata[i];
        g_autofree char *line = NULL;

        if (problem->warning)
            continue;
        line = qtr_config_problem_text(problem);
        qtr_problems_add(text, "%s", line);
    }
    if (text->len > 0)
        g_set_error_literal(error, QTR_ERROR, QTR_ERROR_USAGE, text->str);
}

/* Reads text and overrides into reader->config. */
static void read_all(QtrConfigReader *reader, const char *text, gsize size,
                     const char *const *overrides)
{
    const char *file = reader->file, *folder = reader->folder;

    apply_text(reader, text, size);
    reader->file = "--set";
    reader->folder = NULL;
    reader->is_override = TRUE;
    for (; overrides && *overrides; overrides++)
        apply_override(reader, *overrides);
    reader->file = file;
    reader->folder = folder;
    reader->is_override = FALSE;
    qtr_config_check(reader);
    qtr_config_check_needs(reader);
}

/* `reader` has what is given: file, folder, needs and log. */
static QtrConfig *load(QtrConfigReader reader, const char *text, gsize size,
                       const char *const *overrides, GPtrArray **problems, GError **error)
{
    g_autoptr(GPtrArray) found =
        g_ptr_array_new_with_free_func((GDestroyNotify)qtr_config_problem_free);
    g_autoptr(QtrConfig) config = qtr_config_new();
    GError *failure = NULL;
    guint count;

    (void)qtr_config_schema(&count);
    reader.config = config;
    reader.problems = found;
    reader.trees = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_yaml_free);
    reader.given = g_new0(const QtrYaml *, count);
    reader.source = g_new0(const char *, count);
    reader.failed = g_new0(gboolean, count);
    read_all(&reader, text, size, overrides);
    g_ptr_array_unref(reader.trees);
    g_free(reader.given);
    g_free(reader.source);
    g_free(reader.failed);

    fail(found, &failure);
    if (problems)
        *problems = g_steal_pointer(&found);
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    return g_steal_pointer(&config);
}

QtrConfig *qtr_config_load_text(const char *text, gsize size, const char *origin,
                                const char *folder, const char *const *overrides, QtrLog *log,
                                GPtrArray **problems, GError **error)
{
    return load((QtrConfigReader){.file = origin, .folder = folder, .log = log}, text, size,
                overrides, problems, error);
}

static QtrConfig *load_file(const char *path, const char *const *overrides, guint needs,
                            QtrLog *log, GPtrArray **problems, GError **error)
{
    gsize size;
    g_autofree char *text = qtr_file_read(path, QTR_FILE_TEXT_MAX, &size, error);
    g_autofree char *folder = g_path_get_dirname(path);

    if (problems)
        *problems = NULL;
    if (!text)
        return NULL;
    return load((QtrConfigReader){.file = path, .folder = folder, .needs = needs, .log = log}, text,
                size, overrides, problems, error);
}

QtrConfig *qtr_config_load(const char *path, const char *const *overrides, QtrLog *log,
                           GPtrArray **problems, GError **error)
{
    return load_file(path, overrides, 0, log, problems, error);
}

QtrConfig *qtr_config_load_for(const char *path, const char *const *overrides, guint needs,
                               QtrLog *log, GError **error)
{
    if (path)
        return load_file(path, overrides, needs, log, NULL, error);
    return load((QtrConfigReader){.file = "defaults", .needs = needs, .log = log}, "", 0, overrides,
                NULL, error);
}
