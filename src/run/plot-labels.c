#include "run/plot-private.h"

#define LABEL_SIZE 11.0

static gboolean is_free(const QtrPlot *plot, const QtrPlotBox *b)
{
    if (b->x < plot->x.start + 2 || b->x + b->w > plot->x.end || b->y < plot->y.end ||
        b->y + b->h > plot->y.start - 2)
        return FALSE;
    for (guint i = 0; i < plot->taken->len; i++) {
        const QtrPlotBox *t = &g_array_index(plot->taken, QtrPlotBox, i);

        if (b->x < t->x + t->w && t->x < b->x + b->w && b->y < t->y + t->h && t->y < b->y + b->h)
            return FALSE;
    }
    return TRUE;
}

/* A label where there is room beside its point; a crowded one is left out rather than unreadable.
 */
static void paint_label(QtrPlot *plot, cairo_t *cr, const QtrPlotPoint *p)
{
    double x = qtr_plot_axis_place(&plot->x, p->x), y = qtr_plot_axis_place(&plot->y, p->y);
    double w = qtr_draw_text_width(cr, p->label), h = LABEL_SIZE + 2, gap = QTR_PLOT_DOT + 4;
    const QtrPlotBox places[] = {
        {x - w - gap, y - h - 3, w, h}, {x + gap, y + 3, w, h},     {x + gap, y - h / 2, w, h},
        {x - w - gap, y - h / 2, w, h}, {x + gap, y - h - 3, w, h}, {x - w - gap, y + 3, w, h},
        {x - w / 2, y - h - gap, w, h}, {x - w / 2, y + gap, w, h},
    };

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        if (is_free(plot, &places[i])) {
            qtr_draw_text(cr, places[i].x, places[i].y + LABEL_SIZE - 1, QTR_ALIGN_LEFT, p->label);
            qtr_plot_take(plot, places[i].x, places[i].y, w, h);
            return;
        }
    }
}

static gboolean on_front(const QtrPlot *plot, guint index)
{
    for (guint i = 0; i < plot->front->len; i++) {
        if (g_array_index(plot->front, guint, i) == index)
            return TRUE;
    }
    return FALSE;
}

/* Those of the front first: they must have room. */
void qtr_plot_paint_labels(QtrPlot *plot, cairo_t *cr)
{
    qtr_draw_set_font(cr, LABEL_SIZE, FALSE);
    for (int pass = 0; pass < 2; pass++) {
        qtr_draw_set_colour(cr, pass == 0 ? QTR_INK : QTR_FAINT);
        for (guint i = 0; i < plot->points->len; i++) {
            const QtrPlotPoint *p = &g_array_index(plot->points, QtrPlotPoint, i);

            if (p->label && (plot->params->front && on_front(plot, i)) == (pass == 0))
                paint_label(plot, cr, p);
        }
    }
}
