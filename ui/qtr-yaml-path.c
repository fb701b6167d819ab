#include "qtr-yaml-path.h"

#include "run/config-yaml.h"

#include <string.h>

typedef struct {
    yaml_parser_t parser;
    yaml_event_t event;
    QtrYamlPath *found;
    gboolean ok;
    gsize last_end; /* of the last scalar, or list or map in brackets */
} Walk;

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
        w->found->places[depth].column = w->event.start_mark.column;
    while (advance(w) && w->event.type != YAML_MAPPING_END_EVENT) {
        gboolean wanted = FALSE;
        gsize key_end;

        if (w->event.type != YAML_SCALAR_EVENT) {
            w->ok = FALSE;
            return;
        }
        if (depth >= 0 && w->found->keys[depth])
            wanted = strcmp((const char *)w->event.data.scalar.value, w->found->keys[depth]) == 0;
        key_end = w->event.end_mark.index;
        if (depth >= 0)
            w->found->places[depth].n_items++;
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
static QtrYamlPlace *note_start(Walk *w, int depth, gsize key_end)
{
    QtrYamlPlace *place = &w->found->places[depth];

    for (int i = depth; i <= QTR_YAML_DEPTH_MAX; i++) {
        g_free(w->found->places[i].text);
        w->found->places[i] = (QtrYamlPlace){0};
    }
    place->found = TRUE;
    place->type = w->event.type;
    place->start = w->event.start_mark.index;
    place->key_end = key_end;
    return place;
}

static void walk_value(Walk *w, int depth, gsize key_end, gboolean wanted)
{
    QtrYamlPlace *place = wanted ? note_start(w, depth, key_end) : NULL;
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

static void walk_document(Walk *w)
{
    advance(w); /* stream start */
    if (advance(w) && w->event.type == YAML_STREAM_END_EVENT)
        return;
    if (advance(w)) /* behind the document's start */
        walk_value(w, 0, 0, TRUE);
    while (w->ok && w->event.type != YAML_STREAM_END_EVENT)
        advance(w);
}

gboolean qtr_yaml_path_find(QtrYamlPath *path, const char *text, const char *key)
{
    Walk w = {.found = path, .ok = TRUE};

    *path = (QtrYamlPath){.keys = g_strsplit(key, ".", QTR_YAML_DEPTH_MAX)};
    if (!yaml_parser_initialize(&w.parser))
        g_error("out of memory");
    yaml_parser_set_encoding(&w.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&w.parser, (const unsigned char *)text, strlen(text));
    walk_document(&w);
    yaml_event_delete(&w.event);
    yaml_parser_delete(&w.parser);
    return w.ok;
}

void qtr_yaml_path_clear(QtrYamlPath *path)
{
    for (int i = 0; i <= QTR_YAML_DEPTH_MAX; i++)
        g_free(path->places[i].text);
    g_strfreev(path->keys);
}
