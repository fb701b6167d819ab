#include "ops/wgrad-strips.h"

#include "ops/winograd.h"

/* How a weight gradient is cut into items, and those into ranges of strips (cl/wgrad-strips.cl). */
typedef struct {
    int components;
    int out, in;   /* channels of a tile of accumulators */
    int out_tiles; /* output blocks an item has */
    int strips, images;
} Cut;

/* Of the local memory, which stands for a core's cache, for what an item makes of both sides; the
 * rest is for what it is made of. */
#define LOCAL_SHARE (2.0 / 3.0)
/* Floats of a channel's component at most, so that a tile's are in the first cache. */
#define MOST_FLOATS 768
/* In the time of two vectors' multiplications: the making of a component's vector, and sums of the
 * lanes of so many vectors. */
#define MAKING 6.0
#define SUMMING 2.5
/* Items a compute unit, with several images where it stays that many, and at least. */
#define ITEMS 4
#define LEAST_ITEMS 2

/* The size of parts of n, as few as have at most `most` each. */
static int evenly(int n, int most)
{
    return qtr_ceil_div(n, qtr_ceil_div(n, most));
}

static int out_of_group(const QtrConvShape *s)
{
    return s->out / s->groups;
}

static int in_of_group(const QtrConvShape *s)
{
    return s->in / s->groups;
}

static int blocks_of(const QtrConvShape *s, const Cut *cut)
{
    return qtr_ceil_div(out_of_group(s), cut->out);
}

/* Sums of a tile. */
static int taps_of(const QtrConvShape *s, const Cut *cut)
{
    return cut->out * cut->in * s->kw;
}

/* Vectors of sixteen sums of a component. */
static int sums_of(const QtrConvShape *s, const Cut *cut)
{
    return s->groups * blocks_of(s, cut) * qtr_ceil_div(in_of_group(s), cut->in) *
           qtr_ceil_div(taps_of(s, cut), 16);
}

/* Output channels that are computed, some of them in vain. */
static int computed(const QtrConvShape *s, int out)
{
    return qtr_ceil_div(out_of_group(s), out) * out;
}

/* With few taps an item needs several channels on both sides, or it only loads. Of the large tiles
 * the one that computes the least output channels. */
static void choose_tile(Cut *cut, const QtrConvShape *s, int lanes)
{
    int in = in_of_group(s), wanted = s->kw > 3 ? 1 : lanes == 16 ? 3 : 2, most;

    cut->in = in % wanted == 0 ? wanted : MIN(in, 2);
    most = MAX(qtr_wgrad_registers(lanes) / (s->kw * cut->in), 1);
    cut->out = evenly(out_of_group(s), most);
    for (int less = most - 1; less > most / 2; less--) {
        int out = evenly(out_of_group(s), less);

        if (computed(s, out) < computed(s, cut->out))
            cut->out = out;
    }
}

/* Images an item: the more, the fewer sums are left; all items have as many. */
static int choose_images(const QtrEmit *emit, const QtrConvShape *s, int images)
{
    int units = (int)qtr_device_info(emit->device)->compute_units, most = 1;

    /* Parts of a batch may differ. */
    if (emit->images.n > 0)
        return 1;
    for (int n = 2; n <= images; n++)
        if (images % n == 0 && images / n * s->groups >= ITEMS * units)
            most = n;
    return most;
}

/* Bytes of an item's components. */
static gsize local_bytes(const Cut *cut, int pitch)
{
    return sizeof(float) * (gsize)(cut->components * cut->strips * pitch) *
           (gsize)(cut->out_tiles * cut->out + cut->in);
}

/* What an output channel takes besides multiplications. */
static double overhead(const QtrConvShape *s, const Cut *cut, int pitch, int lanes)
{
    double vectors = (double)(cut->strips * pitch) / lanes;
    int sums = 16 * qtr_ceil_div(taps_of(s, cut), 16);

    return MAKING / (cut->out_tiles * cut->out) + SUMMING * sums / (cut->out * cut->in * vectors);
}

static Cut choose(const QtrEmit *emit, const QtrConvShape *s, int components, const QtrTensor *a)
{
    const QtrDeviceInfo *info = qtr_device_info(emit->device);
    gsize bytes =
        emit->strips_bytes ? emit->strips_bytes : (gsize)((double)info->local_memory * LOCAL_SHARE);
    Cut cut = {.components = components, .out_tiles = 1, .strips = 1}, best;
    int least_items = LEAST_ITEMS * (int)info->compute_units, strips, blocks, most_tiles;
    double least = G_MAXDOUBLE;

    choose_tile(&cut, s, info->vector_width);
    cut.images = choose_images(emit, s, a->images);
    strips = cut.images * qtr_ceil_div(a->height, QTR_WINOGRAD_ROWS);
    blocks = blocks_of(s, &cut);
    most_tiles = MAX(blocks * s->groups * a->images / cut.images / least_items, 1);
    best = cut;
    for (int tiles = 1; tiles <= MIN(blocks, most_tiles); tiles++)
        for (int n = 1; n <= MIN(strips, MAX(MOST_FLOATS / a->pitch, 1)); n++) {
            double cost;

            cut.out_tiles = evenly(blocks, tiles);
            cut.strips = evenly(strips, n);
            cost = overhead(s, &cut, a->pitch, info->vector_width);
            if (local_bytes(&cut, a->pitch) <= bytes && cost < least) {
                best = cut;
                least = cost;
            }
        }
    return best;
}

gsize qtr_wgrad_strips_scratch(const QtrDevice *device, const QtrConvShape *shape, int components,
                               int images)
{
    Cut cut = {.components = components};

    choose_tile(&cut, shape, qtr_device_info(device)->vector_width);
    return (gsize)(images * components) * (gsize)sums_of(shape, &cut) * 16;
}

QtrWgradSums qtr_wgrad_strips_emit(QtrEmit *emit, const QtrConvShape *shape, int components,
                                   const QtrTensor *a, const QtrTensor *dy, QtrBuffer *scratch,
                                   gsize scratch_at)
{
    const Cut cut = choose(emit, shape, components, a);
    QtrWgradSums sums = {"wgrad-strips", NULL, sums_of(shape, &cut), a->images / cut.images};
    QtrWork work = qtr_conv_work("weight gradient", shape, a, dy);

    sums.options = g_strdup_printf("-DCIN=%d -DCOUT=%d -DG=%d -DKW=%d -DCOMPONENTS=%d -DOT=%d"
                                   " -DCT=%d -DOUT_TILES=%d -DSTRIPS=%d -DPITCH=%d",
                                   shape->in, shape->out, shape->groups, shape->kw, components,
                                   cut.out, cut.in, cut.out_tiles, cut.strips, a->pitch);
    work.flops *= (double)components / (shape->kh * QTR_WINOGRAD_ROWS);
    QTR_EMIT(emit, sums.file, "wgrad", sums.options, HEAVY,
             qtr_ceil_div(blocks_of(shape, &cut), cut.out_tiles), shape->groups, sums.parts, work,
             "bbbiiiii", a->buffer, dy->buffer, scratch, (int)scratch_at, a->height, a->pad,
             cut.images, a->images);
    return sums;
}
