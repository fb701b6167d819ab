#pragma once
#include <glib.h>

/* The folder a run leaves, and where in it things are. Paths returned are free with g_free. */

typedef enum {
    QTR_FOLDER_CONFIG,              /* config.yaml, resolved */
    QTR_FOLDER_LOG,                 /* log.txt */
    QTR_FOLDER_EVENTS,              /* events.jsonl */
    QTR_FOLDER_ERROR,               /* ERROR.txt, only if the run failed */
    QTR_FOLDER_GENOTYPE,            /* best_arch.gen */
    QTR_FOLDER_BEST,                /* best.safetensors */
    QTR_FOLDER_CHECKPOINT,          /* checkpoint.safetensors */
    QTR_FOLDER_SUPERNET_BEST,       /* supernet_best.safetensors, where training follows a search */
    QTR_FOLDER_SUPERNET_CHECKPOINT, /* supernet_checkpoint.safetensors */
    QTR_FOLDER_VALIDATION,          /* validation_df.csv */
    QTR_FOLDER_IMAGES,              /* images/: LR, SR, bicubic and HR of validation */
    QTR_FOLDER_TENSORBOARD,         /* tb/ */
} QtrFolderItem;

/* Makes `parent`/`kind`_`name`-YYYY-mm-dd-HHMMSS (local time; a number is appended if it exists).
 * `kind`: "RUN", "SEARCH", "TUNE", "VALIDATE". A name with a slash or control characters is
 * QTR_ERROR_USAGE. */
char *qtr_folder_create(const char *parent, const char *kind, const char *name, GError **error);

/* Makes `dir` and the folders above it where they are missing. */
gboolean qtr_folder_make(const char *dir, GError **error);
/* The same of the folder that the file `path` is to lie in. */
gboolean qtr_folder_make_for(const char *path, GError **error);

const char *qtr_folder_item_name(QtrFolderItem item); /* relative to the run folder */
/* Whether an item has this name, so that nothing else can. */
gboolean qtr_folder_is_item(const char *name);
char *qtr_folder_path(const char *dir, QtrFolderItem item);
/* Whether it is there. */
gboolean qtr_folder_has(const char *dir, QtrFolderItem item);

char *qtr_folder_epoch_genotype(const char *dir, guint epoch); /* arch_<epoch>.gen */
/* <im_dir>/arch_<epoch>.png, relative to the run folder; `im_dir` is env.im_dir. */
char *qtr_folder_epoch_drawing(const char *im_dir, guint epoch);
/* images/<set>/<name>_<what>.png, relative to the run folder; characters that do not belong into
 * file names are replaced. `what`: "LR", "SR", "HR", "bicubic". */
char *qtr_folder_picture(const char *set, const char *name, const char *what);

/* Writes ERROR.txt: the time and the failure's message. */
gboolean qtr_folder_write_failure(const char *dir, const GError *failure, GError **error);
/* Removes ERROR.txt of an earlier attempt, if there. */
gboolean qtr_folder_clear_failure(const char *dir, GError **error);

/* QTR_ERROR_IO with both figures unless `dir` has room for `bytes` and 16 MiB more. */
gboolean qtr_folder_check_space(const char *dir, guint64 bytes, GError **error);
