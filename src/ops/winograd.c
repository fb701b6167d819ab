#include "ops/winograd.h"

#define STRIP QTR_WINOGRAD_ROWS /* of cl/winograd-points.cl */
/* Channels and most vectors an item has at a time: with what it reads they fill the registers. */
#define CHANNELS 4
#define VECTORS(lanes) ((lanes) == 16 ? 6 : 2)
/* Strips are taken where they need at most this share of the multiplications, to which the making
 * of every component of both sides adds as many as it takes the time of. */
#define MARGIN 0.8
#define COMPONENT 16.0
#define LEAST_CHANNELS 12 /* a group */
#define MOST_COLUMNS 384

/* Of a kernel of that many rows; 0: it is not computed in strips. */
static int components_of(const QtrConvShape *shape)
{
    return (shape->kh == 3 || shape->kh == 5) && shape->kw > 1 ? shape->kh + STRIP - 1 : 0;
}

static int strips_of(int height)
{
    return qtr_ceil_div(height, STRIP);
}

/* Vectors of a channel that an item of `strips` computes. */
static int vectors_of(int strips, int pitch, int lanes, int across)
{
    return qtr_ceil_div(strips * pitch / lanes, across) * across;
}

static gsize local_bytes(const QtrConvShape *shape, QtrConvTile tile, int pitch, int lanes)
{
    int channel = vectors_of(tile.strips, pitch, lanes, tile.vectors) * lanes;

    if (tile.columns)
        channel = tile.columns + 2 * lanes;
    return sizeof(float) * (gsize)(tile.components * channel) *
           (gsize)(shape->in / shape->groups + CHANNELS);
}

/* Vectors that are computed for a channel of an image. */
static int image_vectors(QtrConvTile tile, int height, int pitch, int lanes)
{
    return qtr_ceil_div(strips_of(height), tile.strips) *
           vectors_of(tile.strips, pitch, lanes, tile.vectors);
}

/* Strips an item and vectors at a time with the least vectors in vain whose components fit a third
 * of the local memory, which stands for a core's cache; more strips rather than less, as weights
 * are read again for each. */
static QtrConvTile best_strips(const QtrDeviceInfo *info, const QtrConvShape *shape, int height,
                               int pitch)
{
    const QtrConvTile none = {
        .channels = CHANNELS, .items_x = 1, .components = components_of(shape)};
    QtrConvTile best = none;
    int lanes = info->vector_width, most = VECTORS(lanes), least = G_MAXINT;

    for (int strips = 1; strips <= strips_of(height); strips++)
        for (int vectors = most; vectors > most / 2; vectors--) {
            QtrConvTile tile = none;
            int cost;

            tile.strips = strips;
            tile.vectors = vectors;
            cost = image_vectors(tile, height, pitch, lanes) * (most + 1 - vectors + 16);
            if (cost <= least && 3 * local_bytes(shape, tile, pitch, lanes) <= info->local_memory) {
                best = tile;
                least = cost;
            }
        }
    return best;
}

QtrConvTile qtr_winograd_choose(QtrDevice *device, const QtrConvShape *shape, int height, int pitch)
{
    const QtrDeviceInfo *info = qtr_device_info(device);
    double plain = (double)qtr_conv_shape_weights(shape) * height * pitch;
    QtrConvTile tile;
    double strips;

    if (info->shares_tiles || !info->is_cpu || info->vector_width == 1 ||
        components_of(shape) == 0 || pitch % info->vector_width != 0 ||
        (MIN(shape->in, shape->out) / shape->groups < LEAST_CHANNELS && !info->always_winograd))
        return qtr_conv_tile(device, shape);
    tile = best_strips(info, shape, height, pitch);
    if (tile.strips == 0)
        return qtr_conv_tile(device, shape);
    strips =
        ((double)qtr_conv_shape_weights(shape) / shape->kh + COMPONENT * (shape->in + shape->out)) *
        tile.components * image_vectors(tile, height, pitch, info->vector_width) *
        info->vector_width;
    return strips <= MARGIN * plain || info->always_winograd ? tile : qtr_conv_tile(device, shape);
}

gboolean qtr_winograd_suits(const QtrConvShape *shape)
{
    double weights = (double)qtr_conv_shape_weights(shape), sides = shape->in + shape->out;

    return components_of(shape) > 0 &&
           MIN(shape->in, shape->out) / shape->groups >= LEAST_CHANNELS &&
           components_of(shape) * (weights / shape->kh + COMPONENT * sides) <=
               MARGIN * STRIP * weights;
}

/* The columns with the least vectors in vain whose components fit a third of the local memory. */
QtrConvTile qtr_winograd_choose_any(QtrDevice *device, const QtrConvShape *shape, int width)
{
    const QtrDeviceInfo *info = qtr_device_info(device);
    int lanes = info->vector_width, least = G_MAXINT, across = VECTORS(lanes) * lanes;
    QtrConvTile tile = {.channels = CHANNELS,
                        .vectors = VECTORS(lanes),
                        .items_x = 1,
                        .components = components_of(shape),
                        .strips = 1};
    QtrConvTile best = qtr_conv_tile(device, shape);

    if (info->shares_tiles || !info->is_cpu || lanes == 1 || tile.components == 0 ||
        !(qtr_winograd_suits(shape) || info->always_winograd))
        return best;
    for (tile.columns = across; tile.columns <= MOST_COLUMNS; tile.columns += across) {
        int cost = qtr_ceil_div(width, tile.columns) * (tile.columns + lanes);

        if (cost < least && 3 * local_bytes(shape, tile, 0, lanes) <= info->local_memory) {
            best = tile;
            least = cost;
        }
    }
    return best;
}

char *qtr_winograd_options(QtrConvTile tile, const QtrTensor *y)
{
    return tile.columns ? g_strdup_printf("-DCOMPONENTS=%d -DACROSS=%d -DCOLUMNS=%d",
                                          tile.components, tile.vectors, tile.columns)
                        : g_strdup_printf("-DCOMPONENTS=%d -DSTRIPS=%d -DACROSS=%d -DPITCH=%d",
                                          tile.components, tile.strips, tile.vectors, y->pitch);
}

int qtr_winograd_items(QtrConvTile tile, const QtrTensor *y, int height)
{
    int across = tile.columns ? qtr_ceil_div(y->width, tile.columns) : 1;

    return qtr_ceil_div(strips_of(height), tile.strips) * across;
}

int qtr_winograd_rows(QtrConvTile tile)
{
    return tile.strips * STRIP;
}

double qtr_winograd_share(const QtrConvShape *shape, QtrConvTile tile)
{
    return tile.components ? (double)tile.components / (shape->kh * STRIP) : 1.0;
}
