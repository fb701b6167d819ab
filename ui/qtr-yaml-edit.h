#pragma once
#include <glib.h>

/* Changes of one key in the text of a configuration, in place: everything else, comments and
 * layout, stays as it is. */

/* Replace the characters (not bytes) from `start` up to `end` by `insert`. */
typedef struct {
    gsize start, end;
    char *insert;
} QtrYamlEdit;

void qtr_yaml_edit_clear(QtrYamlEdit *edit);

/* How to give `key` (dotted: "arch.primitives.head") the value `value` (YAML on one line, "" for
 * none) in `text`: its value is replaced; a key or section that is missing is added at the end of
 * what it belongs to. FALSE if `text` is not YAML or has something else at the place of a section;
 * `edit` is then untouched. */
gboolean qtr_yaml_edit_set(const char *text, const char *key, const char *value, QtrYamlEdit *edit);

/* The value of `key` in `text`: a scalar's text without quotes, a list of scalars as "[a, b]". NULL
 * if it is not given (or `text` is not YAML). Free with g_free. */
char *qtr_yaml_edit_get(const char *text, const char *key);
