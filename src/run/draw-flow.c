#include "run/draw-private.h"

#define GAP 26.0   /* between layers, room for an arrow */
#define PAD 14.0   /* between a panel's border and its layers */
#define LABEL 28.0 /* a panel's heading */
#define STEP 30.0  /* between panels and nodes */
#define ARC 20.0   /* clearance of a skip connection */
#define STACK 5.0  /* offset of the sheets behind a repeated cell */
#define FORK 9.0   /* radius of nothing: where wires part */
#define NODE 12.0  /* radius of an addition */
#define ADM_WIDTH 52.0

/* Heights of the picture's parts, from its upper end. */
typedef struct {
    double global_arc; /* around the whole body */
    double cell_top, cell_arc;
    double main; /* the straight line from LR to the end of the body */
    double skip; /* the cell's second branch */
    double cell_bottom;
    double turn; /* folded: the wire back to the left */
    double last; /* the line from the upsampling to SR; folded: below, else main */
    double bottom;
} Levels;

static double half(const QtrDrawing *d, QtrBlock block)
{
    return d->arch.layers[block] > 0 ? qtr_draw_card_height(d, block) / 2 : 0;
}

static Levels find_levels(const QtrDrawing *d)
{
    double body = half(d, QTR_BLOCK_BODY), head = half(d, QTR_BLOCK_HEAD);
    double last = MAX(half(d, QTR_BLOCK_UPSAMPLE), half(d, QTR_BLOCK_TAIL));
    double above_last = ARC + LABEL + last, sheets = STACK * MIN(d->arch.body_cells - 1, 2);
    Levels l;

    l.global_arc = 2;
    l.main = l.global_arc + ARC + LABEL + 6 + ARC + body;
    l.main = MAX(l.main, LABEL + head + 2);
    if (!d->folded)
        l.main = MAX(l.main, above_last + 2);
    l.cell_arc = l.main - body - ARC;
    l.cell_top = l.cell_arc - LABEL - 6;
    l.global_arc = l.cell_top - ARC;
    l.skip = l.main + body + 34 + half(d, QTR_BLOCK_SKIP);
    l.cell_bottom = l.skip + half(d, QTR_BLOCK_SKIP) + PAD;
    l.bottom = MAX(l.cell_bottom + sheets, l.main + head + PAD);
    l.turn = l.bottom + ARC;
    l.last = d->folded ? l.turn + ARC + above_last - 4 : l.main;
    l.bottom = MAX(l.bottom, l.last + MAX(last, 23) + PAD) + 2;
    return l;
}

double qtr_draw_flow_height(const QtrDrawing *d)
{
    return find_levels(d).bottom;
}

static void wire(cairo_t *cr, double x0, double y0, double x1, double y1, gboolean arrow)
{
    const double xy[] = {x0, y0, x1, y1};

    qtr_draw_wire(cr, xy, 2, arrow);
}

/* From (x0, y) up or down to `level` and back into (x1, y1). */
static void arc(cairo_t *cr, double x0, double y0, double level, double x1, double y1)
{
    const double xy[] = {x0, y0, x0, level, x1, level, x1, y1};

    qtr_draw_wire(cr, xy, 4, TRUE);
}

static void panel(cairo_t *cr, double x, double y, double w, double h, const char *label)
{
    qtr_draw_rounded(cr, x, y, w, h, 12);
    qtr_draw_set_colour(cr, QTR_PANEL);
    cairo_fill_preserve(cr);
    qtr_draw_set_colour(cr, QTR_RGB(0xd5dae0));
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
    qtr_draw_set_font(cr, 12, TRUE);
    qtr_draw_set_colour(cr, QTR_FAINT);
    qtr_draw_text(cr, x + PAD, y + 19, QTR_ALIGN_LEFT, label);
}

static double layers_width(const QtrDrawing *d, QtrBlock block)
{
    int n = d->arch.layers[block];

    return n > 0 ? n * d->card_width + (n - 1) * GAP : 0;
}

/* A block's layers on one line, centred at height y; returns the right end. */
static double layers(const QtrDrawing *d, cairo_t *cr, QtrBlock block, double x, double y)
{
    for (int i = 0; i < d->arch.layers[block]; i++) {
        if (i > 0) {
            wire(cr, x, y, x + GAP, y, TRUE);
            x += GAP;
        }
        qtr_draw_card(d, cr, block, i, x, y - half(d, block));
        x += d->card_width;
    }
    return x;
}

/* A block with the wire that leads to it; `x` is the panel's left side. */
static double block_panel(const QtrDrawing *d, cairo_t *cr, QtrBlock block, double x, double y)
{
    double w = layers_width(d, block) + 2 * PAD;

    panel(cr, x, y - half(d, block) - LABEL, w, 2 * half(d, block) + LABEL + PAD,
          qtr_block_name(block));
    wire(cr, x - STEP, y, x + PAD, y, TRUE);
    wire(cr, x + w - PAD, y, x + w, y, FALSE);
    layers(d, cr, block, x + PAD, y);
    return x + w;
}

/* Where a skip connection comes back in; centred on (x, y). Returns its half width. */
static double node_half(const QtrDrawing *d, gboolean adm)
{
    return adm && !d->arch.skip_mode ? ADM_WIDTH / 2 : NODE;
}

static void node(const QtrDrawing *d, cairo_t *cr, double x, double y, gboolean adm)
{
    if (adm && !d->arch.skip_mode) {
        qtr_draw_rounded(cr, x - ADM_WIDTH / 2, y - NODE, ADM_WIDTH, 2 * NODE, NODE);
        qtr_draw_set_colour(cr, QTR_ACCENT);
        cairo_fill(cr);
        qtr_draw_set_font(cr, 12, TRUE);
        cairo_set_source_rgb(cr, 1, 1, 1);
        qtr_draw_text(cr, x, y + 4.3, QTR_ALIGN_CENTRE, "ADM");
        return;
    }
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, NODE, 0, 2 * G_PI);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_fill_preserve(cr);
    qtr_draw_set_colour(cr, QTR_WIRE);
    cairo_set_line_width(cr, 1.5);
    cairo_stroke(cr);
    cairo_move_to(cr, x - 5.5, y);
    cairo_line_to(cr, x + 5.5, y);
    cairo_move_to(cr, x, y - 5.5);
    cairo_line_to(cr, x, y + 5.5);
    cairo_stroke(cr);
}

static void fork_dot(cairo_t *cr, double x, double y)
{
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, 3, 0, 2 * G_PI);
    qtr_draw_set_colour(cr, QTR_WIRE);
    cairo_fill(cr);
}

static void cell_panel(const QtrDrawing *d, cairo_t *cr, const Levels *l, double x, double w)
{
    g_autofree char *label = d->arch.body_cells > 1
                                 ? g_strdup_printf("body cell \xc3\x97 %d", d->arch.body_cells)
                                 : g_strdup("body cell");
    double h = l->cell_bottom - l->cell_top;

    for (int i = MIN(d->arch.body_cells - 1, 2); i > 0; i--)
        panel(cr, x + STACK * i, l->cell_top + STACK * i, w, h, "");
    panel(cr, x, l->cell_top, w, h, label);
}

/* cell(x) = ADM(x, x -> skip(x) + body(x), skip = x) */
static double cell(const QtrDrawing *d, cairo_t *cr, const Levels *l, double x0)
{
    double branches = MAX(layers_width(d, QTR_BLOCK_BODY), layers_width(d, QTR_BLOCK_SKIP));
    double fork = x0 + PAD + 4, first = fork + STEP, join = first + branches + STEP + NODE;
    double adm = join + NODE + STEP + node_half(d, TRUE);
    double right = adm + node_half(d, TRUE) + PAD + 4;
    double body = first + (branches - layers_width(d, QTR_BLOCK_BODY)) / 2;
    double skip = first + (branches - layers_width(d, QTR_BLOCK_SKIP)) / 2;
    double end;

    cell_panel(d, cr, l, x0, right - x0);
    wire(cr, x0 - STEP, l->main, body, l->main, TRUE);
    end = layers(d, cr, QTR_BLOCK_BODY, body, l->main);
    wire(cr, end, l->main, join - NODE, l->main, TRUE);

    qtr_draw_wire(cr, (const double[]){fork, l->main, fork, l->skip, skip, l->skip}, 3, TRUE);
    end = layers(d, cr, QTR_BLOCK_SKIP, skip, l->skip);
    qtr_draw_wire(cr, (const double[]){end, l->skip, join, l->skip, join, l->main + NODE}, 3, TRUE);
    qtr_draw_set_font(cr, 12, TRUE);
    qtr_draw_set_colour(cr, QTR_FAINT);
    qtr_draw_text(cr, skip, l->skip - half(d, QTR_BLOCK_SKIP) - 8, QTR_ALIGN_LEFT, "skip");

    wire(cr, join + NODE, l->main, adm - node_half(d, TRUE), l->main, TRUE);
    arc(cr, fork, l->main, l->cell_arc, adm, l->main - NODE);
    fork_dot(cr, fork, l->main);
    node(d, cr, join, l->main, FALSE);
    node(d, cr, adm, l->main, TRUE);
    wire(cr, adm + node_half(d, TRUE), l->main, right, l->main, FALSE);
    return right;
}

/* An end of the network, or the pixel shuffle: `text` over `detail`. */
static double station(cairo_t *cr, double x, double y, const char *text, const char *detail)
{
    double w;

    qtr_draw_set_font(cr, 12.5, TRUE);
    w = qtr_draw_text_width(cr, text);
    qtr_draw_set_font(cr, 11, FALSE);
    w = MAX(w, qtr_draw_text_width(cr, detail)) + 22;
    qtr_draw_rounded(cr, x, y - 23, w, 46, 9);
    qtr_draw_set_colour(cr, QTR_RGB(0xffffff));
    cairo_fill_preserve(cr);
    qtr_draw_set_colour(cr, QTR_WIRE);
    cairo_set_line_width(cr, 1.3);
    cairo_stroke(cr);
    qtr_draw_set_colour(cr, QTR_INK);
    qtr_draw_set_font(cr, 12.5, TRUE);
    qtr_draw_text(cr, x + w / 2, y - 3, QTR_ALIGN_CENTRE, text);
    qtr_draw_set_colour(cr, QTR_FAINT);
    qtr_draw_set_font(cr, 11, FALSE);
    qtr_draw_text(cr, x + w / 2, y + 14, QTR_ALIGN_CENTRE, detail);
    return x + w;
}

/* An arrow of length STEP; returns its end. */
static double step(cairo_t *cr, double x, double y)
{
    wire(cr, x, y, x + STEP, y, TRUE);
    return x + STEP;
}

/* x1 = ADM(x0, body cells, skip = x0) */
static double body(const QtrDrawing *d, cairo_t *cr, const Levels *l, double x)
{
    double fork = x + STEP / 2, right, centre;
    double sheets = STACK * MIN(d->arch.body_cells - 1, 2);

    right = cell(d, cr, l, x + STEP);
    centre = right + sheets + STEP + node_half(d, TRUE);
    wire(cr, right, l->main, centre - node_half(d, TRUE), l->main, TRUE);
    arc(cr, fork, l->main, l->cell_top - ARC, centre, l->main - NODE);
    fork_dot(cr, fork, l->main);
    node(d, cr, centre, l->main, TRUE);
    return centre + node_half(d, TRUE);
}

/* y = ADM(x2, tail, skip = x2) */
static double tail(const QtrDrawing *d, cairo_t *cr, double y, double x)
{
    double fork = x + STEP / 2, right, centre;

    right = block_panel(d, cr, QTR_BLOCK_TAIL, x + STEP, y);
    centre = right + STEP + node_half(d, TRUE);
    wire(cr, right, y, centre - node_half(d, TRUE), y, TRUE);
    arc(cr, fork, y, y - half(d, QTR_BLOCK_TAIL) - LABEL - ARC, centre, y - NODE);
    fork_dot(cr, fork, y);
    node(d, cr, centre, y, TRUE);
    return centre + node_half(d, TRUE);
}

/* From the end of the first line to the start of the second. */
static double turn(cairo_t *cr, const Levels *l, double end, double x)
{
    const double xy[] = {end, l->main, end + STEP, l->main, end + STEP, l->turn,
                         x,   l->turn, x,          l->last, x + STEP,   l->last};

    qtr_draw_wire(cr, xy, 6, FALSE);
    return x + STEP;
}

double qtr_draw_flow(const QtrDrawing *d, cairo_t *cr, double x, double y)
{
    Levels l = find_levels(d);
    g_autofree char *low = g_strdup_printf("%d channels", d->arch.channels);
    g_autofree char *factor = g_strdup_printf("\xc3\x97 %d", d->arch.scale);
    double end, first = 0;

    cairo_save(cr);
    cairo_translate(cr, 0, y);
    end = station(cr, x, l.main, "LR image", low);
    end = block_panel(d, cr, QTR_BLOCK_HEAD, end + STEP, l.main);
    end = body(d, cr, &l, end);
    if (d->folded) {
        first = end + STEP + 2;
        end = turn(cr, &l, end, x + STEP);
    }
    end = block_panel(d, cr, QTR_BLOCK_UPSAMPLE, end + STEP, l.last);
    end = station(cr, step(cr, end, l.last), l.last, "pixel shuffle", factor);
    if (d->arch.layers[QTR_BLOCK_TAIL] > 0)
        end = tail(d, cr, l.last, end);
    end = station(cr, step(cr, end, l.last), l.last, "SR image", factor);
    cairo_restore(cr);
    return MAX(first, end);
}
