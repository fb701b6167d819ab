#pragma once
#include <glib.h>

/* The table of all configuration keys: the one place that knows a key's type, default, range and
 * meaning. Parsing, --set, help, the man page, the resolved configuration and forms read it. */

typedef enum {
    QTR_KEY_INT,        /* int */
    QTR_KEY_FLOAT,      /* double, finite */
    QTR_KEY_BOOL,       /* gboolean */
    QTR_KEY_ENUM,       /* int-sized enum: the index into `choices` */
    QTR_KEY_STRING,     /* char *, NULL: unset; numbers are taken as text */
    QTR_KEY_NAME,       /* char *, one component of a path */
    QTR_KEY_INPUT,      /* char *, an existing file or folder, NULL: unset */
    QTR_KEY_OUTPUT,     /* char *, a folder to write to */
    QTR_KEY_BITS,       /* QtrBitsList, different allowed bit widths */
    QTR_KEY_PRIMITIVES, /* char **, different names of primitives; NULL: the default list */
    QTR_KEY_OBSOLETE,   /* of the reference; accepted with a warning and ignored */
} QtrKeyType;

/* What a run that goes on with --resume may change. */
typedef enum {
    QTR_CHANGE_NEVER,  /* it would be another run */
    QTR_CHANGE_RESUME, /* it goes on with the new value, which has a part in its results */
    QTR_CHANGE_FREE,   /* says where, how fast and how shown: results are the same */
} QtrConfigChange;

typedef struct {
    const char *path; /* dotted: "arch.arch_pattern.head" */
    QtrKeyType type;
    gsize offset;               /* of its field in QtrConfig */
    const char *fallback;       /* default as YAML text; NULL: unset */
    double min, max;            /* inclusive, for int and float */
    gboolean above;             /* `min` itself is excluded */
    const char *const *choices; /* of an enum, NULL-terminated */
    const char *description;    /* one line; of an obsolete key: what to use instead */
    QtrConfigChange change;
} QtrConfigKey;

/* The keys in the order they are written in, sections together. Static. */
const QtrConfigKey *qtr_config_schema(guint *count);

/* The key of a dotted path, or NULL. */
const QtrConfigKey *qtr_config_key_find(const char *path);
/* Whether keys start with `path` and a dot ("search", "arch.primitives"). */
gboolean qtr_config_is_section(const char *path);
/* The last component of a key's path, within it. */
const char *qtr_config_key_name(const QtrConfigKey *key);

/* "int", "number", "yes or no", "one of a, b", ... ; and "1 to 64", "above 0", or "" where there is
 * no range. Free with g_free. */
char *qtr_config_key_type_text(const QtrConfigKey *key);
char *qtr_config_key_range_text(const QtrConfigKey *key);

/* The key most likely meant by an unknown path, or NULL. */
const char *qtr_config_nearest_key(const char *path);
