#include "nn/net-private.h"

G_STATIC_ASSERT(QTR_PART_ROWS % NET_STAT_ROWS == 0 && QTR_PART_COLUMNS % NET_STAT_COLUMNS == 0);

static gboolean set_adm_part(QtrNet *net, const NetAdm *adm, const QtrPart *part, GError **error)
{
    const QtrNetParams *p = &net->params;
    int s = adm->scale;
    int image_height = (net->tiled ? p->image_height : p->height) * s;
    int image_width = (net->tiled ? p->image_width : p->width) * s;
    const NetPart stats = {.top = part->top * s,
                           .left = part->left * s,
                           .height = part->height * s,
                           .width = part->width * s,
                           .row0 = part->row * s / NET_STAT_ROWS,
                           .column0 = part->column * s / NET_STAT_COLUMNS,
                           .block_rows = qtr_ceil_div(image_height, NET_STAT_ROWS),
                           .block_columns = qtr_ceil_div(image_width, NET_STAT_COLUMNS)};

    return adm->gamma < 0 || qtr_buffer_write(adm->region, 0, &stats, sizeof stats, error);
}

gboolean net_set_part(QtrNet *net, const QtrPart *part, GError **error)
{
    const QtrPart whole = {.height = net->params.height, .width = net->params.width};

    if (!part)
        part = &whole;
    for (int i = 0; i < net->arch.body_cells; i++)
        if (!set_adm_part(net, &net->cells[i].adm, part, error))
            return FALSE;
    return set_adm_part(net, &net->one, part, error) && set_adm_part(net, &net->two, part, error);
}

int qtr_net_cuts(const QtrNet *net)
{
    return (int)net->phis->len;
}

gboolean qtr_net_run_part(QtrNet *net, const QtrPart *part, int cut, GError **error)
{
    g_assert(net->tiled && cut >= 0 && cut < (int)net->evaluate->len);
    g_assert(part->row % QTR_PART_ROWS == 0 && part->column % QTR_PART_COLUMNS == 0);
    if (!net_set_part(net, part, error) || !net_run_prepare(net, error))
        return FALSE;
    for (int i = 0; i <= cut; i++)
        if (!qtr_commands_run(g_ptr_array_index(net->evaluate, (guint)i), error))
            return FALSE;
    return TRUE;
}

gboolean qtr_net_close_cut(QtrNet *net, int cut, GError **error)
{
    return qtr_commands_run(g_ptr_array_index(net->phis, (guint)cut), error);
}
