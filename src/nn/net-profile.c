#include "nn/net-private.h"

#include <string.h>

static QtrNetProfileRow *find_row(GArray *rows, const QtrWork *work)
{
    QtrNetProfileRow row = {.label = work->label};

    for (guint i = 0; i < rows->len; i++) {
        QtrNetProfileRow *known = &g_array_index(rows, QtrNetProfileRow, i);

        if (strcmp(known->label, work->label) == 0 && strcmp(known->shape, work->shape) == 0)
            return known;
    }
    memcpy(row.shape, work->shape, sizeof row.shape);
    g_array_append_val(rows, row);
    return &g_array_index(rows, QtrNetProfileRow, rows->len - 1);
}

static gboolean profile_list(QtrCommands *list, GArray *rows, GError **error)
{
    guint n = qtr_commands_count(list);
    g_autofree double *seconds = g_new0(double, n);

    if (!qtr_commands_profile(list, seconds, error))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        const QtrWork *work = qtr_commands_work(list, i);
        QtrNetProfileRow *row = find_row(rows, work);

        row->launches++;
        row->seconds += seconds[i];
        row->flops += work->flops;
        row->bytes += work->bytes;
    }
    return TRUE;
}

gboolean qtr_net_profile(QtrNet *net, QtrNetWork work, GArray *rows, GError **error)
{
    static const QtrRates rest = {.temperature = 1.0};
    QtrCommands *evaluate = g_ptr_array_index(net->evaluate, 0);
    QtrCommands *lists[][7] = {
        {net->select, net->prepare, net->forward, net->loss, net->backward_alpha,
         net->update_alpha},
        {net->select, net->prepare, net->forward, net->loss, net->backward_weight,
         net->update_weight},
        {net->select, net->params.inference ? NULL : net->prepare, evaluate},
    };

    /* Writes the step's rates, with learning rates of nothing. */
    if (!(net->params.inference ? qtr_net_evaluate(net, &rest, error)
                                : qtr_net_weight_step(net, &rest, error)))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(lists[work]); i++)
        if (lists[work][i] && !profile_list(lists[work][i], rows, error))
            return FALSE;
    return TRUE;
}
