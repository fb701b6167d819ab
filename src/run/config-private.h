#pragma once
#include "run/config-yaml.h"
#include "run/config.h"

/* What the parts of the configuration share while one is read. */

typedef struct {
    QtrConfig *config;
    const char *file;     /* of the node now looked at: the file's name or "--set" */
    const char *folder;   /* of that file, or NULL */
    guint needs;          /* QtrConfigNeeds */
    gboolean is_override; /* the node is of --set, so its line says nothing */
    QtrLog *log;          /* of warnings, may be NULL */
    GPtrArray *problems;  /* QtrConfigProblem */
    GPtrArray *trees;     /* QtrYaml roots, which `given` points into */
    /* For each key of the schema: */
    const QtrYaml **given; /* the node that set it, NULL: the default stands */
    const char **source;   /* the file that node is of */
    gboolean *failed;      /* it has a problem of its own already */
} QtrConfigReader;

/* Adds a problem of `key` at `node` (NULL: at no place). */
void qtr_config_report(QtrConfigReader *reader, const QtrYaml *node, const char *key,
                       const char *format, ...) G_GNUC_PRINTF(4, 5);
/* The same as a warning, which is logged at once. */
void qtr_config_warn(QtrConfigReader *reader, const QtrYaml *node, const char *key,
                     const char *message);
/* The field of `key`. */
gpointer qtr_config_field(const QtrConfig *config, const QtrConfigKey *key);

/* Sets a field from a node, null meaning the default; reports what does not fit, as does nothing at
 * all ("epochs:") unless the default is unset too. */
void qtr_config_value_set(QtrConfigReader *reader, const QtrConfigKey *key, const QtrYaml *node);
/* Sets a field to its default. */
void qtr_config_value_reset(QtrConfig *config, const QtrConfigKey *key);
/* Gives `to`, a plain copy of `from`, a value of its own. */
void qtr_config_value_copy(QtrConfig *to, const QtrConfig *from, const QtrConfigKey *key);
void qtr_config_value_clear(QtrConfig *config, const QtrConfigKey *key);

/* The rules between keys; reports at the keys' places. */
void qtr_config_check(QtrConfigReader *reader);
/* The files and folders of reader->needs; reports at the keys' places. */
void qtr_config_check_needs(QtrConfigReader *reader);

/* Reports at `node`, else at the node that set the key `path`, or at no place where the default
 * stands. */
void qtr_config_report_at(QtrConfigReader *reader, const char *path, const QtrYaml *node,
                          const char *message);
/* The same of what the configuration is usable with. */
void qtr_config_warn_at(QtrConfigReader *reader, const char *path, const char *message);
/* Whether the key `path` has a problem already. */
gboolean qtr_config_has_failed(const QtrConfigReader *reader, const char *path);
/* Whether the key `path` was set by the file itself, not by an override. */
gboolean qtr_config_is_of_file(const QtrConfigReader *reader, const char *path);
