#include "run/batch-private.h"

#include "search/space.h"

static void widen(QtrGenotype *genotype)
{
    for (int b = 0; b < QTR_BLOCKS; b++)
        for (int i = 0; i < genotype->layers[b]; i++)
            genotype->genes[b][i].bits = 32;
}

gboolean qtr_batch_add_samples(QtrBatch *batch, const QtrArch *arch, int start, int runs,
                               guint64 seed, GError **error)
{
    static const char *const kinds[] = {"fp", "quant"};

    for (int r = start; r < runs; r++) {
        for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++) {
            QtrTrial *trial;
            QtrGenotype genotype;

            if (!qtr_space_sample(arch, seed, (guint32)r, &genotype, error)) {
                g_prefix_error(error, "arch.primitives: ");
                return FALSE;
            }
            if (k == 0)
                widen(&genotype);
            trial = qtr_batch_new_trial(batch,
                                        g_strdup_printf("%s_trail_%d_%s", batch->name, r, kinds[k]),
                                        "kind", kinds[k], r, seed);
            trial->folder = g_strdup(".");
            trial->genotype = qtr_genotype_format(&genotype);
            qtr_batch_select_trial(batch, trial);
        }
    }
    return TRUE;
}
