#include "run/draw-private.h"

#define RADIUS 9.0
#define GENOTYPE_HEIGHT 62.0
#define NAME_SIZE 12.5
#define SMALL_SIZE 11.0
#define ARROW 16.0 /* between two channel counts */
#define ROW 18.0
#define HEADER 28.0
#define BAR 92.0
#define PERCENT 40.0
#define PAD 12.0

void qtr_draw_pill(cairo_t *cr, double x, double y, double h, QtrColour colour, const char *text)
{
    double w;

    qtr_draw_set_font(cr, SMALL_SIZE, TRUE);
    w = qtr_draw_text_width(cr, text) + h * 0.9;
    qtr_draw_rounded(cr, x - w / 2, y - h / 2, w, h, h / 2);
    qtr_draw_set_colour(cr, colour);
    cairo_fill(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    qtr_draw_text(cr, x, y + 4, QTR_ALIGN_CENTRE, text);
}

static double longest_name(const QtrDrawing *d, cairo_t *cr)
{
    double longest = 0;

    for (int b = 0; b < QTR_BLOCKS; b++) {
        int n = d->supernet ? d->arch.n_primitives[b] : d->arch.layers[b];

        for (int i = 0; i < n; i++) {
            const QtrPrimitive *primitive =
                d->supernet ? d->arch.primitives[b][i] : d->genotype.genes[b][i].primitive;

            longest = MAX(longest, qtr_draw_text_width(cr, qtr_primitive_name(primitive)));
        }
    }
    return longest;
}

double qtr_draw_card_width(const QtrDrawing *d, cairo_t *cr)
{
    qtr_draw_set_font(cr, d->supernet ? SMALL_SIZE : NAME_SIZE, TRUE);
    if (d->supernet)
        return longest_name(d, cr) + BAR + PERCENT + 2 * PAD + 8;
    return MAX(118, longest_name(d, cr) + 2 * PAD + 4);
}

double qtr_draw_card_height(const QtrDrawing *d, QtrBlock block)
{
    int rows = MIN(d->arch.n_primitives[block], QTR_DRAW_ROWS + 1);

    return d->supernet ? HEADER + rows * ROW + 8 : GENOTYPE_HEIGHT;
}

/* "36 -> 36" with a drawn arrow: not every font has one. Returns the width; paints if `paint`. */
static double draw_channels(cairo_t *cr, double x, double y, int in, int out, gboolean paint)
{
    char from[16], to[16];
    double wf, wt;

    g_snprintf(from, sizeof from, "%d", in);
    g_snprintf(to, sizeof to, "%d", out);
    qtr_draw_set_font(cr, SMALL_SIZE, FALSE);
    wf = qtr_draw_text_width(cr, from);
    wt = qtr_draw_text_width(cr, to);
    if (paint) {
        double mid = y - 4, x0 = x + wf + 3.5, x1 = x + wf + ARROW - 3.5;

        qtr_draw_set_colour(cr, QTR_FAINT);
        qtr_draw_text(cr, x, y, QTR_ALIGN_LEFT, from);
        qtr_draw_text(cr, x + wf + ARROW, y, QTR_ALIGN_LEFT, to);
        cairo_set_line_width(cr, 1);
        cairo_move_to(cr, x0, mid);
        cairo_line_to(cr, x1, mid);
        cairo_move_to(cr, x1 - 3, mid - 2.5);
        cairo_line_to(cr, x1, mid);
        cairo_line_to(cr, x1 - 3, mid + 2.5);
        cairo_stroke(cr);
    }
    return wf + ARROW + wt;
}

static void draw_box(cairo_t *cr, double x, double y, double w, double h, QtrColour fill,
                     QtrColour border, gboolean dashed)
{
    const double dashes[] = {4, 3};

    qtr_draw_rounded(cr, x, y, w, h, RADIUS);
    qtr_draw_set_colour(cr, fill);
    cairo_fill_preserve(cr);
    qtr_draw_set_colour(cr, border);
    cairo_set_line_width(cr, 1.3);
    cairo_set_dash(cr, dashes, dashed ? 2 : 0, 0);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
}

static void draw_gene(const QtrDrawing *d, cairo_t *cr, QtrBlock block, int layer, double x,
                      double y)
{
    const QtrGene *gene = &d->genotype.genes[block][layer];
    gboolean conv = qtr_primitive_kind(gene->primitive) == QTR_PRIMITIVE_CONV;
    QtrColour colour = conv ? qtr_colour_of_bits(gene->bits) : QTR_FAINT;
    double centre = x + d->card_width / 2, pill, channels;
    char bits[24];
    int in, out;

    draw_box(cr, x, y, d->card_width, GENOTYPE_HEIGHT, qtr_colour_tint(colour, conv ? 0.1 : 0),
             qtr_colour_tint(colour, 0.75), !conv);
    qtr_draw_set_colour(cr, QTR_INK);
    qtr_draw_set_font(cr, NAME_SIZE, TRUE);
    qtr_draw_text(cr, centre, y + 25, QTR_ALIGN_CENTRE, qtr_primitive_name(gene->primitive));

    qtr_arch_layer_channels(&d->arch, block, layer, &in, &out);
    channels = draw_channels(cr, 0, 0, in, out, FALSE);
    if (!conv) {
        draw_channels(cr, centre - channels / 2, y + 46, in, out, TRUE);
        return;
    }
    g_snprintf(bits, sizeof bits, "%d bits", gene->bits);
    qtr_draw_set_font(cr, SMALL_SIZE, TRUE);
    pill = qtr_draw_text_width(cr, bits) + 18 * 0.9;
    qtr_draw_pill(cr, centre - (channels + 9) / 2, y + 42, 18, colour, bits);
    draw_channels(cr, centre + (pill + 9 - channels) / 2, y + 46, in, out, TRUE);
}

typedef struct {
    int primitive;
    double share; /* over all bit widths */
} Row;

/* Largest share first, the order of the configuration among equals. */
static int compare_rows(gconstpointer a, gconstpointer b)
{
    const Row *x = a, *y = b;

    if (x->share != y->share)
        return x->share > y->share ? -1 : 1;
    return x->primitive - y->primitive;
}

static double bar_end(const QtrDrawing *d)
{
    return d->card_width - PAD - PERCENT;
}

static void draw_percent(const QtrDrawing *d, cairo_t *cr, double x, double y, double share)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(text, sizeof text, share < 0.0995 ? "%.1f" : "%.0f", share * 100);
    g_strlcat(text, "%", sizeof text);
    qtr_draw_set_colour(cr, QTR_INK);
    qtr_draw_text(cr, x + d->card_width - PAD, y, QTR_ALIGN_RIGHT, text);
}

static void draw_row(const QtrDrawing *d, cairo_t *cr, QtrBlock block, const float *shares, Row row,
                     double x, double y, double largest, gboolean first)
{
    double at = x + bar_end(d) - BAR;

    qtr_draw_set_font(cr, SMALL_SIZE, first);
    qtr_draw_set_colour(cr, QTR_INK);
    qtr_draw_text(cr, x + PAD, y, QTR_ALIGN_LEFT,
                  qtr_primitive_name(d->arch.primitives[block][row.primitive]));
    cairo_rectangle(cr, at, y - 9, BAR, 11);
    qtr_draw_set_colour(cr, QTR_GRID);
    cairo_fill(cr);
    for (int b = 0; b < d->arch.n_bits; b++) {
        double width = BAR * shares[row.primitive * d->arch.n_bits + b] / largest;

        cairo_rectangle(cr, at, y - 9, width, 11);
        qtr_draw_set_colour(cr, qtr_colour_of_bits(d->arch.bits[b]));
        cairo_fill(cr);
        at += width;
    }
    draw_percent(d, cr, x, y, row.share);
}

static void draw_shares(const QtrDrawing *d, cairo_t *cr, QtrBlock block, int layer, double x,
                        double y)
{
    const float *shares = d->shares[block][layer];
    Row rows[QTR_PRIMITIVES_MAX] = {0};
    int n = d->arch.n_primitives[block], in, out;
    int shown = n > QTR_DRAW_ROWS + 1 ? QTR_DRAW_ROWS : n;
    double rest = 0;
    char text[32];

    for (int i = 0; i < n; i++) {
        rows[i].primitive = i;
        for (int b = 0; b < d->arch.n_bits; b++)
            rows[i].share += shares[i * d->arch.n_bits + b];
    }
    qsort(rows, (gsize)n, sizeof *rows, compare_rows);
    draw_box(cr, x, y, d->card_width, qtr_draw_card_height(d, block), QTR_RGB(0xffffff),
             QTR_RGB(0xc4cad1), FALSE);
    g_snprintf(text, sizeof text, "layer %d", layer + 1);
    qtr_draw_set_font(cr, SMALL_SIZE, TRUE);
    qtr_draw_set_colour(cr, QTR_FAINT);
    qtr_draw_text(cr, x + PAD, y + 18, QTR_ALIGN_LEFT, text);
    qtr_arch_layer_channels(&d->arch, block, layer, &in, &out);
    draw_channels(cr, x + d->card_width - PAD - draw_channels(cr, 0, 0, in, out, FALSE), y + 18, in,
                  out, TRUE);
    y += HEADER + 12;
    for (int i = 0; i < shown; i++, y += ROW)
        draw_row(d, cr, block, shares, rows[i], x, y, MAX(rows[0].share, 1e-6), i == 0);
    if (shown == n)
        return;
    for (int i = shown; i < n; i++)
        rest += rows[i].share;
    g_snprintf(text, sizeof text, "and %d more", n - shown);
    qtr_draw_set_font(cr, SMALL_SIZE, FALSE);
    qtr_draw_set_colour(cr, QTR_FAINT);
    qtr_draw_text(cr, x + PAD, y, QTR_ALIGN_LEFT, text);
    draw_percent(d, cr, x, y, rest);
}

void qtr_draw_card(const QtrDrawing *d, cairo_t *cr, QtrBlock block, int layer, double x, double y)
{
    if (d->supernet)
        draw_shares(d, cr, block, layer, x, y);
    else
        draw_gene(d, cr, block, layer, x, y);
}
