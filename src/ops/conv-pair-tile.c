#include "ops/conv-pair.h"
#include "ops/wgrad.h"

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
        .parts = greatest_divisor(pair->first.shape.groups, pair->second.shape.groups),
        .vectors1 = pair->first.tile.vectors,
        .rows = 1,
        .vectors2 = pair->second.tile.vectors};

    if (pair->second.shape.kh > 1 && channels <= 3 && lanes > 1) {
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
    const QtrConvShape *a = &pair->first.shape, *b = &pair->second.shape;
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
    return 1.0 + (double)(pair->second.shape.kh - 1) / pair->tile.down;
}

static gsize local_bytes(const QtrConvPair *pair, int lanes)
{
    const QtrConvPairTile *tile = &pair->tile;
    int columns = tile->across * lanes + pair->second.shape.kw - 1;
    int rows = tile->rows + pair->second.shape.kh - 1;

    return sizeof(float) * (gsize)(pair->first.shape.out / tile->parts * rows) *
           (gsize)(vectors_for(columns, tile->vectors1, lanes) * lanes);
}

int qtr_conv_pair_items(const QtrConvPairTile *tile, int rows, int width, int lanes)
{
    return qtr_ceil_div(rows, tile->down) * qtr_ceil_div(width, tile->across * lanes);
}

/* Items of an image. */
static int items_of(const QtrConvPairTile *tile, int height, int width, int lanes)
{
    return qtr_conv_pair_items(tile, height, width, lanes) * tile->parts;
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
                          int height, int width, gsize beside, double *least)
{
    QtrConvPair tried = {pair->first, pair->second, tile};
    int lanes = info->vector_width;

    for (int across = tile.vectors2; across * lanes <= MOST_COLUMNS; across += tile.vectors2) {
        double cost;

        tried.tile.across = across;
        tried.tile.down = choose_down(info, tried.tile, height, width);
        cost = row_cost(&tried, across, rows_between(&tried), width, lanes);
        if (cost < *least &&
            LOCAL_SHARE * (local_bytes(&tried, lanes) + beside) <= info->local_memory) {
            pair->tile = tried.tile;
            *least = cost;
        }
    }
}

/* `beside`: bytes of local memory for other things. */
static double choose_tile(const QtrDeviceInfo *info, QtrConvPair *pair, int height, int width,
                          gsize beside)
{
    const QtrConvPairTile most = start_tile(pair, info->vector_width);
    double least = G_MAXDOUBLE;

    for (int less1 = 0; less1 <= MOST_LESS && less1 < most.vectors1; less1++)
        for (int less2 = 0; less2 <= MOST_LESS && less2 < most.vectors2; less2++) {
            QtrConvPairTile tile = most;

            tile.vectors1 -= less1;
            tile.vectors2 -= less2;
            choose_across(info, pair, tile, height, width, beside, &least);
        }
    return least;
}

/* What two launches take, which have no columns or rows in vain. */
static double apart_cost(const QtrConvPair *pair, int width, int lanes)
{
    const QtrConvShape *a = &pair->first.shape, *b = &pair->second.shape;
    double weights = (double)(qtr_conv_shape_weights(a) + qtr_conv_shape_weights(b));

    return (weights + (ACTIVATION + MOVED) * a->out) * qtr_ceil_div(width, lanes);
}

/* Whether there is a tile for both convolutions. */
static gboolean is_possible(const QtrDeviceInfo *info, const QtrConvPair *pair)
{
    return !info->shares_tiles && pair->first.tile.components == 0 &&
           pair->second.tile.components == 0;
}

static gboolean is_faster(const QtrDeviceInfo *info, const QtrConvPair *pair, double cost,
                          int images, int height, int width)
{
    int lanes = info->vector_width;

    return info->is_cpu && lanes > 1 && pair->tile.across > 0 &&
           images * items_of(&pair->tile, height, width, lanes) >= (int)info->compute_units &&
           LONGER * cost < apart_cost(pair, width, lanes);
}

gboolean qtr_conv_pair_choose(QtrDevice *device, QtrConvPair *pair, int height, int width)
{
    const QtrDeviceInfo *info = qtr_device_info(device);

    pair->tile = (QtrConvPairTile){0};
    return is_possible(info, pair) &&
           is_faster(info, pair, choose_tile(info, pair, height, width, 0), 1, height, width);
}

/* The convolution whose weight gradient is made beside. */
static QtrConvShape forward_of(const QtrConvPair *back)
{
    return qtr_conv_transposed(&back->second.shape);
}

gboolean qtr_conv_pair_choose_back(QtrDevice *device, QtrConvPair *back, int images, int height,
                                   int width)
{
    const QtrDeviceInfo *info = qtr_device_info(device);
    const QtrConvShape shape = forward_of(back);
    const QtrWgradTile tile = qtr_wgrad_tile(&shape, info->vector_width);
    /* Sums of the weight gradient follow from the tile: the same ones on any number of cores. */
    QtrDeviceInfo alone = *info;
    gsize sums = sizeof(float) * (gsize)info->vector_width;

    back->tile = (QtrConvPairTile){0};
    if (!is_possible(info, back))
        return FALSE;
    alone.compute_units = 1;
    sums *= (gsize)(qtr_wgrad_tiles(&shape, tile) * qtr_wgrad_taps(&shape, tile) /
                    start_tile(back, info->vector_width).parts);
    return is_faster(info, back, choose_tile(&alone, back, height, width, sums), images, height,
                     width);
}

gsize qtr_conv_pair_scratch(const QtrDevice *device, const QtrConvPair *back, int images,
                            int height, int width)
{
    const QtrConvShape shape = forward_of(back);
    int lanes = qtr_device_info(device)->vector_width;
    int items = qtr_conv_pair_items(&back->tile, height, width, lanes);

    return (gsize)(images * items) * qtr_wgrad_partials(&shape, qtr_wgrad_tile(&shape, lanes));
}
