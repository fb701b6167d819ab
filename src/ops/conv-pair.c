#include "ops/conv-pair.h"

char *qtr_conv_pair_options(const QtrConvPair *pair)
{
    const QtrConvShape *a = &pair->first.shape, *b = &pair->second.shape;
    const QtrConvPairTile *tile = &pair->tile;

    return g_strdup_printf("-DCIN=%d -DCMID=%d -DCOUT=%d -DG1=%d -DG2=%d -DPARTS=%d -DKH1=%d "
                           "-DKW1=%d -DKH2=%d -DKW2=%d -DOT1=%d -DOT2=%d -DVT1=%d -DVT2=%d "
                           "-DROWS=%d -DACROSS=%d -DDOWN=%d",
                           a->in, a->out, b->out, a->groups, b->groups, tile->parts, a->kh, a->kw,
                           b->kh, b->kw, pair->first.tile.channels, pair->second.tile.channels,
                           tile->vectors1, tile->vectors2, tile->rows, tile->across, tile->down);
}

/* Free with g_free. */
static char *forward_options(const QtrConvPair *pair, const char *more, const QtrConvEnd *end,
                             gboolean keeps)
{
    g_autofree char *options = qtr_conv_pair_options(pair);
    const char *last = !end ? "" : end->phi ? " -DMODULATE" : " -DPLAIN";

    return g_strconcat(options, " ", more, last, keeps ? " -DKEEP" : NULL, NULL);
}

static QtrWork work_of(const QtrConvPair *pair, const QtrTensor *x, const QtrTensor *y)
{
    const QtrConvShape *a = &pair->first.shape, *b = &pair->second.shape;
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
    int lanes = qtr_emit_lanes(emit), all = qtr_conv_pair_items(tile, y->height, y->width, lanes);
    int begin = qtr_conv_pair_items(tile, emit->rows.from, y->width, lanes);
    int end = emit->rows.to ? qtr_conv_pair_items(tile, emit->rows.to, y->width, lanes) : all;
    const gsize first[3] = {(gsize)begin, 0, 0};
    const gsize global[3] = {(gsize)end, (gsize)tile->parts, (gsize)y->images};
    const gsize local[3] = {1, 1, 1};
    double share = (double)(end - begin) / all;

    work.flops *= share;
    work.bytes *= share;
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
    g_autofree char *options = forward_options(pair, between->options, end, kept != NULL);
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
