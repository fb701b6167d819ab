#include "qtr-pareto-private.h"
#include "run/plot.h"
#include "run/table.h"

#include <glib/gi18n.h>

static gboolean save_csv(QtrPareto *self, const char *path, GError **error)
{
    const char *const columns[] = {"run", "BitOps", "PSNR", "on the front", NULL};
    g_autoptr(QtrTable) table = qtr_table_new(columns);

    for (guint i = 0; i < self->points->len; i++) {
        guint row;

        if (!qtr_pareto_can_show(qtr_pareto_point(self, i)))
            continue;
        row = qtr_table_add_row(table);
        qtr_table_set(table, row, columns[0], qtr_pareto_point(self, i)->label);
        qtr_table_set_number(table, row, columns[1], qtr_pareto_point(self, i)->cost);
        qtr_table_set_number(table, row, columns[2], qtr_pareto_point(self, i)->quality);
        qtr_table_set(table, row, columns[3], qtr_pareto_is_on_front(self, i) ? "yes" : "no");
    }
    return qtr_table_save(table, path, error);
}

gboolean qtr_pareto_save(QtrPareto *self, const char *path, GError **error)
{
    g_autofree QtrPlotPoint *plain = NULL;
    QtrPlotParams params = QTR_PLOT_PARAMS_INIT;
    QtrPlotSeries series = {.n_points = self->points->len};

    g_return_val_if_fail(QTR_IS_PARETO(self), FALSE);
    if (g_str_has_suffix(path, ".csv"))
        return save_csv(self, path, error);
    plain = g_new0(QtrPlotPoint, self->points->len + 1);
    for (guint i = 0; i < self->points->len; i++)
        plain[i] =
            (QtrPlotPoint){qtr_pareto_point(self, i)->cost, qtr_pareto_point(self, i)->quality,
                           qtr_pareto_point(self, i)->label};
    series.points = plain;
    params.title = _("Quality against Cost");
    params.x_label = self->x_label;
    params.y_label = self->y_label;
    params.log_x = params.front = TRUE;
    params.reference = self->reference;
    params.reference_label = _("bicubic");
    return qtr_plot_save(&params, &series, 1, path, error);
}
