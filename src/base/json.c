#include "base/json.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

static gboolean fail_at(GError **error, const char *origin, gsize at, const char *what)
{
    g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: %s at byte %" G_GSIZE_FORMAT, origin, what,
                at);
    return FALSE;
}

/* The end of the string that opens at `i`, or `size`. */
static gsize string_end(const char *text, gsize i, gsize size)
{
    for (i++; i < size && text[i] != '"'; i++) {
        if (text[i] == '\\')
            i++;
        else if ((guchar)text[i] < 0x20)
            return size;
    }
    return MIN(i, size);
}

/* json-glib's scanner knows comments, single quotes and hexadecimal numbers. With those characters
 * refused, what this scan takes for a string is one for json-glib too, so the depth is the true
 * one. */
static gboolean check_shape(const char *text, gsize size, guint max_depth, const char *origin,
                            GError **error)
{
    guint depth = 0;

    for (gsize i = 0; i < size; i++) {
        char c = text[i];

        if (c == '"') {
            gsize end = string_end(text, i, size);

            if (end == size)
                return fail_at(error, origin, i, "unfinished string");
            i = end;
        } else if (c == '{' || c == '[') {
            if (++depth > max_depth)
                return fail_at(error, origin, i, "JSON nested too deep");
        } else if (c == '}' || c == ']') {
            if (depth-- == 0)
                return fail_at(error, origin, i, "unmatched bracket");
        } else if (c == '\0' || !strchr(" \t\r\n:,+-.0123456789eEtrufalsn", c)) {
            return fail_at(error, origin, i, "character that is not JSON");
        }
    }
    return depth == 0 || fail_at(error, origin, size, "unclosed bracket");
}

static gsize count_members(JsonNode *node)
{
    gsize count = 0;

    if (JSON_NODE_HOLDS_OBJECT(node)) {
        JsonObjectIter iter;
        const char *name; /* json-glib 1.6 writes it unasked */
        JsonNode *member;

        json_object_iter_init_ordered(&iter, json_node_get_object(node));
        while (json_object_iter_next_ordered(&iter, &name, &member))
            count += 1 + count_members(member);
    } else if (JSON_NODE_HOLDS_ARRAY(node)) {
        JsonArray *array = json_node_get_array(node);

        for (guint i = 0; i < json_array_get_length(array); i++)
            count += count_members(json_array_get_element(array, i));
    }
    return count;
}

static void on_member(JsonParser *parser, JsonObject *object, const char *name, gpointer user_data)
{
    gsize *seen = user_data;

    (void)parser;
    (void)object;
    (void)name;
    (*seen)++;
}

JsonObject *qtr_json_parse_object(const char *text, gsize size, guint max_depth, const char *origin,
                                  GError **error)
{
    g_autoptr(JsonParser) parser = NULL;
    g_autoptr(GError) inner = NULL;
    JsonNode *root;
    gsize seen = 0;

    if (size > G_MAXSSIZE || !g_utf8_validate_len(text, size, NULL)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: not UTF-8 text", origin);
        return NULL;
    }
    if (!check_shape(text, size, max_depth, origin, error))
        return NULL;
    parser = json_parser_new();
    g_signal_connect(parser, "object-member", G_CALLBACK(on_member), &seen);
    if (!json_parser_load_from_data(parser, text, (gssize)size, &inner)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: not valid JSON (%s)", origin,
                    inner->message);
        return NULL;
    }
    root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: not a JSON object", origin);
        return NULL;
    }
    if (count_members(root) != seen) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: a name occurs twice in one object",
                    origin);
        return NULL;
    }
    return json_object_ref(json_node_get_object(root));
}

JsonNode *qtr_json_number(double value)
{
    JsonNode *node = json_node_new(isfinite(value) ? JSON_NODE_VALUE : JSON_NODE_NULL);

    if (isfinite(value))
        json_node_set_double(node, value);
    return node;
}

char *qtr_json_text(JsonNode *node, gboolean pretty)
{
    g_autofree char *text = json_to_string(node, pretty);

    return g_utf8_make_valid(text, -1);
}
