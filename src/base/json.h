#pragma once
#include <json-glib/json-glib.h>

/* Reading of untrusted JSON on top of json-glib, which by itself recurses as deep as its input
 * says, lets the last of two equal names win and takes comments and assignments; and writing of
 * strings that may be no UTF-8. */

/* Parses `size` bytes that must be one JSON object (white space may surround it), in UTF-8, nested
 * at most `max_depth` deep, no name twice in one object, nothing but JSON. Returns a new reference.
 * QTR_ERROR_FORMAT with a message that starts with `origin` (a path, or "path:line"). */
JsonObject *qtr_json_parse_object(const char *text, gsize size, guint max_depth, const char *origin,
                                  GError **error);

/* A node of `value`, null if it is not finite: JSON has no NaN. */
JsonNode *qtr_json_number(double value);

/* `node` as JSON in UTF-8: bytes of its strings that are none, as in paths, become U+FFFD. Free
 * with g_free. */
char *qtr_json_text(JsonNode *node, gboolean pretty);
