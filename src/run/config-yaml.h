#pragma once
#include <glib.h>

/* A YAML text as a tree whose nodes know their place. */

typedef enum { QTR_YAML_SCALAR, QTR_YAML_LIST, QTR_YAML_MAP } QtrYamlKind;

typedef struct QtrYaml {
    QtrYamlKind kind;
    int line, column; /* from 1 */
    char *key;        /* of a map's member, else NULL */
    int key_line, key_column;
    char *text;       /* of a scalar */
    gboolean quoted;  /* the scalar is text, whatever it looks like */
    GPtrArray *items; /* members of a list or map in order, as QtrYaml; NULL for a scalar */
} QtrYaml;

void qtr_yaml_free(QtrYaml *node); /* NULL-safe; frees the tree */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrYaml, qtr_yaml_free)

#define QTR_YAML_DEPTH_MAX 8 /* of lists and maps in each other */

/* The one document of `text`; an empty text is a null scalar. Keys must be scalars; anchors,
 * aliases, tags and deep nesting are refused. On failure NULL and where and why. Untrusted input.
 */
QtrYaml *qtr_yaml_parse(const char *text, gsize size, int *line, int *column, char **message);

/* What a scalar is by YAML 1.1 as the reference reads it: `1e-3` is a number, `yes` a boolean. */
typedef enum {
    QTR_SCALAR_NULL,
    QTR_SCALAR_BOOL,
    QTR_SCALAR_INT,
    QTR_SCALAR_FLOAT,
    QTR_SCALAR_TEXT,
} QtrScalarKind;

typedef struct {
    QtrScalarKind kind;
    gboolean truth;
    gint64 integer; /* of an int */
    double number;  /* of an int or a float */
} QtrScalar;

QtrScalar qtr_yaml_scalar(const QtrYaml *node);

/* `text` as a scalar that reads back as that text. */
char *qtr_yaml_quote(const char *text);
