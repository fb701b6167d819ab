#include "run/config-yaml.h"

#include <errno.h>
#include <string.h>
#include <yaml.h>

typedef struct {
    yaml_parser_t parser;
    yaml_event_t event;
    yaml_mark_t where; /* of the failure */
    char *message;     /* NULL while all is well */
} Reader;

void qtr_yaml_free(QtrYaml *node)
{
    if (!node)
        return;
    g_clear_pointer(&node->items, g_ptr_array_unref);
    g_free(node->key);
    g_free(node->text);
    g_free(node);
}

static gboolean refuse(Reader *r, const char *message)
{
    r->where = r->event.start_mark;
    r->message = g_strdup(message);
    return FALSE;
}

/* Moves on to the next event. */
static gboolean advance(Reader *r)
{
    yaml_event_delete(&r->event);
    if (yaml_parser_parse(&r->parser, &r->event))
        return TRUE;
    r->where = r->parser.problem_mark;
    r->message = g_strdup_printf(
        "not valid YAML: %s%s%s", r->parser.problem ? r->parser.problem : "out of memory",
        r->parser.context ? " " : "", r->parser.context ? r->parser.context : "");
    return FALSE;
}

static QtrYaml *node_at(const yaml_event_t *event, QtrYamlKind kind)
{
    QtrYaml *node = g_new0(QtrYaml, 1);

    node->kind = kind;
    node->line = (int)event->start_mark.line + 1;
    node->column = (int)event->start_mark.column + 1;
    if (kind != QTR_YAML_SCALAR)
        node->items = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_yaml_free);
    return node;
}

static QtrYaml *read_scalar(Reader *r)
{
    const yaml_char_t *value = r->event.data.scalar.value;
    QtrYaml *node;

    if (r->event.data.scalar.anchor || r->event.data.scalar.tag) {
        refuse(r, "anchors and tags are not supported; write the value itself");
        return NULL;
    }
    if (strlen((const char *)value) != r->event.data.scalar.length) {
        refuse(r, "a text must not hold a NUL character");
        return NULL;
    }
    node = node_at(&r->event, QTR_YAML_SCALAR);
    node->text = g_strdup((const char *)value);
    node->quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return node;
}

static QtrYaml *read_node(Reader *r, int depth);

/* The members up to the end event of a list or map, whose start event is the current one. */
static gboolean read_items(Reader *r, QtrYaml *node, int depth)
{
    yaml_event_type_t end =
        node->kind == QTR_YAML_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;

    while (advance(r) && r->event.type != end) {
        g_autoptr(QtrYaml) key = NULL;
        QtrYaml *item;

        if (node->kind == QTR_YAML_MAP) {
            if (r->event.type != YAML_SCALAR_EVENT)
                return refuse(r, "expected the name of a key");
            key = read_scalar(r);
            if (!key || !advance(r))
                return FALSE;
        }
        item = read_node(r, depth + 1);
        if (!item)
            return FALSE;
        if (key) {
            item->key = g_steal_pointer(&key->text);
            item->key_line = key->line;
            item->key_column = key->column;
        }
        g_ptr_array_add(node->items, item);
    }
    return !r->message;
}

/* The node that the current event starts. */
static QtrYaml *read_node(Reader *r, int depth)
{
    gboolean map = r->event.type == YAML_MAPPING_START_EVENT;
    QtrYaml *node;

    if (r->event.type == YAML_SCALAR_EVENT)
        return read_scalar(r);
    if (r->event.type == YAML_ALIAS_EVENT) {
        refuse(r, "aliases are not supported; write the value itself");
        return NULL;
    }
    if (depth > QTR_YAML_DEPTH_MAX) {
        refuse(r, "nested too deeply for a configuration");
        return NULL;
    }
    if (map ? r->event.data.mapping_start.anchor || r->event.data.mapping_start.tag
            : r->event.data.sequence_start.anchor || r->event.data.sequence_start.tag) {
        refuse(r, "anchors and tags are not supported; write the value itself");
        return NULL;
    }
    node = node_at(&r->event, map ? QTR_YAML_MAP : QTR_YAML_LIST);
    if (!read_items(r, node, depth))
        g_clear_pointer(&node, qtr_yaml_free);
    return node;
}

static QtrYaml *read_document(Reader *r)
{
    g_autoptr(QtrYaml) root = NULL;

    if (!advance(r) || !advance(r)) /* to the stream's start, then what follows it */
        return NULL;
    if (r->event.type == YAML_STREAM_END_EVENT) {
        root = node_at(&r->event, QTR_YAML_SCALAR);
        root->text = g_strdup("");
        return g_steal_pointer(&root);
    }
    if (!advance(r))
        return NULL;
    root = read_node(r, 0);
    if (!root || !advance(r) || !advance(r))
        return NULL;
    if (r->event.type != YAML_STREAM_END_EVENT) {
        refuse(r, "a second document follows; expected only one");
        return NULL;
    }
    return g_steal_pointer(&root);
}

QtrYaml *qtr_yaml_parse(const char *text, gsize size, int *line, int *column, char **message)
{
    Reader r = {0};
    QtrYaml *root;

    if (!yaml_parser_initialize(&r.parser))
        g_error("out of memory");
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
    root = read_document(&r);
    if (!root) {
        *line = (int)r.where.line + 1;
        *column = (int)r.where.column + 1;
        *message = g_steal_pointer(&r.message);
    }
    yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    return root;
}

static gboolean is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return TRUE;
    return FALSE;
}

/* Digits with the underscores that YAML allows between them dropped; NULL if `text` is no number.
 */
static char *plain_number(const char *text, gboolean *fraction)
{
    static const char pattern[] =
        "^[-+]?([0-9][0-9_]*(\\.[0-9_]*)?|\\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?$";
    const char *digits = text + strspn(text, "+-");
    char **parts, *clean;

    *fraction = strpbrk(text, ".eE") != NULL;
    if (!g_regex_match_simple(pattern, text, G_REGEX_DOLLAR_ENDONLY, 0))
        return NULL;
    /* YAML 1.1 would read 010 as octal: better no number than another one than meant. */
    if (!*fraction && digits[0] == '0' && digits[1])
        return NULL;
    parts = g_strsplit(text, "_", -1);
    clean = g_strjoinv("", parts);
    g_strfreev(parts);
    return clean;
}

QtrScalar qtr_yaml_scalar(const QtrYaml *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes",
                                      "YES",  "on",   "On",   "ON",  NULL};
    static const char *const no[] = {"false", "False", "FALSE", "no",  "No",
                                     "NO",    "off",   "Off",   "OFF", NULL};
    QtrScalar scalar = {.kind = QTR_SCALAR_TEXT};
    g_autofree char *number = NULL;
    gboolean fraction;

    if (node->quoted)
        return scalar;
    if (is_one_of(node->text, nulls)) {
        scalar.kind = QTR_SCALAR_NULL;
    } else if (is_one_of(node->text, yes) || is_one_of(node->text, no)) {
        scalar.kind = QTR_SCALAR_BOOL;
        scalar.truth = is_one_of(node->text, yes);
    } else if ((number = plain_number(node->text, &fraction))) {
        errno = 0;
        scalar.integer = fraction ? 0 : g_ascii_strtoll(number, NULL, 10);
        scalar.number = g_ascii_strtod(number, NULL);
        scalar.kind = fraction || errno == ERANGE ? QTR_SCALAR_FLOAT : QTR_SCALAR_INT;
    }
    return scalar;
}

/* C0 and C1 controls, and what YAML takes for line breaks or a byte order mark. */
static gboolean needs_escape(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

char *qtr_yaml_quote(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    QtrYaml node = {.kind = QTR_YAML_SCALAR, .text = valid};
    QtrScalarKind kind = qtr_yaml_scalar(&node).kind;
    GString *quoted;

    if ((kind == QTR_SCALAR_TEXT || kind == QTR_SCALAR_INT) && g_ascii_isalnum(*valid) &&
        valid[strspn(valid, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_./-")] == '\0')
        return g_steal_pointer(&valid);
    quoted = g_string_new("\"");
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (needs_escape(c)) {
            g_string_append_printf(quoted, "\\u%04X", c);
        } else {
            if (c == '"' || c == '\\')
                g_string_append_c(quoted, '\\');
            g_string_append_unichar(quoted, c);
        }
    }
    g_string_append_c(quoted, '"');
    return g_string_free(quoted, FALSE);
}
