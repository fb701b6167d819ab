#include "ops/conv-pair.h"

#define MOST_COLUMNS 400 /* so that what is read beyond a row stays within a tensor's slack */
/* Rows of an item; fewer where the cores would else have less than ITEMS items each. */
#define MOST_ROWS 64
#define LEAST_ROWS 16
#define ITEMS 4
#define LOCAL_SHARE 3 /* of local memory, which stands for a core's cache */
/* What a number between costs, in multiplications: its activation, and, where there are two
 * launches, being written to the last cache and read from there; measured, like how much longer one
 * launch takes for as much, whose items read more than those of two. */
#define ACTIVATION 10
#define MOVED 40
#define LONGER 1.25
#define FEWER 0.04 /* of a multiplication's time, for each vector less at a time, of so many: */
#define MOST_LESS 2

static int greatest_divisor(int a, int b)
{
    return b == 0 ? a : greatest_divisor(b, a % b);
}

/* All but across and down. Few channels share what is read between some rows, as in cl/conv.cl. */
static QtrConvPairTile start_tile(const QtrConvPair *pair, int lanes)
{
    int channels = pair->second.tile.channels;
    QtrConvPairTile tile = {
        .parts = greatest_divisor(pair->first.shape->groups, pair->second.shape->groups),
        .vectors1 = pair->first.tile.vectors,
        .rows = 1,
        .vectors2 = pair->second.tile.vectors};

    if (pair->second.shape->kh > 1 && channels <= 3 && lanes > 1) {
        tile.rows = lanes == 16 ? 4 : 3;
        tile.vectors2 = lanes == 16 ? MIN(3, 6 / channels) : MAX(1, 2 / channels);
    }
    return tile;
}

/* Vectors that are computed for `columns`, so many at a time. */
static int vectors_for(int columns, int at_once, int lanes)
{
    return qtr_ceil_div(columns, at_once * lanes) * at_once;
}

/* Time that each multiplication takes with so many vectors at a time, where `most` take 1. */
static double slower(int vectors, int most)
{
    return 1.0 + FEWER * (most - vectors);
}

/* Multiplications of vectors that a row of y takes; `between`: rows between for one of y. */
static double row_cost(const QtrConvPair *pair, int across, double between, int width, int lanes)
{
    const QtrConvShape *a = pair->first.shape, *b = pair->second.shape;
    const QtrConvPairTile most = start_tile(pair, lanes);
    double first = ((double)qtr_conv_shape_weights(a) + ACTIVATION * a->out) * between *
                   slower(pair->tile.vectors1, most.vectors1);
    double second = (double)qtr_conv_shape_weights(b) * slower(pair->tile.vectors2, most.vectors2);
    double sum = 0.0;

    for (int column = 0; column < width; column += across * lanes) {
        int here = MIN(across * lanes, width - column);

        sum += first * vectors_for(here + b->kw - 1, pair->tile.vectors1, lanes) +
               second * vectors_for(here, pair->tile.vectors2, lanes);
    }
    return sum;
}

/* Of rows between, for each of y. */
static double rows_between(const QtrConvPair *pair)
{
    return 1.0 + (double)(pair->second.shape->kh - 1) / pair->tile.down;
}

static gsize local_bytes(const QtrConvPair *pair, int lanes)
{
    const QtrConvPairTile *tile = &pair->tile;
    int columns = tile->across * lanes + pair->second.shape->kw - 1;
    int rows = tile->rows + pair->second.shape->kh - 1;

    return sizeof(float) * (gsize)(pair->first.shape->out / tile->parts * rows) *
           (gsize)(vectors_for(columns, tile->vectors1, lanes) * lanes);
}

static int items_across(const QtrConvPairTile *tile, int width, int lanes)
{
    return qtr_ceil_div(width, tile->across * lanes);
}

/* Items of an image. */
static int items_of(const QtrConvPairTile *tile, int height, int width, int lanes)
{
    return qtr_ceil_div(height, tile->down) * items_across(tile, width, lanes) * tile->parts;
}

static int choose_down(const QtrDeviceInfo *info, QtrConvPairTile tile, int height, int width)
{
    int most = MOST_ROWS;

    for (;; most /= 2) {
        tile.down = qtr_ceil_div(most, tile.rows) * tile.rows;
        if (most / 2 < LEAST_ROWS ||
            items_of(&tile, height, width, info->vector_width) >= ITEMS * (int)info->compute_units)
            return tile.down;
    }
}

/* The columns with the least to compute whose rows between fit local memory, with so many vectors
 * at a time; *least is what it takes until now. */
static void choose_across(const QtrDeviceInfo *info, QtrConvPair *pair, QtrConvPairTile tile,
                          int height, int width, double *least)
{
    QtrConvPair tried = {pair->first, pair->second, tile};
    int lanes = info->vector_width;

    for (int across = tile.vectors2; across * lanes <= MOST_COLUMNS; across += tile.vectors2) {
        double cost;

        tried.tile.across = across;
        tried.tile.down = choose_down(info, tried.tile, height, width);
        cost = row_cost(&tried, across, rows_between(&tried), width, lanes);
        if (cost < *least && LOCAL_SHARE * local_bytes(&tried, lanes) <= info->local_memory) {
            pair->tile = tried.tile;
            *least = cost;
        }
    }
}

static double choose_tile(const QtrDeviceInfo *info, QtrConvPair *pair, int height, int width)
{
    const QtrConvPairTile most = start_tile(pair, info->vector_width);
    double least = G_MAXDOUBLE;

    for (int less1 = 0; less1 <= MOST_LESS && less1 < most.vectors1; less1++)
        for (int less2 = 0; less2 <= MOST_LESS && less2 < most.vectors2; less2++) {
            QtrConvPairTile tile = most;

            tile.vectors1 -= less1;
            tile.vectors2 -= less2;
            choose_across(info, pair, tile, height, width, &least);
        }
    return least;
}

/* What two launches take, which have no columns or rows in vain. */
static double apart_cost(const QtrConvPair *pair, int width, int lanes)
{
    const QtrConvShape *a = pair->first.shape, *b = pair->second.shape;
    double weights = (double)(qtr_conv_shape_weights(a) + qtr_conv_shape_weights(b));

    return (weights + (ACTIVATION + MOVED) * a->out) * qtr_ceil_div(width, lanes);
}

gboolean qtr_conv_pair_choose(QtrDevice *device, QtrConvPair *pair, int height, int width)
{
    const QtrDeviceInfo *info = qtr_device_info(device);
    int lanes = info->vector_width;
    double cost;

    pair->tile = (QtrConvPairTile){0};
    if (info->shares_tiles || pair->first.tile.components > 0 || pair->second.tile.components > 0)
        return FALSE;
    cost = choose_tile(info, pair, height, width);
    return info->is_cpu && lanes > 1 && pair->tile.across > 0 &&
           items_of(&pair->tile, height, width, lanes) >= (int)info->compute_units &&
           LONGER * cost < apart_cost(pair, width, lanes);
}

static char *pair_options(const QtrConvPair *pair, const char *more, const QtrConvEnd *end,
                          gboolean keeps)
{
    const QtrConvShape *a = pair->first.shape, *b = pair->second.shape;
    const QtrConvPairTile *tile = &pair->tile;
    const char *last = !end ? "" : end->phi ? " -DMODULATE" : " -DPLAIN";

    return g_strdup_printf("-DCIN=%d -DCMID=%d -DCOUT=%d -DG1=%d -DG2=%d -DPARTS=%d -DKH1=%d "
                           "-DKW1=%d -DKH2=%d -DKW2=%d -DOT1=%d -DOT2=%d -DVT1=%d -DVT2=%d "
                           "-DROWS=%d -DACROSS=%d -DDOWN=%d %s%s%s",
                           a->in, a->out, b->out, a->groups, b->groups, tile->parts, a->kh, a->kw,
                           b->kh, b->kw, pair->first.tile.channels, pair->second.tile.channels,
                           tile->vectors1, tile->vectors2, tile->rows, tile->across, tile->down,
                           more, last, keeps ? " -DKEEP" : "");
}

static QtrWork work_of(const QtrConvPair *pair, const QtrTensor *x, const QtrTensor *y)
{
    const QtrConvShape *a = pair->first.shape, *b = pair->second.shape;
    double pixels = (double)y->images * y->height;
    QtrWork work = {.label = "two convolutions",
                    .flops = 2.0 * (double)(qtr_conv_shape_weights(a) + qtr_conv_shape_weights(b)) *
                             pixels * y->width,
                    .bytes = 4.0 * (x->channels + y->channels) * pixels * y->pitch};

    g_snprintf(work.shape, sizeof work.shape, "%d>%d>%d, %d x %d", a->in, a->out, b->out, y->height,
               y->width);
    return work;
}

static void launch(QtrEmit *emit, QtrKernel *kernel, const QtrConvPairTile *tile,
                   const QtrTensor *y, QtrWork work)
{
    int across = items_across(tile, y->width, qtr_emit_lanes(emit));
    int all = qtr_ceil_div(y->height, tile->down);
    int begin = qtr_ceil_div(emit->rows.from, tile->down);
    int end = emit->rows.to ? qtr_ceil_div(emit->rows.to, tile->down) : all;
    const gsize first[3] = {(gsize)(begin * across), 0, 0};
    const gsize global[3] = {(gsize)(end * across), (gsize)tile->parts, (gsize)y->images};
    const gsize local[3] = {1, 1, 1};

    work.flops *= (double)end / all;
    work.bytes *= (double)end / all;
    if (begin < end)
        qtr_emit_launch_local(emit, kernel, first, global, local, work);
    else
        qtr_kernel_free(kernel);
}

#define PAIR_BIND "bbbiiiiiiiiibibibb"
#define PAIR_VALUES                                                                                \
    x->buffer, packed, y->buffer, (int)pair->first.at, (int)pair->second.at, y->height, y->width,  \
        y->pitch, y->pad, accumulate, x->first_row, x->height, between->mix, between->mix_at,      \
        between->acts, between->acts_at, end ? end->skip->buffer : packed,                         \
        end && end->phi ? end->phi : packed

void qtr_conv_pair_emit(QtrEmit *emit, const QtrConvPair *pair, const QtrTensor *x,
                        QtrBuffer *packed, const QtrTensor *y, gboolean accumulate,
                        const QtrConvActivation *between, const QtrConvEnd *end,
                        const QtrTensor *kept)
{
    g_autofree char *options = pair_options(pair, between->options, end, kept != NULL);
    QtrWork work = work_of(pair, x, y);
    QtrKernel *kernel = qtr_emit_kernel(emit, "conv-pair", "conv_pair", options);

    if (!kernel)
        return;
    g_assert(pair->tile.down % pair->tile.rows == 0 &&
             pair->tile.across % pair->tile.vectors2 == 0 && !y->image_height &&
             y->pitch % qtr_emit_lanes(emit) == 0);
    g_assert(!end || (end->skip && !end->next && !end->kept));
    if (kept) {
        g_assert(qtr_emit_lanes(emit) > 1); /* of scalars PoCL 3.1 loses the masks */
        work.bytes += qtr_tensor_bytes(kept) + qtr_tensor_bytes(between->mask);
        qtr_kernel_bind(kernel, PAIR_BIND "bb", PAIR_VALUES, kept->buffer, between->mask->buffer);
    } else {
        qtr_kernel_bind(kernel, PAIR_BIND, PAIR_VALUES);
    }
    launch(emit, kernel, &pair->tile, y, work);
}
