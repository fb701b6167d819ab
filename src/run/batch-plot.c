#include "run/batch-private.h"

#include "run/plot.h"

#include <math.h>
#include <string.h>

static double mean_of(const QtrTable *table, const char *column)
{
    double sum = 0;
    guint n = 0;

    for (guint i = 0; i < qtr_table_rows(table); i++) {
        double value = qtr_table_get_number(table, i, column);

        if (isfinite(value)) {
            sum += value;
            n++;
        }
    }
    return n ? sum / n : (double)NAN;
}

/* What two trials of the folder do not share has to be said of each. */
typedef struct {
    gboolean name, key;
} Differing;

static Differing find_differing(const GPtrArray *trials)
{
    Differing found = {FALSE, FALSE};

    for (guint i = 1; i < trials->len; i++) {
        const QtrTrial *a = g_ptr_array_index(trials, 0), *b = g_ptr_array_index(trials, i);

        found.name |= strcmp(a->batch_name, b->batch_name) != 0;
        found.key |= strcmp(a->key, b->key) != 0;
    }
    return found;
}

static char *label_of(const QtrTrial *trial, Differing differing)
{
    return g_strdup_printf("%s%s%s%s%s #%d", differing.name ? trial->batch_name : "",
                           differing.name ? " " : "", differing.key ? trial->key : "",
                           differing.key ? " " : "", trial->value, trial->trail);
}

/* One set: pareto.svg and .png for the first, pareto_<set>.svg and .png for the others. */
static gboolean plot_set(const QtrBatch *batch, const QtrTable *table, const char *set,
                         gboolean first, GError **error)
{
    static const char *const extensions[] = {"svg", "png"};
    g_autofree char *psnr = g_strconcat(QTR_COLUMN_PSNR " ", set, NULL);
    g_autofree char *bicubic = g_strconcat(QTR_COLUMN_SET_BICUBIC " ", set, NULL);
    g_autofree char *title = g_strdup_printf("Quality against cost on %s", set);
    g_autofree char *stem = first ? g_strdup("pareto") : g_strconcat("pareto_", set, NULL);
    g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
    g_autofree QtrPlotPoint *points = g_new0(QtrPlotPoint, qtr_table_rows(table) + 1);
    QtrPlotSeries series = {.points = points, .n_points = qtr_table_rows(table)};
    QtrPlotParams params = QTR_PLOT_PARAMS_INIT;
    Differing differing = find_differing(batch->trials);

    for (guint i = 0; i < series.n_points; i++) {
        char *label = label_of(g_ptr_array_index(batch->trials, i), differing);

        g_ptr_array_add(labels, label);
        points[i] = (QtrPlotPoint){.x = qtr_table_get_number(table, i, QTR_COLUMN_BITOPS),
                                   .y = qtr_table_get_number(table, i, psnr),
                                   .label = label};
    }
    params.title = title;
    params.x_label = "BitOps (32x32)";
    params.y_label = "PSNR / dB";
    params.log_x = params.front = TRUE;
    params.reference = mean_of(table, bicubic);
    params.reference_label = "bicubic";
    g_strdelimit(stem, "/", '_');
    for (gsize i = 0; i < G_N_ELEMENTS(extensions); i++) {
        g_autofree char *leaf = g_strdup_printf("%s.%s", stem, extensions[i]);
        g_autofree char *path = g_build_filename(batch->dir, leaf, NULL);

        if (!qtr_plot_save(&params, &series, 1, path, error))
            return FALSE;
    }
    return TRUE;
}

gboolean qtr_batch_plot(const QtrBatch *batch, const QtrTable *table, const GPtrArray *sets,
                        GError **error)
{
    for (guint i = 0; i < sets->len; i++)
        if (!plot_set(batch, table, g_ptr_array_index(sets, i), i == 0, error))
            return FALSE;
    return TRUE;
}
