#pragma once
#include <glib.h>

/* Options as data. One table a command serves parsing, --help, the man page and the completion. */

typedef enum {
    QTR_OPTION_FLAG,   /* gboolean */
    QTR_OPTION_TEXT,   /* char* */
    QTR_OPTION_PATH,   /* char*, a file or folder */
    QTR_OPTION_INT,    /* int */
    QTR_OPTION_NUMBER, /* double */
    QTR_OPTION_LIST,   /* char**; one value each time it is given */
    QTR_OPTION_MANY,   /* char**; one or more values each time: -v 0 0.001 0.005 */
} QtrOptionKind;

typedef struct {
    const char *name; /* long name; NULL ends a table */
    char letter;      /* short name or 0 */
    QtrOptionKind kind;
    gsize offset;         /* of the member of QtrOptions it sets */
    const char *argument; /* placeholder in help: "FILE" */
    const char *help;     /* one line, no full stop */
    gboolean hidden;      /* left out of help, man page and completion */
    gboolean required;    /* its command does nothing without, or --resume; not of a number */
    double min, max;      /* what a number may be */
} QtrOption;

/* The values of every option of every command; a command reads only those of its table. */
typedef struct {
    char *config, *seed, *resume, *run_dir, *train_dir;
    char **set, **devices;
    gboolean json, quiet, verbose, help, version, headless;
    char *genotype, *weights, *sets;
    char **values;
    char *key, *dir, *name;
    int repeat, runs, start, rounds;
    gboolean retry_failed, skip_existing, man, completion, measure, shapes;
    char *input, *output;
    int patch, stride, scale, tile;
    double valid;
    char **arguments; /* what is left: positional arguments, never NULL after parsing */
} QtrOptions;

/* The options every command takes; one of the same name in a command's table stands in for it. */
const QtrOption *qtr_options_common(void);
/* Whether `table` (may be NULL) has an option of this name. */
gboolean qtr_option_is_in(const QtrOption *table, const QtrOption *option);

/* Numbers get their defaults. */
void qtr_options_init(QtrOptions *options);
void qtr_options_clear(QtrOptions *options);

/* What help and man page say of it: with a number's range, "times; 1 to 1000". g_free. */
char *qtr_option_help_text(const QtrOption *option);

/* The required options of `table` (may be NULL) that were not given, as QtrOption: none with
 * --resume, as what goes on has them already. Free with g_ptr_array_unref. */
GPtrArray *qtr_options_missing(const QtrOptions *options, const QtrOption *table);

/* Parses `args` (NULL-terminated, without the program and command) by `table` and the common table.
 * Anything wrong is QTR_ERROR_USAGE and names the nearest known option, or a number's range. "--"
 * ends the options; a number such as -0.5 is a value, not an option. */
gboolean qtr_options_parse(QtrOptions *options, const QtrOption *table, const char *const *args,
                           GError **error);

/* Splits `args` into the command word, which may follow common options, and the rest; NULL if there
 * is none (an option of a command comes first, or nothing does). `rest` is to be freed with g_free:
 * its strings are borrowed from `args`. */
const char *qtr_options_command(const char *const *args, const char ***rest);
