#include "qtr-yaml-edit.h"

#include "run/config-yaml.h"

#include <string.h>
#include <yaml.h>

#define DEPTH_MAX 8

/* Where a value stands, in characters. */
typedef struct {
    gboolean found;
    yaml_event_type_t type; /* scalar, or the start of a list or map */
    gboolean flow;
    gsize start, end; /* of the value */
    gsize column;     /* of a block map's keys */
    gsize key_end;    /* behind the colon */
    char *text;       /* of a scalar, or a list of scalars as "[a, b]" */
    int n_items;
} Place;

/* Finds the longest known part of a path. */
typedef struct {
    yaml_parser_t parser;
    yaml_event_t event;
    char **path;
    Place places[DEPTH_MAX + 1]; /* places[0]: the root; places[i + 1]: of path[i] */
    int depth_limit;
    gboolean ok;
    gsize last_end; /* of the last scalar, or list or map in brackets */
} Walk;

void qtr_yaml_edit_clear(QtrYamlEdit *edit)
{
    g_clear_pointer(&edit->insert, g_free);
}

static gboolean advance(Walk *w)
{
    yaml_event_delete(&w->event);
    w->ok = w->ok && yaml_parser_parse(&w->parser, &w->event);
    return w->ok;
}

static void walk_value(Walk *w, int depth, gsize key_end, gboolean wanted);

/* The members of a map whose start event is the current one; ends at its end event. `depth`: how
 * many parts of the path lead here, -1 if none do. */
static void walk_map(Walk *w, int depth)
{
    if (depth >= 0)
        w->places[depth].column = w->event.start_mark.column;
    while (advance(w) && w->event.type != YAML_MAPPING_END_EVENT) {
        gboolean wanted = FALSE;
        gsize key_end;

        if (w->event.type != YAML_SCALAR_EVENT) {
            w->ok = FALSE;
            return;
        }
        if (depth >= 0 && w->path[depth])
            wanted = strcmp((const char *)w->event.data.scalar.value, w->path[depth]) == 0;
        key_end = w->event.end_mark.index;
        if (depth >= 0)
            w->places[depth].n_items++;
        if (advance(w))
            walk_value(w, wanted ? depth + 1 : -1, key_end, wanted);
    }
}

/* The items of a list whose start event is the current one, as text. */
static char *walk_list(Walk *w)
{
    GString *text = g_string_new("[");

    while (advance(w) && w->event.type != YAML_SEQUENCE_END_EVENT) {
        if (w->event.type == YAML_SCALAR_EVENT) {
            g_autofree char *item = qtr_yaml_quote((const char *)w->event.data.scalar.value);

            g_string_append_printf(text, "%s%s", text->len > 1 ? ", " : "", item);
        }
        walk_value(w, -1, 0, FALSE);
    }
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

/* Notes the start of the value the current event begins. A key given twice: the last one counts.
 */
static Place *note_start(Walk *w, int depth, gsize key_end)
{
    Place *place = &w->places[depth];

    for (int i = depth; i <= DEPTH_MAX; i++) {
        g_free(w->places[i].text);
        w->places[i] = (Place){0};
    }
    place->found = TRUE;
    place->type = w->event.type;
    place->start = w->event.start_mark.index;
    place->key_end = key_end;
    return place;
}

static void walk_value(Walk *w, int depth, gsize key_end, gboolean wanted)
{
    Place *place = wanted ? note_start(w, depth, key_end) : NULL;
    g_autofree char *list = NULL;
    gboolean flow = FALSE;

    switch (w->event.type) {
    case YAML_SCALAR_EVENT:
        if (place)
            place->text = g_strdup((const char *)w->event.data.scalar.value);
        w->last_end = w->event.end_mark.index;
        break;
    case YAML_MAPPING_START_EVENT:
        flow = w->event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
        walk_map(w, wanted ? depth : -1);
        break;
    case YAML_SEQUENCE_START_EVENT:
        flow = w->event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
        list = walk_list(w);
        break;
    default:
        w->ok = FALSE;
    }
    /* The end event of a list or map without brackets is where the next thing begins. */
    if (flow)
        w->last_end = w->event.end_mark.index;
    if (place) {
        place->flow = flow;
        if (list)
            place->text = g_steal_pointer(&list);
        place->end = w->last_end;
    }
}

static void walk_clear(Walk *w)
{
    for (int i = 0; i <= DEPTH_MAX; i++)
        g_free(w->places[i].text);
    yaml_event_delete(&w->event);
    yaml_parser_delete(&w->parser);
    g_strfreev(w->path);
}

static gboolean walk(Walk *w, const char *text, const char *key)
{
    *w = (Walk){.ok = TRUE};
    w->path = g_strsplit(key, ".", DEPTH_MAX);
    if (!yaml_parser_initialize(&w->parser))
        g_error("out of memory");
    yaml_parser_set_encoding(&w->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&w->parser, (const unsigned char *)text, strlen(text));
    advance(w); /* stream start */
    if (advance(w) && w->event.type == YAML_STREAM_END_EVENT)
        return TRUE;
    if (advance(w)) /* behind the document's start */
        walk_value(w, 0, 0, TRUE);
    while (w->ok && w->event.type != YAML_STREAM_END_EVENT)
        advance(w);
    return w->ok;
}

static gboolean is_null(const Place *place)
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
static gboolean replace_list(const char *text, const Place *place, gsize colon, gsize indent,
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
static void replace_value(const char *text, const Place *place, gsize indent, const char *value,
                          QtrYamlEdit *edit)
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
static gboolean add_member(const Walk *w, const char *text, int depth, const char *value,
                           QtrYamlEdit *edit)
{
    const Place *place = &w->places[depth];
    gsize indent = 0;

    if (place->type == YAML_MAPPING_START_EVENT && place->flow) {
        g_autofree char *member = nested_flow(w->path + depth, value);

        edit->start = edit->end = place->end - 1;
        edit->insert = g_strconcat(place->n_items > 0 ? ", " : "", member, NULL);
        return TRUE;
    }
    if (place->type == YAML_MAPPING_START_EVENT)
        indent = place->column;
    else if (is_null(place))
        indent = depth > 0 ? w->places[depth - 1].column + 2 : 0;
    else
        return FALSE;
    edit->start = edit->end = line_end(text, MAX(place->end, place->key_end));
    edit->insert = nested(w->path + depth, indent, value);
    return TRUE;
}

/* A text without a value in it: comments at most. */
static void add_to_empty(const Walk *w, const char *text, const char *value, QtrYamlEdit *edit)
{
    gsize length = (gsize)g_utf8_strlen(text, -1);
    g_autofree char *lines = nested(w->path, 0, value);

    edit->start = edit->end = length;
    edit->insert = g_strconcat(lines + (length == 0 || g_str_has_suffix(text, "\n")), "\n", NULL);
}

static gboolean make_edit(const Walk *w, const char *text, const char *value, QtrYamlEdit *edit)
{
    int n = (int)g_strv_length(w->path), depth = n;

    while (depth > 0 && !w->places[depth].found)
        depth--;
    if (depth == n) {
        replace_value(text, &w->places[n], n > 0 ? w->places[n - 1].column + 2 : 2, value, edit);
        return TRUE;
    }
    if (depth == 0 && (!w->places[0].found || is_null(&w->places[0]))) {
        add_to_empty(w, text, value, edit);
        return TRUE;
    }
    return add_member(w, text, depth, value, edit);
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
    Walk w;
    gboolean ok = walk(&w, text, key) && make_edit(&w, text, value, &made);

    walk_clear(&w);
    ok = ok && holds(&made, text, key, value);
    if (ok)
        *edit = made;
    else
        qtr_yaml_edit_clear(&made);
    return ok;
}

char *qtr_yaml_edit_get(const char *text, const char *key)
{
    Walk w;
    char *value = NULL;

    if (walk(&w, text, key))
        value = g_strdup(w.places[g_strv_length(w.path)].text);
    walk_clear(&w);
    return value;
}
