#include "run/split.h"

#include "base/rng.h"

#define DEBUG_SUBSAMPLE 0.0001

void qtr_split_init(QtrSplit *split, guint32 count, const QtrConfig *config, QtrLog *log)
{
    double part = config->dataset.debug_mode ? DEBUG_SUBSAMPLE : config->dataset.search_subsample;
    guint32 wanted = (guint32)(part * count / 2);
    guint32 n = MIN(MAX(wanted, (guint32)config->dataset.batch_size), count);
    gboolean apart = !config->dataset.debug_mode && n <= count / 2;

    split->indices = g_new(guint32, count);
    for (guint32 i = 0; i < count; i++)
        split->indices[i] = i;
    qtr_rng_shuffle((guint64)config->env.seed, QTR_RNG_SPLIT, 0, split->indices, count);
    split->n = n;
    split->weights_at = 0;
    split->alphas_at = apart ? n : 0;
    split->valid_at = apart && n <= count / 3 ? 2 * n : split->alphas_at;
    if (!apart && !config->dataset.debug_mode)
        qtr_warning(
            log,
            "only %u training images: weights, alphas and validation of the search share %u "
            "of them",
            count, n);
}

guint32 qtr_split_steps(const QtrSplit *split, const QtrConfig *config)
{
    guint32 batch = (guint32)config->dataset.batch_size;

    return (split->n + batch - 1) / batch;
}

char *qtr_split_text(const QtrSplit *split, guint32 count)
{
    guint32 used = MAX(split->alphas_at, split->valid_at) + split->n;
    GString *text = g_string_new(NULL);

    if (split->alphas_at == split->weights_at)
        g_string_append_printf(text, "%u train weights and alphas and validate", split->n);
    else if (split->valid_at == split->alphas_at)
        g_string_append_printf(text, "%u train weights, %u others train alphas and validate",
                               split->n, split->n);
    else
        g_string_append_printf(text, "%u train weights, %u alphas, %u validate", split->n, split->n,
                               split->n);
    if (used < count)
        g_string_append_printf(text, ", %u %s not used", count - used,
                               count - used == 1 ? "is" : "are");
    return g_string_free(text, FALSE);
}

void qtr_split_clear(QtrSplit *split)
{
    g_clear_pointer(&split->indices, g_free);
}
