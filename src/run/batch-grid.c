#include "run/batch-private.h"

#include <string.h>

static QtrTrial *find_trial(const QtrBatch *batch, const char *id)
{
    for (guint i = 0; i < batch->trials->len; i++) {
        QtrTrial *trial = g_ptr_array_index(batch->trials, i);

        if (strcmp(trial->id, id) == 0)
            return trial;
    }
    return NULL;
}

static void choose(QtrBatch *batch, QtrTrial *trial)
{
    if (trial->state == QTR_TRIAL_FAILED && batch->retry_failed)
        trial->state = QTR_TRIAL_QUEUED;
    g_hash_table_add(batch->selected, trial);
}

void qtr_batch_add_all(QtrBatch *batch)
{
    for (guint i = 0; i < batch->trials->len; i++)
        choose(batch, g_ptr_array_index(batch->trials, i));
}

void qtr_batch_select_trial(QtrBatch *batch, QtrTrial *trial)
{
    QtrTrial *before = find_trial(batch, trial->id);

    if (before) {
        qtr_trial_free(trial);
        trial = before;
    } else {
        g_ptr_array_add(batch->trials, trial);
    }
    choose(batch, trial);
}

/* Values of overrides are YAML: a name is quoted, whatever is in it. */
static char *name_override(const char *name)
{
    g_autoptr(GString) quoted = g_string_new(name);

    g_string_replace(quoted, "'", "''", 0);
    return g_strdup_printf("env.run_name='%s'", quoted->str);
}

QtrTrial *qtr_batch_new_trial(const QtrBatch *batch, char *id, const char *key, const char *value,
                              int trail, guint64 seed)
{
    QtrTrial *trial = g_new0(QtrTrial, 1);

    trial->id = id;
    trial->batch_name = g_strdup(batch->name);
    trial->key = g_strdup(key);
    trial->value = g_strdup(value);
    trial->trail = trail;
    trial->overrides = g_new0(char *, 4);
    trial->overrides[0] = g_strdup_printf("env.seed=%" G_GUINT64_FORMAT, seed);
    trial->overrides[1] = name_override(id);
    return trial;
}

void qtr_batch_add_grid(QtrBatch *batch, const char *section, const char *key,
                        const char *const *values, int repeat, guint64 seed)
{
    for (int r = 1; r <= repeat; r++) {
        for (const char *const *value = values; *value; value++) {
            char *id = g_strdup_printf("%s_%s_%s_trail_%d", batch->name, key, *value, r);
            QtrTrial *trial = qtr_batch_new_trial(batch, id, key, *value, r, seed + (guint64)r - 1);

            trial->folder = g_strdup_printf("trail_%d", r);
            trial->overrides[2] = g_strdup_printf("%s.%s=%s", section, key, *value);
            qtr_batch_select_trial(batch, trial);
        }
    }
}
