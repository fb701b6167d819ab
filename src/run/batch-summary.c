#include "run/batch-private.h"

#include "run/folder.h"

#include <math.h>
#include <string.h>

GPtrArray *qtr_batch_load_rows(const QtrBatch *batch, const QtrTrial *trial)
{
    g_autofree char *dir = NULL;
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    GPtrArray *rows;

    if (trial->state != QTR_TRIAL_DONE || !trial->train_dir)
        return NULL;
    dir = g_build_filename(batch->dir, trial->train_dir, NULL);
    path = qtr_folder_path(dir, QTR_FOLDER_VALIDATION);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return NULL;
    rows = qtr_validation_load(path, &error);
    if (!rows)
        qtr_warning(batch->log, "%s", error->message);
    return rows;
}

/* Names of all sets of all trials, in the order first met. */
static GPtrArray *collect_sets(GPtrArray *const *rows, guint n)
{
    GPtrArray *sets = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < n; i++)
        for (guint j = 0; rows[i] && j < rows[i]->len; j++) {
            const QtrValidationRow *row = g_ptr_array_index(rows[i], j);

            if (!g_ptr_array_find_with_equal_func(sets, row->set, g_str_equal, NULL))
                g_ptr_array_add(sets, g_strdup(row->set));
        }
    return sets;
}

static QtrTable *make_table(const GPtrArray *sets)
{
    static const char *const fixed[] = {"trial",
                                        "name",
                                        "key",
                                        "value",
                                        "trail",
                                        "state",
                                        "device",
                                        "seconds",
                                        QTR_COLUMN_SIZE,
                                        "packed bytes",
                                        QTR_COLUMN_BITOPS,
                                        QTR_COLUMN_BITOPS_LARGE};
    static const char *const measured[] = {QTR_COLUMN_PSNR, QTR_COLUMN_SET_BICUBIC,
                                           QTR_COLUMN_SSIM};
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; i < G_N_ELEMENTS(fixed); i++)
        g_ptr_array_add(names, g_strdup(fixed[i]));
    for (guint i = 0; i < sets->len; i++)
        for (gsize m = 0; m < G_N_ELEMENTS(measured); m++)
            g_ptr_array_add(
                names, g_strdup_printf("%s %s", measured[m], (char *)g_ptr_array_index(sets, i)));
    g_ptr_array_add(names, g_strdup("search folder"));
    g_ptr_array_add(names, g_strdup("train folder"));
    g_ptr_array_add(names, g_strdup("reason"));
    g_ptr_array_add(names, NULL);
    return qtr_table_new((const char *const *)names->pdata);
}

static void set_measured(QtrTable *table, guint row, const char *what, const char *set,
                         double value)
{
    g_autofree char *column = g_strdup_printf("%s %s", what, set);

    qtr_table_set_number(table, row, column, value);
}

static void add_trial(QtrTable *table, const QtrTrial *trial, const GPtrArray *rows)
{
    guint at = qtr_table_add_row(table);

    qtr_table_set(table, at, "trial", trial->id);
    qtr_table_set(table, at, "name", trial->batch_name);
    qtr_table_set(table, at, "key", trial->key);
    qtr_table_set(table, at, "value", trial->value);
    qtr_table_set_number(table, at, "trail", trial->trail);
    qtr_table_set(table, at, "state", qtr_trial_state_name(trial->state));
    qtr_table_set(table, at, "device", trial->device);
    qtr_table_set_number(table, at, "seconds", trial->seconds);
    qtr_table_set(table, at, "search folder", trial->search_dir);
    qtr_table_set(table, at, "train folder", trial->train_dir);
    qtr_table_set(table, at, "reason", trial->reason);
    for (guint i = 0; rows && i < rows->len; i++) {
        const QtrValidationRow *row = g_ptr_array_index(rows, i);

        qtr_table_set_number(table, at, QTR_COLUMN_SIZE, row->model_size);
        qtr_table_set_number(table, at, "packed bytes", (double)row->packed_bytes);
        qtr_table_set_number(table, at, QTR_COLUMN_BITOPS, row->bitops_32);
        qtr_table_set_number(table, at, QTR_COLUMN_BITOPS_LARGE, row->bitops_256);
        set_measured(table, at, QTR_COLUMN_PSNR, row->set, row->psnr);
        set_measured(table, at, QTR_COLUMN_SET_BICUBIC, row->set, row->psnr_bicubic);
        set_measured(table, at, QTR_COLUMN_SSIM, row->set, row->ssim);
    }
}

gboolean qtr_batch_summarize(const QtrBatch *batch, GError **error)
{
    guint n = batch->trials->len;
    GPtrArray **rows = g_new0(GPtrArray *, n + 1);
    g_autofree char *path = g_build_filename(batch->dir, QTR_BATCH_SUMMARY, NULL);
    g_autoptr(GPtrArray) sets = NULL;
    g_autoptr(QtrTable) table = NULL;
    gboolean ok;

    for (guint i = 0; i < n; i++)
        rows[i] = qtr_batch_load_rows(batch, g_ptr_array_index(batch->trials, i));
    sets = collect_sets(rows, n);
    table = make_table(sets);
    for (guint i = 0; i < n; i++)
        add_trial(table, g_ptr_array_index(batch->trials, i), rows[i]);
    ok = qtr_table_save(table, path, error) && qtr_batch_plot(batch, table, sets, error);
    for (guint i = 0; i < n; i++)
        if (rows[i])
            g_ptr_array_unref(rows[i]);
    g_free(rows);
    return ok;
}
