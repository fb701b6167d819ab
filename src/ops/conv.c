#include "ops/conv-gpu.h"
#include "ops/winograd.h"

/* Tiles by lanes. The register files hold some 30 vectors of 16 floats (AVX-512), some 14 of 8
 * (AVX2) or 4, and about 60 floats an item on a GPU. `cost` is the relative time a channel takes:
 * measured for 16 lanes on a Zen 5, for the others by the loads a multiplication needs. */
static const struct {
    int lanes, channels, vectors, cost;
} tiles[] = {
    {16, 4, 5, 100}, {16, 6, 3, 112}, {16, 9, 3, 118}, {16, 8, 3, 112}, {16, 7, 3, 114},
    {16, 5, 4, 104}, {16, 3, 7, 103}, {16, 2, 8, 125}, {16, 1, 8, 200}, {8, 6, 2, 100},
    {8, 4, 3, 100},  {8, 3, 3, 108},  {8, 5, 2, 104},  {8, 2, 4, 120},  {8, 1, 6, 180},
    {4, 6, 2, 100},  {4, 4, 3, 100},  {4, 3, 3, 108},  {4, 5, 2, 104},  {4, 2, 4, 120},
    {4, 1, 6, 180},  {1, 12, 4, 100}, {1, 9, 4, 104},  {1, 8, 4, 106},  {1, 6, 4, 110},
    {1, 4, 4, 120},  {1, 3, 4, 130},  {1, 2, 4, 160},  {1, 1, 4, 250},
};

#define GPU_ITEMS_X 64

QtrConvTile qtr_conv_tile(QtrDevice *device, const QtrConvShape *shape)
{
    int lanes = qtr_device_info(device)->vector_width, out = shape->out / shape->groups;
    QtrConvTile best = {.channels = 1, .vectors = 1, .items_x = 1};
    int best_cost = G_MAXINT;

    if (qtr_device_info(device)->shares_tiles)
        return qtr_conv_gpu_tile(device, shape);

    for (gsize i = 0; i < G_N_ELEMENTS(tiles); i++) {
        int cost = qtr_ceil_div(out, tiles[i].channels) * tiles[i].channels * tiles[i].cost;

        if (tiles[i].lanes == lanes && cost < best_cost) {
            best = (QtrConvTile){.channels = tiles[i].channels,
                                 .vectors = tiles[i].vectors,
                                 .items_x = lanes == 1 ? GPU_ITEMS_X : 1};
            best_cost = cost;
        }
    }
    return best;
}

static int blocks(const QtrConvShape *shape, QtrConvTile tile)
{
    return qtr_ceil_div(shape->out / shape->groups, tile.channels);
}

gsize qtr_conv_packed_size(const QtrConvShape *shape, QtrConvTile tile)
{
    int taps = tile.components ? tile.components * shape->kw : shape->kh * shape->kw;

    return (gsize)(shape->groups * blocks(shape, tile) * tile.channels) *
           (gsize)(shape->in / shape->groups * taps);
}

QtrConvShape qtr_conv_transposed(const QtrConvShape *shape)
{
    QtrConvShape t = *shape;

    t.in = shape->out;
    t.out = shape->in;
    return t;
}

/* Rows of `*tile` on tensor `y`, whose vectors a row become: a single channel leaves too few
 * accumulators for a load, unless an input row serves several output rows (cl/conv.cl, ROWS). */
static int tile_rows(const QtrConvShape *shape, const QtrTensor *y, int lanes, QtrConvTile *tile)
{
    if (tile->components)
        return qtr_winograd_rows(*tile);
    if (tile->part || tile->channels > 1 || shape->kh == 1 || lanes == 1 || y->pitch % lanes != 0)
        return 1;
    tile->vectors = lanes == 16 ? 3 : 2;
    return lanes == 16 ? 4 : 3;
}

/* Items along x that cover the first `height` rows of a plane: tiles of flat pixels. */
static int items_of_rows(const QtrConvShape *shape, const QtrTensor *y, int height,
                         QtrConvTile tile, int lanes)
{
    int rows = tile_rows(shape, y, lanes, &tile);

    if (tile.part)
        lanes = QTR_CONV_QUAD;
    if (tile.components)
        return qtr_winograd_items(tile, y, height);
    if (rows > 1)
        return qtr_ceil_div(y->pitch / lanes, tile.vectors) * qtr_ceil_div(height, rows);
    return qtr_ceil_div(height * y->pitch, lanes * tile.vectors * tile.items_x) * tile.items_x;
}

int qtr_conv_rows_begun(const QtrConvShape *shape, QtrConvTile tile, const QtrTensor *y, int lanes,
                        int to)
{
    int rows = tile_rows(shape, y, lanes, &tile);
    int pixels = lanes * tile.vectors * tile.items_x;

    if (rows > 1)
        return MIN(qtr_ceil_div(to, rows) * rows, y->height);
    return MIN(qtr_ceil_div(qtr_ceil_div(to * y->pitch, pixels) * pixels, y->pitch), y->height);
}

int qtr_conv_rows_of_tile(const QtrConvShape *shape, QtrConvTile tile, const QtrTensor *y,
                          int lanes)
{
    int rows = tile_rows(shape, y, lanes, &tile);

    return rows > 1 ? rows : qtr_ceil_div(lanes * tile.vectors * tile.items_x, y->pitch);
}

static int items_x(const QtrConvShape *shape, const QtrTensor *y, QtrConvTile tile, int lanes)
{
    return items_of_rows(shape, y, qtr_tensor_image_height(y), tile, lanes);
}

/* Whether all blocks of channels of one tile follow each other (cl/conv.cl, BLOCKS_FIRST): an image
 * larger than what a core keeps is then read once, and the weights, which are few, again and again.
 */
static gboolean blocks_first(const QtrConvShape *shape, const QtrTensor *y, QtrConvTile tile,
                             int lanes)
{
    gsize image = (gsize)shape->in * (gsize)qtr_tensor_plane_size(y) * sizeof(float);

    return tile.part == 0 && tile.components == 0 && lanes > 1 && image > 512 * 1024;
}

static char *conv_options(const QtrConvShape *s, const QtrTensor *y, QtrConvTile tile, int lanes,
                          const char *more)
{
    int rows = tile_rows(s, y, lanes, &tile);
    g_autofree char *form =
        tile.components ? qtr_winograd_options(tile, y)
        : tile.part     ? g_strdup_printf("-DTO=%d -DCT=%d%s", tile.part, tile.depth,
                                      tile.subgroups ? " -DSUBGROUPS" : "")
                        : g_strdup_printf("-DROWS=%d%s", rows,
                                      blocks_first(s, y, tile, lanes) ? " -DBLOCKS_FIRST" : "");

    return g_strdup_printf(
        "-DCIN=%d -DCOUT=%d -DG=%d -DKH=%d -DKW=%d -DOT=%d -DVT=%d -DLX=%d %s %s", s->in, s->out,
        s->groups, s->kh, s->kw, tile.channels, tile.vectors, tile.items_x, form, more);
}

static QtrKernel *conv_kernel(QtrEmit *emit, QtrConvTile tile, const char *options)
{
    const char *file = tile.components ? "winograd" : tile.part ? "conv-gpu" : "conv";

    return qtr_emit_kernel(emit, file, "conv", options);
}

QtrWork qtr_conv_work(const char *label, const QtrConvShape *s, const QtrTensor *x,
                      const QtrTensor *y)
{
    int height = qtr_tensor_image_height(y);
    double pixels = (double)y->images * height;
    QtrWork work = {.label = label,
                    .flops = 2.0 * (double)qtr_conv_shape_weights(s) * pixels * y->width,
                    .bytes = (double)x->element * (x->channels + y->channels) * pixels * y->pitch};

    g_snprintf(work.shape, sizeof work.shape, "%d>%d %dx%d /%d, %d x %d", s->in, s->out, s->kh,
               s->kw, s->groups, height, y->width);
    return work;
}

static void launch(QtrEmit *emit, QtrKernel *kernel, const QtrConvShape *shape, QtrConvTile tile,
                   const QtrTensor *y, QtrRows rows, QtrWork work)
{
    gsize parts = tile.part ? (gsize)(tile.channels / tile.part) : 1;
    int lanes = qtr_emit_lanes(emit);
    gsize items = (gsize)items_x(shape, y, tile, lanes);
    gsize begin = (gsize)items_of_rows(shape, y, rows.from, tile, lanes);
    gsize end = rows.to ? (gsize)items_of_rows(shape, y, rows.to, tile, lanes) : items;
    gsize all_blocks = (gsize)(shape->groups * (tile.components ? 1 : blocks(shape, tile))) * parts;
    gboolean swap = blocks_first(shape, y, tile, lanes);
    const gsize first[3] = {swap ? 0 : begin, swap ? begin : 0, 0};
    const gsize global[3] = {swap ? all_blocks : end, swap ? end : all_blocks, (gsize)y->images};
    const gsize local[3] = {(gsize)tile.items_x, parts, 1};
    double share = ((double)end - (double)begin) / (double)items;

    work.flops *= share * qtr_winograd_share(shape, tile);
    work.bytes *= share;
    if (begin < end)
        qtr_emit_launch_local(emit, kernel, first, global, local, work);
    else
        qtr_kernel_free(kernel);
}

/* Everything that may follow has its argument; what does not is any buffer. */
#define END_BIND "bibibbb"
#define END_VALUES(end, any)                                                                       \
    (end)->next ? (end)->next->mix : (any), (end)->next ? (end)->next->mix_at : 0,                 \
        (end)->next ? (end)->next->acts : (any), (end)->next ? (end)->next->acts_at : 0,           \
        (end)->skip ? (end)->skip->buffer : (any), (end)->phi ? (end)->phi : (any),                \
        (end)->kept   ? (end)->kept->buffer                                                        \
        : (end)->mask ? (end)->mask->buffer                                                        \
                      : (any)

/* Options of kernels; free with g_free. */
static char *end_options(const QtrConvEnd *end, gboolean windows)
{
    const char *what = end->next ? "-DACT " : end->phi ? "-DMODULATE" : end->skip ? "-DPLAIN" : "";
    const char *beside = end->kept ? "-DKEEP " : end->mask ? "-DKEEP -DMASK " : "";

    return g_strconcat(windows ? "-DWINDOWS " : "", beside, what,
                       end->next ? end->next->options : NULL, NULL);
}

void qtr_conv_emit(QtrEmit *emit, const QtrConvShape *shape, QtrConvTile tile, const QtrTensor *x,
                   QtrBuffer *packed, gsize at, const QtrTensor *y, gboolean accumulate,
                   const QtrConvEnd *end)
{
    static const QtrConvEnd nothing = {0};
    gboolean windows = x->image_height || y->image_height, ends = end && (end->next || end->skip);
    const QtrConvEnd *e = ends ? end : &nothing;
    g_autofree char *more = end_options(e, windows);
    g_autofree char *options = conv_options(shape, y, tile, qtr_emit_lanes(emit), more);
    QtrKernel *kernel = conv_kernel(emit, tile, options);
    QtrWork work = qtr_conv_work("convolution", shape, x, y);
    int height = qtr_tensor_image_height(y);

    g_assert(ends || !end || !end->kept);
    if (!kernel)
        return;
    g_assert(!windows || tile.part == 0);
    g_assert(!e->mask || (e->next && !e->kept && !accumulate));
    g_assert(!(e->next && e->skip) && (!(e->skip || e->kept || e->mask) || !y->image_height));
    if (windows && ends)
        qtr_kernel_bind(kernel, "bbbiiiiiiiiii" END_BIND, x->buffer, packed, y->buffer, (int)at,
                        height, y->width, y->pitch, y->pad, accumulate, x->first_row, x->height,
                        y->first_row, y->height, END_VALUES(e, packed));
    else if (windows)
        qtr_kernel_bind(kernel, "bbbiiiiiiiiii", x->buffer, packed, y->buffer, (int)at, height,
                        y->width, y->pitch, y->pad, accumulate, x->first_row, x->height,
                        y->first_row, y->height);
    else if (ends)
        qtr_kernel_bind(kernel, "bbbiiiiii" END_BIND, x->buffer, packed, y->buffer, (int)at, height,
                        y->width, y->pitch, y->pad, accumulate, END_VALUES(e, packed));
    else
        qtr_kernel_bind(kernel, "bbbiiiiii", x->buffer, packed, y->buffer, (int)at, height,
                        y->width, y->pitch, y->pad, accumulate);
    work.bytes += (e->skip ? qtr_tensor_bytes(y) : 0.0) + (e->kept ? qtr_tensor_bytes(y) : 0.0) +
                  (e->mask ? qtr_tensor_bytes(e->mask) : 0.0);
    launch(emit, kernel, shape, tile, y, emit->rows, work);
}

void qtr_conv_emit_back(QtrEmit *emit, const QtrConvShape *shape, QtrConvTile tile,
                        const QtrTensor *dy, QtrBuffer *packed, gsize at,
                        const QtrConvActivation *activation, const QtrTensor *du,
                        gboolean accumulate)
{
    QtrConvShape back = qtr_conv_transposed(shape);
    g_autofree char *more =
        g_strdup_printf("-DBACK %s%s%s", activation->options, activation->dots ? " -DDOTS" : "",
                        activation->mask ? " -DMASK" : "");
    g_autofree char *options = conv_options(&back, du, tile, qtr_emit_lanes(emit), more);
    QtrBuffer *dots = activation->dots ? activation->dots : activation->mix;
    const QtrTensor *known = activation->mask ? activation->mask : activation->u;
    QtrKernel *kernel = conv_kernel(emit, tile, options);

    g_assert(!activation->mask || !activation->dots);
    if (!kernel)
        return;
    if (activation->noise && activation->dots)
        qtr_kernel_bind(kernel, "bbbiiiiiibbibibi" QTR_NOISE_BIND, dy->buffer, packed, du->buffer,
                        (int)at, du->height, du->width, du->pitch, du->pad, accumulate,
                        known->buffer, activation->mix, activation->mix_at, activation->acts,
                        activation->acts_at, dots, activation->dots_at,
                        QTR_NOISE_VALUES(activation->noise));
    else
        qtr_kernel_bind(kernel, "bbbiiiiiibbibibi", dy->buffer, packed, du->buffer, (int)at,
                        du->height, du->width, du->pitch, du->pad, accumulate, known->buffer,
                        activation->mix, activation->mix_at, activation->acts, activation->acts_at,
                        dots, activation->dots_at);
    launch(emit, kernel, &back, tile, du, (QtrRows){0},
           qtr_conv_work("data gradient", &back, dy, du));
}

int qtr_conv_back_items(const QtrConvShape *shape, QtrConvTile tile, const QtrTensor *du, int lanes)
{
    QtrConvShape back = qtr_conv_transposed(shape);

    if (tile.components)
        return items_x(&back, du, tile, lanes) * back.groups * du->images;
    return (tile.part ? qtr_conv_gpu_chunks(du) : items_x(&back, du, tile, lanes)) * back.groups *
           blocks(&back, tile) * du->images;
}
