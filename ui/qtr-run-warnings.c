#include "qtr-run-snapshot.h"

#include <glib/gi18n.h>
#include <math.h>

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
