#include "qtr-run-snapshot.h"

#include <glib/gi18n.h>
#include <math.h>

G_DEFINE_BOXED_TYPE(QtrRunSnapshot, qtr_run_snapshot, qtr_run_snapshot_ref, qtr_run_snapshot_unref)

const char *qtr_run_state_title(QtrRunState state)
{
    static const char *const titles[] = {N_("Waiting"), N_("Running"), N_("Done"),
                                         N_("Stopped"), N_("Failed"),  N_("Interrupted")};

    return _(titles[state]);
}

const char *qtr_run_state_icon(QtrRunState state)
{
    static const char *const icons[] = {"content-loading-symbolic", "media-playback-start-symbolic",
                                        "object-select-symbolic",   "media-playback-pause-symbolic",
                                        "dialog-error-symbolic",    "dialog-warning-symbolic"};

    return icons[state];
}

gboolean qtr_run_state_is_over(QtrRunState state)
{
    return state != QTR_RUN_WAITING && state != QTR_RUN_RUNNING;
}

char *qtr_run_picture_key(const char *what, const char *set, const char *name)
{
    return g_strjoin("\n", what, set ? set : "", name ? name : "", NULL);
}

static void clear_snapshot(gpointer data)
{
    QtrRunSnapshot *s = data;

    g_free(s->dir);
    g_free(s->name);
    g_free(s->kind);
    g_free(s->phase);
    g_free(s->device);
    g_free(s->host);
    g_free(s->message);
    g_free(s->failure);
    g_free(s->genotype);
    g_free(s->best_genotype);
    for (int job = 0; job < QTR_RUN_JOBS; job++)
        for (int c = 0; c < QTR_CURVES; c++)
            qtr_series_free(s->curves[job][c]);
    g_clear_pointer(&s->space, qtr_run_space_unref);
    g_clear_pointer(&s->alphas, g_ptr_array_unref);
    g_clear_pointer(&s->rows, g_ptr_array_unref);
    g_clear_pointer(&s->pictures, g_ptr_array_unref);
    g_clear_pointer(&s->warnings, g_ptr_array_unref);
}

static void free_picture(gpointer data)
{
    QtrRunPicture *picture = data;

    g_free(picture->what);
    g_free(picture->set);
    g_free(picture->name);
    g_free(picture->path);
}

static void release_picture(gpointer data)
{
    g_atomic_rc_box_release_full(data, free_picture);
}

QtrRunSnapshot *qtr_run_snapshot_new(const char *dir)
{
    QtrRunSnapshot *s = g_atomic_rc_box_new0(QtrRunSnapshot);

    s->dir = g_strdup(dir);
    s->begun = s->updated = s->eta = s->penalty = NAN;
    s->genotype_epoch = s->best_epoch = -1;
    s->alphas = g_ptr_array_new_with_free_func((GDestroyNotify)g_atomic_rc_box_release);
    s->rows = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_validation_row_free);
    s->pictures = g_ptr_array_new_with_free_func(release_picture);
    s->warnings = g_ptr_array_new_with_free_func(g_free);
    return s;
}

static gpointer acquire(gconstpointer box, gpointer unused)
{
    return g_atomic_rc_box_acquire((gpointer)box);
}

static gpointer copy_row(gconstpointer data, gpointer unused)
{
    const QtrValidationRow *row = data;
    QtrValidationRow *copy = g_memdup2(row, sizeof *row);

    copy->set = g_strdup(row->set);
    return copy;
}

static gpointer copy_text(gconstpointer text, gpointer unused)
{
    return g_strdup(text);
}

static void extend(GPtrArray *to, GPtrArray *from, GCopyFunc copy)
{
    g_ptr_array_extend(to, from, copy, NULL);
}

QtrRunSnapshot *qtr_run_snapshot_copy(const QtrRunSnapshot *now)
{
    QtrRunSnapshot *made = qtr_run_snapshot_new(now->dir);
    QtrRunSnapshot owned = *made;

    *made = *now;
    made->dir = owned.dir;
    made->alphas = owned.alphas;
    made->rows = owned.rows;
    made->pictures = owned.pictures;
    made->warnings = owned.warnings;
    made->name = g_strdup(now->name);
    made->kind = g_strdup(now->kind);
    made->phase = g_strdup(now->phase);
    made->device = g_strdup(now->device);
    made->host = g_strdup(now->host);
    made->message = g_strdup(now->message);
    made->failure = g_strdup(now->failure);
    made->genotype = g_strdup(now->genotype);
    made->best_genotype = g_strdup(now->best_genotype);
    made->space = now->space ? qtr_run_space_ref(now->space) : NULL;
    for (int job = 0; job < QTR_RUN_JOBS; job++)
        for (int c = 0; c < QTR_CURVES; c++)
            made->curves[job][c] = qtr_series_copy(now->curves[job][c]);
    extend(made->alphas, now->alphas, acquire);
    extend(made->pictures, now->pictures, acquire);
    extend(made->rows, now->rows, copy_row);
    extend(made->warnings, now->warnings, copy_text);
    return made;
}

QtrRunSnapshot *qtr_run_snapshot_ref(QtrRunSnapshot *snapshot)
{
    return g_atomic_rc_box_acquire(snapshot);
}

void qtr_run_snapshot_unref(QtrRunSnapshot *snapshot)
{
    g_atomic_rc_box_release_full(snapshot, clear_snapshot);
}

double qtr_run_snapshot_fraction(const QtrRunSnapshot *s)
{
    double within = s->steps ? (double)s->step / s->steps : 0;

    if (s->state == QTR_RUN_DONE)
        return 1;
    return s->epochs ? CLAMP((s->epoch + within) / s->epochs, 0.0, 1.0) : 0;
}

gboolean qtr_run_snapshot_get_genotype(const QtrRunSnapshot *s, gboolean best,
                                       QtrGenotype *genotype, QtrArch *arch)
{
    const char *text = best ? s->best_genotype : s->genotype;

    if (!text || !qtr_genotype_parse(genotype, text, "genotype", NULL))
        return FALSE;
    if (s->has_arch) {
        *arch = s->arch;
        return TRUE;
    }
    if (!s->space)
        return FALSE;
    qtr_arch_init(arch);
    arch->body_cells = s->space->body_cells;
    arch->scale = s->space->scale;
    arch->skip_mode = s->space->skip_mode;
    return TRUE;
}
