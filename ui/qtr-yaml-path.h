#pragma once
#include "run/config-yaml.h"

#include <yaml.h>

/* Where a key of a configuration stands in its text, and what leads there. */

/* Where a value stands, in characters. */
typedef struct {
    gboolean found;
    yaml_event_type_t type; /* scalar, or the start of a list or map */
    gboolean flow;
    gsize start, end; /* of the value */
    gsize column;     /* of a block map's keys */
    gsize key_end;    /* behind the key, before its colon */
    char *text;       /* of a scalar, or a list of scalars as "[a, b]" */
    int n_items;      /* of a map */
} QtrYamlPlace;

typedef struct {
    char **keys; /* "arch.bits" in its parts */
    QtrYamlPlace
        places[QTR_YAML_DEPTH_MAX + 1]; /* places[0]: the root; places[i + 1]: of keys[i] */
} QtrYamlPath;

/* Finds as much as there is of `key` (dotted). FALSE if `text` is not YAML, or stranger than
 * configurations are. Clear `path` in any case. */
gboolean qtr_yaml_path_find(QtrYamlPath *path, const char *text, const char *key);
void qtr_yaml_path_clear(QtrYamlPath *path);
