#pragma once
#include "nn/genotype.h"
#include "qtr-series.h"
#include "run/job.h"

#include <glib-object.h>

/* What a run folder tells at one moment. Immutable once made, so any thread may hold it. */

typedef enum {
    QTR_RUN_WAITING, /* nothing has been written yet */
    QTR_RUN_RUNNING,
    QTR_RUN_DONE,
    QTR_RUN_STOPPED, /* on request; it can go on */
    QTR_RUN_FAILED,
    QTR_RUN_INTERRUPTED, /* its process has ended without a word */
} QtrRunState;
const char *qtr_run_state_title(QtrRunState state); /* translated */
const char *qtr_run_state_icon(QtrRunState state);
gboolean qtr_run_state_is_over(QtrRunState state);

/* The jobs of a run that have curves. */
typedef enum { QTR_RUN_SEARCH, QTR_RUN_TRAIN, QTR_RUN_JOBS } QtrRunJob;

/* x counts epochs throughout. */
typedef enum {
    QTR_CURVE_STEP_LOSS,
    QTR_CURVE_STEP_ALPHA_LOSS,
    QTR_CURVE_STEP_LR,
    QTR_CURVE_TRAIN_LOSS,
    QTR_CURVE_ALPHA_LOSS,
    QTR_CURVE_VAL_LOSS,
    QTR_CURVE_PSNR,
    QTR_CURVE_LR,
    QTR_CURVE_TEMPERATURE,
    QTR_CURVE_COST,
    QTR_CURVE_BEST_COST,
    QTR_CURVE_BITOPS, /* (32x32), of the likeliest network */
    QTR_CURVES
} QtrCurve;

typedef struct {
    char *block;
    int layer; /* within the block, from 0 */
    char **primitives;
    guint n_primitives;
    guint offset; /* of its alphas in an epoch's */
} QtrRunLayer;

/* What the search chooses from; reference counted. */
typedef struct {
    GArray *layers; /* QtrRunLayer */
    GArray *bits;   /* int */
    guint n_alphas; /* of all layers */
    int body_cells, scale;
    gboolean skip_mode;
} QtrRunSpace;
QtrRunSpace *qtr_run_space_ref(QtrRunSpace *space);
void qtr_run_space_unref(QtrRunSpace *space);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrRunSpace, qtr_run_space_unref)

/* Alphas after an epoch, raw, in the order of the space; reference counted. */
typedef struct {
    guint epoch;
    guint n;
    float values[];
} QtrRunAlphas;

typedef struct {
    char *what, *set, *name; /* set and name may be NULL */
    char *path;              /* absolute */
} QtrRunPicture;
/* What no two pictures of a run share; set and name may be NULL. Free with g_free. */
char *qtr_run_picture_key(const char *what, const char *set, const char *name);

typedef struct {
    char *dir;
    char *name;   /* of the run, or the folder's */
    char *kind;   /* of the job now at work: "search", "train", "validate"; NULL: none yet */
    char *phase;  /* "warm-up", ...; NULL: unknown */
    char *device; /* NULL: unknown */
    char *host;
    char *message; /* how it ended, of ERROR.txt or the last event; NULL: nothing to say */
    char *failure; /* the text of ERROR.txt; NULL: there is none */
    QtrRunState state;
    gboolean missing;           /* the folder is no longer there; what is told is what was */
    gboolean can_resume;        /* it has ended early and can go on */
    gint64 pid;                 /* 0: unknown */
    gboolean stopping;          /* it was asked to stop, and says that it will */
    double begun, updated, eta; /* Unix seconds; seconds; NAN: unknown */
    guint epoch, epochs, step, steps;
    guint skipped_lines, bad_losses; /* unreadable events; losses that are not finite */
    QtrSeries *curves[QTR_RUN_JOBS][QTR_CURVES];
    QtrRunSpace *space;             /* or NULL */
    GPtrArray *alphas;              /* QtrRunAlphas, by epoch */
    char *genotype, *best_genotype; /* text; NULL: none yet */
    int genotype_epoch, best_epoch; /* -1: none */
    QtrArch arch;
    gboolean has_arch;   /* whether the configuration could be read */
    double penalty;      /* of the configuration; NAN: unknown */
    GPtrArray *rows;     /* QtrValidationRow */
    GPtrArray *pictures; /* QtrRunPicture, one of each what, set and name */
    guint pictures_made; /* those that were replaced since among them */
    GPtrArray *warnings; /* char*, of the run itself */
} QtrRunSnapshot;

#define QTR_TYPE_RUN_SNAPSHOT (qtr_run_snapshot_get_type())
GType qtr_run_snapshot_get_type(void);
QtrRunSnapshot *qtr_run_snapshot_ref(QtrRunSnapshot *snapshot);
void qtr_run_snapshot_unref(QtrRunSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrRunSnapshot, qtr_run_snapshot_unref)

/* For who makes them: one that nobody else holds yet, and what may be given away while the first
 * goes on changing. */
QtrRunSnapshot *qtr_run_snapshot_new(const char *dir);
QtrRunSnapshot *qtr_run_snapshot_copy(const QtrRunSnapshot *now);

/* Of the job now at work, 0..1. */
double qtr_run_snapshot_fraction(const QtrRunSnapshot *snapshot);
/* The drawing of a genotype needs a configuration; FALSE without one, or if the text is damaged. */
gboolean qtr_run_snapshot_get_genotype(const QtrRunSnapshot *snapshot, gboolean best,
                                       QtrGenotype *genotype, QtrArch *arch);
/* Shares of a layer's choices, softmax of its alphas; NULL where `alphas` does not fit. Free. */
double *qtr_run_space_shares(const QtrRunSpace *space, const QtrRunAlphas *alphas, guint layer);
/* What a person should look at: NaN, layers that do nothing, nothing learnt; translated. */
GPtrArray *qtr_run_snapshot_warnings(const QtrRunSnapshot *snapshot);
