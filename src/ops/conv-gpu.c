#include "ops/conv-gpu.h"

#include "gpu/tuning.h"

#define BLOCK_MAX 48      /* output channels a group */
#define PART_MAX 12       /* output channels an item */
#define ITEMS_MAX 256     /* a group */
#define LOCAL_FLOATS 4096 /* for rows and weights: two groups fit the smallest local memory */
#define SEGMENTS 8        /* of an image's pixels, in weight gradients; fixes the order of sums */
#define WGRAD_LEAST_ITEMS 64

/* The largest divisor of n that is at most `most`. */
static int divisor(int n, int most)
{
    int d = MIN(n, most);

    while (n % d != 0)
        d--;
    return d;
}

int qtr_conv_gpu_block(int out)
{
    int block = qtr_ceil_div(out, qtr_ceil_div(out, BLOCK_MAX));

    /* Primes and their like are filled up, so that items can share them. */
    while (block > PART_MAX && divisor(block, PART_MAX) < 4)
        block++;
    return block;
}

/* Quads that hold the pixels a row of taps reaches from one. */
static int window(const QtrConvShape *s)
{
    return (s->kw + 6) / 4;
}

static int row_floats(const QtrConvShape *s, QtrConvTile tile)
{
    return QTR_CONV_QUAD * (tile.items_x * tile.vectors + window(s) - 1);
}

/* Floats of local memory an input channel takes. */
static int channel_floats(const QtrConvShape *s, QtrConvTile tile)
{
    return s->kh * (row_floats(s, tile) + (tile.subgroups ? 0 : s->kw * tile.channels));
}

QtrConvTile qtr_conv_gpu_tile_of(const QtrConvShape *shape, int part, int vectors, int items_x,
                                 gboolean subgroups)
{
    QtrConvTile tile = {.channels = qtr_conv_gpu_block(shape->out / shape->groups),
                        .vectors = vectors,
                        .items_x = items_x,
                        .part = part,
                        .subgroups = subgroups};

    tile.depth =
        divisor(shape->in / shape->groups, MAX(1, LOCAL_FLOATS / channel_floats(shape, tile)));
    return tile;
}

gboolean qtr_conv_gpu_tile_fits(const QtrDevice *device, const QtrConvShape *shape,
                                QtrConvTile tile)
{
    const QtrDeviceInfo *info = qtr_device_info(device);
    gsize local;
    int items;

    if (tile.part < 1 || tile.part > PART_MAX || tile.channels % tile.part != 0 ||
        tile.vectors < 1 || tile.part * tile.vectors > 2 * PART_MAX ||
        tile.items_x < QTR_GPU_CHUNK || tile.items_x > ITEMS_MAX ||
        tile.items_x % QTR_GPU_CHUNK != 0 || (tile.subgroups && !info->subgroups_of_16))
        return FALSE;
    items = tile.items_x * (tile.channels / tile.part);
    local = sizeof(float) * (gsize)tile.depth * (gsize)channel_floats(shape, tile);
    return items <= (int)MIN(ITEMS_MAX, info->max_group) && local <= info->local_memory;
}

QtrConvTile qtr_conv_gpu_tile_default(const QtrDevice *device, const QtrConvShape *shape)
{
    int block = qtr_conv_gpu_block(shape->out / shape->groups);
    int part = divisor(block, PART_MAX), items_x = 64;
    QtrConvTile tile;

    do {
        tile = qtr_conv_gpu_tile_of(shape, part, 1, items_x, FALSE);
        items_x /= 2;
    } while (items_x >= QTR_GPU_CHUNK &&
             (tile.items_x * (block / part) > 128 || !qtr_conv_gpu_tile_fits(device, shape, tile)));
    return tile;
}

/* The last of a tile's values in gpu/tuning.h. */
enum { WITHOUT_SUBGROUPS = 1, WITH_SUBGROUPS = 2 };

/* The name of a shape in gpu/tuning.h. */
static char *name_of(const QtrConvShape *s)
{
    return g_strdup_printf("convolution %d to %d, %dx%d, %d groups", s->in, s->out, s->kh, s->kw,
                           s->groups);
}

QtrConvTile qtr_conv_gpu_tile(QtrDevice *device, const QtrConvShape *shape)
{
    g_autofree char *name = name_of(shape);
    int values[QTR_TUNING_VALUES];
    QtrConvTile tile;

    if (!qtr_tuning_get(device, name, values))
        return qtr_conv_gpu_tile_default(device, shape);
    tile =
        qtr_conv_gpu_tile_of(shape, values[0], values[1], values[2], values[3] == WITH_SUBGROUPS);
    if (qtr_conv_gpu_tile_fits(device, shape, tile))
        return tile;
    qtr_warning(qtr_device_log(device),
                "the measured tile of a %s does not fit the device; the usual one is used", name);
    return qtr_conv_gpu_tile_default(device, shape);
}

void qtr_conv_gpu_set_tile(QtrDevice *device, const QtrConvShape *shape, QtrConvTile tile)
{
    const int values[QTR_TUNING_VALUES] = {tile.part, tile.vectors, tile.items_x,
                                           tile.subgroups ? WITH_SUBGROUPS : WITHOUT_SUBGROUPS};
    g_autofree char *name = name_of(shape);

    qtr_tuning_set(device, name, values);
}

int qtr_conv_gpu_chunks(const QtrTensor *t)
{
    return qtr_ceil_div(t->height * t->pitch, QTR_CONV_QUAD * QTR_GPU_CHUNK);
}

/* A group's `out` output channels, `part` of them an item's, and `in` input channels, `each` of
 * them an item's. */
typedef struct {
    int out, part, in, each;
} WgradTile;

static int wgrad_items(const QtrConvShape *s, WgradTile tile)
{
    return tile.out / tile.part * s->kh * (tile.in / tile.each);
}

static WgradTile wgrad_tile(const QtrDevice *device, const QtrConvShape *s)
{
    int out = s->out / s->groups, in = s->in / s->groups;
    int most = (int)MIN(192, qtr_device_info(device)->max_group);
    int rows = QTR_GPU_STEP + QTR_CONV_QUAD * window(s); /* floats, at most */
    WgradTile tile = {.out = qtr_conv_gpu_block(out)};

    tile.part = divisor(tile.out, s->kw > 5 ? 6 : PART_MAX);
    tile.each = s->kw == 1 ? divisor(in, 4) : 1;
    tile.in = tile.each;
    for (int more = tile.each; more <= in; more += tile.each) {
        WgradTile wider = tile;

        wider.in = more;
        if (in % more == 0 && wgrad_items(s, wider) <= most &&
            (more * s->kh + tile.out) * rows <= LOCAL_FLOATS)
            tile = wider;
    }
    /* Few channels would leave most lanes of a subgroup idle. */
    for (int part = tile.part - 1; part > 0 && wgrad_items(s, tile) < WGRAD_LEAST_ITEMS; part--) {
        WgradTile finer = tile;

        finer.part = part;
        if (tile.out % part == 0 && wgrad_items(s, finer) <= most)
            tile = finer;
    }
    g_assert(tile.part > 0 && tile.in > 0);
    return tile;
}

gsize qtr_conv_gpu_wgrad_scratch(const QtrConvShape *shape, int images)
{
    return (gsize)images * SEGMENTS * qtr_conv_shape_weights(shape);
}

void qtr_conv_gpu_emit_wgrad(QtrEmit *emit, const QtrConvShape *s, const QtrTensor *a,
                             const QtrTensor *dy, QtrBuffer *scratch, QtrBuffer *dw, gsize at,
                             QtrWork work)
{
    WgradTile tile = wgrad_tile(emit->device, s);
    int in = s->in / s->groups, parts = tile.out / tile.part;
    int blocks = s->groups * qtr_ceil_div(s->out / s->groups, tile.out);
    g_autofree char *options = g_strdup_printf(
        "-DCIN=%d -DCOUT=%d -DG=%d -DKH=%d -DKW=%d -DOT=%d -DTO=%d -DCT=%d -DCN=%d"
        " -DSEGMENTS=%d",
        s->in, s->out, s->groups, s->kh, s->kw, tile.out, tile.part, tile.in, tile.each, SEGMENTS);
    const gsize local[3] = {(gsize)(tile.in / tile.each * s->kh), (gsize)parts, 1};
    const gsize global[3] = {local[0] * (gsize)(in / tile.in), (gsize)(parts * blocks),
                             (gsize)a->images * SEGMENTS};
    QtrKernel *kernel = qtr_emit_kernel(emit, "wgrad-gpu", "wgrad", options);

    if (kernel) {
        qtr_kernel_bind(kernel, "bbbiii", a->buffer, dy->buffer, scratch, a->height, a->pitch,
                        a->pad);
        qtr_emit_launch_local(emit, kernel, NULL, global, local, work);
    }
    QTR_EMIT(emit, "wgrad-gpu", "wgrad_sum", options, LIGHT, qtr_conv_shape_weights(s), 1, 1,
             QTR_TRAFFIC("weight gradient sums", 0), "bbii", scratch, dw, (int)at,
             a->images * SEGMENTS);
}
