#include "run/draw.h"

#include "nn/cost.h"
#include "run/draw-private.h"

#include <string.h>

#define MARGIN 28.0
#define CAPTION 64.0 /* title and subtitle */
#define LEGEND 46.0
#define LINE_MAX_WIDTH 1400.0 /* a wider picture is folded */

static char *make_subtitle(const QtrDrawing *d, const QtrDrawCaption *caption)
{
    GString *text = g_string_new(NULL);
    char number[32];

    if (caption && caption->epoch >= 0)
        g_string_append_printf(text, "epoch %d", caption->epoch);
    if (caption && isfinite(caption->loss)) {
        char digits[G_ASCII_DTOSTR_BUF_SIZE];

        g_ascii_formatd(digits, sizeof digits, "%.5g", caption->loss);
        g_string_append_printf(text, "%sloss %s", text->len ? "  \xc2\xb7  " : "", digits);
    }
    if (!d->supernet && qtr_genotype_check(&d->genotype, &d->arch, NULL)) {
        QtrCost cost = qtr_genotype_cost(&d->genotype, &d->arch, QTR_COST_SIDE, QTR_COST_SIDE);

        g_string_append_printf(text, "%s%sBitOps at 32 \xc3\x97 32",
                               text->len ? "  \xc2\xb7  " : "",
                               qtr_draw_si(cost.bitops, number, sizeof number));
        g_string_append_printf(text, "  \xc2\xb7  %s parameters",
                               qtr_draw_si((double)cost.parameters, number, sizeof number));
    }
    return g_string_free(text, FALSE);
}

/* Lays the picture out by painting it where nobody sees it. */
static QtrDrawing *finish(QtrDrawing *d, const QtrDrawCaption *caption, const char *title)
{
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, NULL);
    cairo_t *cr = cairo_create(surface);
    double text, flow;

    d->title = g_strdup(caption && caption->title ? caption->title : title);
    d->subtitle = make_subtitle(d, caption);
    d->card_width = qtr_draw_card_width(d, cr);
    qtr_draw_set_font(cr, 20, TRUE);
    text = qtr_draw_text_width(cr, d->title);
    qtr_draw_set_font(cr, 13.5, FALSE);
    text = MAX(text, qtr_draw_text_width(cr, d->subtitle));
    flow = qtr_draw_flow(d, cr, MARGIN, 0);
    if (flow > LINE_MAX_WIDTH) {
        d->folded = TRUE;
        flow = qtr_draw_flow(d, cr, MARGIN, 0);
    }
    d->width = MAX(flow, text + MARGIN) + MARGIN;
    d->height = MARGIN + CAPTION + qtr_draw_flow_height(d) + LEGEND + MARGIN / 2;
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return d;
}

QtrDrawing *qtr_drawing_new_genotype(const QtrGenotype *genotype, const QtrArch *arch,
                                     const QtrDrawCaption *caption)
{
    QtrDrawing *d = g_new0(QtrDrawing, 1);

    d->arch = *arch;
    d->genotype = *genotype;
    memcpy(d->arch.layers, genotype->layers, sizeof d->arch.layers);
    return finish(d, caption, "Architecture");
}

/* Alphas of a search that diverged get no share. */
static float *softmax(const float *alphas, int n)
{
    float *shares = g_new0(float, n);
    double largest = -INFINITY, sum = 0;

    for (int i = 0; i < n; i++) {
        if (isfinite(alphas[i]))
            largest = MAX(largest, (double)alphas[i]);
    }
    for (int i = 0; i < n; i++) {
        if (isfinite(alphas[i]))
            sum += exp(alphas[i] - largest);
    }
    for (int i = 0; i < n; i++) {
        if (isfinite(alphas[i]))
            shares[i] = (float)(exp(alphas[i] - largest) / sum);
    }
    return shares;
}

QtrDrawing *qtr_drawing_new_supernet(const QtrArch *arch, const float *const *alphas,
                                     const QtrDrawCaption *caption)
{
    QtrDrawing *d = g_new0(QtrDrawing, 1);

    d->arch = *arch;
    d->supernet = TRUE;
    for (int i = 0; i < qtr_arch_layer_count(arch); i++) {
        QtrBlock block;
        int layer;

        qtr_arch_layer_at(arch, i, &block, &layer);
        d->shares[block][layer] = softmax(alphas[i], arch->n_primitives[block] * arch->n_bits);
    }
    return finish(d, caption, "Supernet");
}

void qtr_drawing_free(QtrDrawing *d)
{
    if (!d)
        return;
    for (int b = 0; b < QTR_BLOCKS; b++) {
        for (int i = 0; i < QTR_LAYERS_MAX; i++)
            g_free(d->shares[b][i]);
    }
    g_free(d->title);
    g_free(d->subtitle);
    g_free(d);
}

void qtr_drawing_size(const QtrDrawing *drawing, double *width, double *height)
{
    *width = drawing->width;
    *height = drawing->height;
}

static gboolean uses_bits(const QtrDrawing *d, int bits)
{
    if (d->supernet) {
        for (int i = 0; i < d->arch.n_bits; i++) {
            if (d->arch.bits[i] == bits)
                return TRUE;
        }
        return FALSE;
    }
    for (int b = 0; b < QTR_BLOCKS; b++) {
        for (int i = 0; i < d->genotype.layers[b]; i++) {
            const QtrGene *gene = &d->genotype.genes[b][i];

            if (gene->bits == bits && qtr_primitive_kind(gene->primitive) == QTR_PRIMITIVE_CONV)
                return TRUE;
        }
    }
    return FALSE;
}

static void paint_legend(const QtrDrawing *d, cairo_t *cr, double y)
{
    double x = MARGIN;
    char text[24];

    for (int bits = 1; bits <= 32; bits++) {
        if (!uses_bits(d, bits))
            continue;
        qtr_draw_rounded(cr, x, y - 11, 14, 14, 4);
        qtr_draw_set_colour(cr, qtr_colour_of_bits(bits));
        cairo_fill(cr);
        g_snprintf(text, sizeof text, "%d bits", bits);
        qtr_draw_set_font(cr, 12, FALSE);
        qtr_draw_set_colour(cr, QTR_INK);
        qtr_draw_text(cr, x + 20, y, QTR_ALIGN_LEFT, text);
        x += 20 + qtr_draw_text_width(cr, text) + 22;
    }
    qtr_draw_set_font(cr, 12, FALSE);
    qtr_draw_set_colour(cr, QTR_FAINT);
    if (!d->arch.skip_mode)
        qtr_draw_text(cr, x, y, QTR_ALIGN_LEFT,
                      "ADM: f(batch norm(x)) \xc2\xb7 (w \xc2\xb7 std(skip) + b) + skip");
}

void qtr_drawing_paint(const QtrDrawing *d, cairo_t *cr)
{
    qtr_draw_set_colour(cr, QTR_INK);
    qtr_draw_set_font(cr, 20, TRUE);
    qtr_draw_text(cr, MARGIN, MARGIN + 16, QTR_ALIGN_LEFT, d->title);
    qtr_draw_set_colour(cr, QTR_FAINT);
    qtr_draw_set_font(cr, 13.5, FALSE);
    qtr_draw_text(cr, MARGIN, MARGIN + 38, QTR_ALIGN_LEFT, d->subtitle);
    qtr_draw_flow(d, cr, MARGIN, MARGIN + CAPTION);
    paint_legend(d, cr, d->height - MARGIN);
}

static void paint(cairo_t *cr, gconstpointer data)
{
    qtr_drawing_paint(data, cr);
}

gboolean qtr_drawing_save(const QtrDrawing *drawing, const char *path, GError **error)
{
    return qtr_draw_save(path, drawing->width, drawing->height, paint, drawing, error);
}
