#include "qtr-yaml-edit.h"

#include "qtr-yaml-path.h"

#include <string.h>

void qtr_yaml_edit_clear(QtrYamlEdit *edit)
{
    g_clear_pointer(&edit->insert, g_free);
}

static gboolean is_null(const QtrYamlPlace *place)
{
    return place->type == YAML_SCALAR_EVENT &&
           (!*place->text || strcmp(place->text, "~") == 0 || strcmp(place->text, "null") == 0);
}

static gsize line_end(const char *text, gsize at)
{
    const char *from = g_utf8_offset_to_pointer(text, (glong)at);

    return at + (gsize)g_utf8_strlen(from, (gssize)strcspn(from, "\r\n"));
}

/* "a:\n  b: value" for the rest of a path, each line indented by `indent` and its depth. */
static char *nested(char **path, gsize indent, const char *value)
{
    GString *text = g_string_new(NULL);

    for (; *path; path++, indent += 2)
        g_string_append_printf(text, "\n%*s%s:", (int)indent, "", *path);
    if (*value)
        g_string_append_printf(text, " %s", value);
    return g_string_free(text, FALSE);
}

/* The same within braces: "a: {b: value}". */
static char *nested_flow(char **path, const char *value)
{
    g_autofree char *inner = NULL;

    if (!path[1])
        return g_strdup_printf("%s: %s", path[0], *value ? value : "null");
    inner = nested_flow(path + 1, value);
    return g_strdup_printf("%s: {%s}", path[0], inner);
}

/* The comments in a part of a text, each on a line of its own that begins with `indent` spaces. */
static char *comments_between(const char *from, const char *to, gsize indent)
{
    GString *lines = g_string_new(NULL);
    char quote = 0, before = ' ';

    for (const char *p = from; p < to; before = *p++) {
        if (quote) {
            quote = *p == quote ? 0 : quote;
        } else if (*p == '#' && g_ascii_isspace(before)) {
            gsize length = MIN(strcspn(p, "\r\n"), (gsize)(to - p));

            g_string_append_printf(lines, "\n%*s%.*s", (int)indent, "", (int)length, p);
            p += length - 1;
        } else if ((*p == '"' || *p == '\'') && (g_ascii_isspace(before) || strchr("[,", before))) {
            quote = *p;
        }
    }
    return g_string_free(lines, FALSE);
}

/* Comments among the items of a list come to stand above the new value. */
static gboolean replace_list(const char *text, const QtrYamlPlace *place, gsize colon, gsize indent,
                             const char *value, QtrYamlEdit *edit)
{
    const char *from = g_utf8_offset_to_pointer(text, (glong)colon);
    const char *to = g_utf8_offset_to_pointer(text, (glong)place->end);
    g_autofree char *comments = to > from ? comments_between(from, to, indent) : g_strdup("");

    if (!*comments || place->type != YAML_SEQUENCE_START_EVENT)
        return FALSE;
    edit->start = colon;
    edit->end = place->end;
    edit->insert = *value ? g_strdup_printf("%s\n%*s%s", comments, (int)indent, "", value)
                          : g_strdup(comments);
    return TRUE;
}

/* `indent`: of lines below the key. */
static void replace_value(const char *text, const QtrYamlPlace *place, gsize indent,
                          const char *value, QtrYamlEdit *edit)
{
    const char *from = g_utf8_offset_to_pointer(text, (glong)place->key_end);
    gsize colon = place->key_end + (gsize)g_utf8_strlen(from, (gssize)strcspn(from, ":")) + 1;
    gboolean block = place->type != YAML_SCALAR_EVENT && !place->flow;

    if (replace_list(text, place, colon, indent, value, edit))
        return;
    if (block || is_null(place)) {
        /* A list in lines, or nothing: the value goes right behind the colon. */
        edit->start = colon;
        edit->end = MAX(colon, place->end);
        edit->insert = *value ? g_strconcat(" ", value, NULL) : g_strdup("");
    } else {
        edit->start = place->start;
        edit->end = place->end;
        edit->insert = g_strdup(value);
    }
}

/* Adds what is missing of the path to places[depth], which is there. */
static gboolean add_member(const QtrYamlPath *path, const char *text, int depth, const char *value,
                           QtrYamlEdit *edit)
{
    const QtrYamlPlace *place = &path->places[depth];
    gsize indent = 0;

    if (place->type == YAML_MAPPING_START_EVENT && place->flow) {
        g_autofree char *member = nested_flow(path->keys + depth, value);

        edit->start = edit->end = place->end - 1;
        edit->insert = g_strconcat(place->n_items > 0 ? ", " : "", member, NULL);
        return TRUE;
    }
    if (place->type == YAML_MAPPING_START_EVENT)
        indent = place->column;
    else if (is_null(place))
        indent = depth > 0 ? path->places[depth - 1].column + 2 : 0;
    else
        return FALSE;
    edit->start = edit->end = line_end(text, MAX(place->end, place->key_end));
    edit->insert = nested(path->keys + depth, indent, value);
    return TRUE;
}

/* A text without a value in it: comments at most. */
static void add_to_empty(const QtrYamlPath *path, const char *text, const char *value,
                         QtrYamlEdit *edit)
{
    gsize length = (gsize)g_utf8_strlen(text, -1);
    g_autofree char *lines = nested(path->keys, 0, value);

    edit->start = edit->end = length;
    edit->insert = g_strconcat(lines + (length == 0 || g_str_has_suffix(text, "\n")), "\n", NULL);
}

static gboolean make_edit(const QtrYamlPath *path, const char *text, const char *value,
                          QtrYamlEdit *edit)
{
    int n = (int)g_strv_length(path->keys), depth = n;

    while (depth > 0 && !path->places[depth].found)
        depth--;
    if (depth == n) {
        replace_value(text, &path->places[n], n > 0 ? path->places[n - 1].column + 2 : 2, value,
                      edit);
        return TRUE;
    }
    if (depth == 0 && (!path->places[0].found || is_null(&path->places[0]))) {
        add_to_empty(path, text, value, edit);
        return TRUE;
    }
    return add_member(path, text, depth, value, edit);
}

/* Whether the edit leaves `key` with `value` and nothing broken: texts stranger than those foreseen
 * (values over several lines, for instance) are better left alone. */
static gboolean holds(const QtrYamlEdit *edit, const char *text, const char *key, const char *value)
{
    const char *from = g_utf8_offset_to_pointer(text, (glong)edit->start);
    const char *behind = g_utf8_offset_to_pointer(from, (glong)(edit->end - edit->start));
    g_autofree char *changed =
        g_strdup_printf("%.*s%s%s", (int)(from - text), text, edit->insert, behind);
    g_autofree char *lone = g_strconcat("k: ", value, NULL);
    g_autofree char *now = qtr_yaml_edit_get(changed, key);
    g_autofree char *wanted = qtr_yaml_edit_get(lone, "k");

    return now && wanted && (strcmp(now, wanted) == 0 || (!*wanted && strcmp(now, "null") == 0));
}

gboolean qtr_yaml_edit_set(const char *text, const char *key, const char *value, QtrYamlEdit *edit)
{
    QtrYamlEdit made = {0};
    QtrYamlPath path;
    gboolean ok = qtr_yaml_path_find(&path, text, key) && make_edit(&path, text, value, &made);

    qtr_yaml_path_clear(&path);
    ok = ok && holds(&made, text, key, value);
    if (ok)
        *edit = made;
    else
        qtr_yaml_edit_clear(&made);
    return ok;
}

char *qtr_yaml_edit_get(const char *text, const char *key)
{
    QtrYamlPath path;
    char *value = NULL;

    if (qtr_yaml_path_find(&path, text, key))
        value = g_strdup(path.places[g_strv_length(path.keys)].text);
    qtr_yaml_path_clear(&path);
    return value;
}
