#pragma once
#include "base/log.h"
#include "nn/arch.h"
#include "nn/options.h"
#include "run/config-schema.h"

/* A run's configuration: the reference's YAML file, typed, checked and complete. Fields are named
 * as the keys, which run/config-schema.h describes. */

typedef struct {
    int n;
    int values[QTR_BITS_MAX];
} QtrBitsList;

typedef struct QtrConfig {
    struct {
        int scale;
        double search_subsample;
        int batch_size, crop_size;
        char *files_list;
        gboolean debug_mode;
    } dataset;
    struct {
        QtrBitsList bits;
        int channels, c_fixed, scale;
        int layers[QTR_BLOCKS]; /* arch_pattern */
        int body_cells;
        gboolean skip_mode;
        char **primitives[QTR_BLOCKS]; /* NULL: the default list */
    } arch;
    struct {
        char *run_name, *gpu, *log_dir, *im_dir, *validation_sets;
        int workers, seed, print_freq;
        gboolean half_tensors;
    } env;
    struct {
        int warm_up;
        char *load_path;
        double penalty;
        QtrSelector alpha_selector;
        QtrSparsity sparse_type;
        double sparse_coef;
        QtrOptimizer optimizer;
        gboolean quant_noise;
        QtrSchedule lr_scheduler;
        double w_lr, w_momentum, w_weight_decay, w_grad_clip;
        int epochs;
        double alpha_lr, alpha_weight_decay;
        double temp_max, temp_min;
    } search;
    struct {
        int warm_up;
        QtrSchedule lr_scheduler;
        double lr, weight_decay;
        int print_freq, epochs;
        char *genotype_path;
    } train;
} QtrConfig;

/* One finding in a configuration. */
typedef struct {
    char *file;       /* as given, or "--set" */
    int line, column; /* from 1; 0 where the key is not in a file */
    char *key;        /* dotted path, "" for the file as a whole */
    char *message;
    gboolean warning; /* the configuration is usable all the same */
} QtrConfigProblem;

/* "file:line:column: key: message"; free with g_free. */
char *qtr_config_problem_text(const QtrConfigProblem *problem);
void qtr_config_problem_free(QtrConfigProblem *problem); /* NULL-safe */

/* All defaults. */
QtrConfig *qtr_config_new(void);
void qtr_config_free(QtrConfig *config); /* NULL-safe */
QtrConfig *qtr_config_copy(const QtrConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrConfig, qtr_config_free)

/* Reads a file, then applies `overrides` ("search.penalty=0.001", NULL-terminated; may be NULL)
 * whose values are YAML too, and checks the whole. Everything wrong is reported at once: on failure
 * the QTR_ERROR_USAGE message has one line a problem (QTR_ERROR_IO: the file cannot be read).
 * Warnings (obsolete keys, a key given twice: the last one counts, a genotype that is not of the
 * search space) go to `log` (may be NULL).
 * `problems` (may be NULL) receives all findings, warnings included, as QtrConfigProblem; free it
 * with g_ptr_array_unref; it is set on success and failure alike, but NULL on QTR_ERROR_IO.
 *
 * A relative input path of a file (files_list, load_path, genotype_path, validation_sets) counts
 * from the current folder; if nothing is there, from the file's own folder, then from the folder
 * above it: configs/ lies beside data/, in a checkout as where it is installed. */
QtrConfig *qtr_config_load(const char *path, const char *const *overrides, QtrLog *log,
                           GPtrArray **problems, GError **error);
/* The same of a text; `origin` names it in messages, `folder` (may be NULL) is its own folder. */
QtrConfig *qtr_config_load_text(const char *text, gsize size, const char *origin,
                                const char *folder, const char *const *overrides, QtrLog *log,
                                GPtrArray **problems, GError **error);

/* What a command reads beside the configuration. */
typedef enum {
    QTR_NEEDS_TRAIN_LIST = 1 << 0, /* dataset.files_list with train.list, which names images */
    QTR_NEEDS_VAL_LIST = 1 << 1,   /* and val.list */
    QTR_NEEDS_SETS = 1 << 2,       /* env.validation_sets and its folders, if it is set */
    QTR_NEEDS_SUPERNET = 1 << 3,   /* search.load_path, if it is set */
    QTR_NEEDS_GENOTYPE = 1 << 4,   /* train.genotype_path, and that it fits the space */
} QtrConfigNeeds;

/* As qtr_config_load, or with all defaults if `path` is NULL; what of `needs` (QtrConfigNeeds) is
 * not set or not there is among the errors, at the place of its key. */
QtrConfig *qtr_config_load_for(const char *path, const char *const *overrides, guint needs,
                               QtrLog *log, GError **error);

/* Where a configuration named `path` is: as given, else in ./configs, else in the installed
 * folder; a path with a folder in it only as given. QTR_ERROR_USAGE says where it was looked for.
 */
char *qtr_config_find(const char *path, GError **error);

/* QTR_ERROR_USAGE unless all keys of the NULL-terminated list of dotted paths are set. */
gboolean qtr_config_require(const QtrConfig *config, const char *const *keys, GError **error);

/* QTR_ERROR_USAGE unless `after` differs from `before` only in keys whose change is `least` or
 * freer; the message has a line for each key that does, with the old and the new value, and ends
 * with `advice`. Relative paths of both count from the current folder. */
gboolean qtr_config_check_change(const QtrConfig *before, const QtrConfig *after,
                                 QtrConfigChange least, const char *advice, GError **error);

/* Makes relative input and output paths absolute, from the current folder: for a copy that is
 * read again from elsewhere. QTR_ERROR_USAGE if one of them is no UTF-8 then, with which YAML
 * cannot hold it; all are made absolute even so. */
gboolean qtr_config_make_absolute(QtrConfig *config, GError **error);
/* The same of a copy: whether a run with it can be written down. */
gboolean qtr_config_check_paths(const QtrConfig *config, GError **error);

/* The whole configuration as YAML, defaults filled in, with each key's description as a comment.
 * Reading it gives an equal configuration. */
char *qtr_config_to_yaml(const QtrConfig *config);

/* The value of one key as YAML text ("[8, 4]", "0.001", "" if unset); free with g_free. */
char *qtr_config_value_text(const QtrConfig *config, const QtrConfigKey *key);

/* The search space that `arch` describes. */
void qtr_config_get_arch(const QtrConfig *config, QtrArch *arch);
