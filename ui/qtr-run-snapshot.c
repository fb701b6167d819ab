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

static void clear_space(gpointer data)
{
    QtrRunSpace *space = data;

    g_array_unref(space->layers);
    g_array_unref(space->bits);
}

QtrRunSpace *qtr_run_space_ref(QtrRunSpace *space)
{
    return g_atomic_rc_box_acquire(space);
}

void qtr_run_space_unref(QtrRunSpace *space)
{
    g_atomic_rc_box_release_full(space, clear_space);
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

double *qtr_run_space_shares(const QtrRunSpace *space, const QtrRunAlphas *alphas, guint layer)
{
    const QtrRunLayer *l = &g_array_index(space->layers, QtrRunLayer, layer);
    guint n = l->n_primitives * space->bits->len;
    double largest = -INFINITY, sum = 0;
    double *shares;

    if (l->offset + n > alphas->n)
        return NULL;
    shares = g_new0(double, n + 1);
    for (guint i = 0; i < n; i++)
        if (isfinite(alphas->values[l->offset + i]))
            largest = MAX(largest, (double)alphas->values[l->offset + i]);
    for (guint i = 0; i < n; i++) {
        double a = alphas->values[l->offset + i];

        shares[i] = isfinite(a) ? exp(a - largest) : 0;
        sum += shares[i];
    }
    for (guint i = 0; i < n && sum > 0; i++)
        shares[i] /= sum;
    return shares;
}

static void warn_idle_layers(const QtrRunSnapshot *s, GPtrArray *found)
{
    QtrGenotype genotype;

    if (!s->genotype || !qtr_genotype_parse(&genotype, s->genotype, "genotype", NULL))
        return;
    for (int block = 0; block < QTR_BLOCKS; block++) {
        int idle = 0;

        for (int i = 0; i < genotype.layers[block]; i++)
            idle +=
                g_str_equal(qtr_primitive_name(genotype.genes[block][i].primitive), "skip_connect");
        if (idle == 0 || block == QTR_BLOCK_SKIP)
            continue;
        g_ptr_array_add(
            found,
            idle == genotype.layers[block]
                ? g_strdup_printf(_("Every %s layer is only skip_connect: the block computes "
                                    "nothing"),
                                  qtr_block_name((QtrBlock)block))
                : g_strdup_printf(ngettext("%d %s layer is only skip_connect",
                                           "%d %s layers are only skip_connect", (gulong)idle),
                                  idle, qtr_block_name((QtrBlock)block)));
    }
}

#define EPOCHS_TO_LEARN 3

/* The loss of the last epochs is no better than that of the first. */
static void warn_nothing_learnt(const QtrRunSnapshot *s, QtrRunJob job, GPtrArray *found)
{
    const QtrSeries *loss = s->curves[job][QTR_CURVE_TRAIN_LOSS];
    const QtrSeriesPoint *points = qtr_series_points(loss);
    guint n = qtr_series_length(loss);
    double least = INFINITY;

    if (n <= EPOCHS_TO_LEARN)
        return;
    for (guint i = 1; i < n; i++)
        least = MIN(least, points[i].min);
    if (least < 0.99 * points[0].y)
        return;
    g_ptr_array_add(found,
                    g_strdup_printf(job == QTR_RUN_SEARCH
                                        ? _("The search has learnt nothing in %u epochs: try "
                                            "another learning rate")
                                        : _("Training has learnt nothing in %u epochs: try "
                                            "another learning rate"),
                                    n));
}

GPtrArray *qtr_run_snapshot_warnings(const QtrRunSnapshot *s)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);

    if (s->bad_losses)
        g_ptr_array_add(found, g_strdup(_("The loss is not a finite number (NaN): lower the "
                                          "learning rate or clip the gradient")));
    warn_idle_layers(s, found);
    for (int job = 0; job < QTR_RUN_JOBS; job++)
        warn_nothing_learnt(s, (QtrRunJob)job, found);
    for (guint i = 0; i < s->warnings->len; i++)
        g_ptr_array_add(found, g_strdup(g_ptr_array_index(s->warnings, i)));
    if (s->skipped_lines)
        g_ptr_array_add(found, g_strdup_printf(ngettext("%u damaged line of events.jsonl was "
                                                        "passed over",
                                                        "%u damaged lines of events.jsonl were "
                                                        "passed over",
                                                        s->skipped_lines),
                                               s->skipped_lines));
    return found;
}
