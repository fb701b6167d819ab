#include "ops/conv-pair.h"
#include "ops/wgrad.h"

/* Free with g_free. */
static char *back_options(const QtrConvPair *back, QtrWgradTile tile, const QtrConvActivation *end)
{
    g_autofree char *options = qtr_conv_pair_options(back);

    return g_strdup_printf("%s %s%s -DWOT=%d -DWCT=%d -DWKYT=%d", options, end->options,
                           end->mask ? " -DMASK" : "", tile.out, tile.in, tile.rows);
}

static QtrWork work_of(const QtrConvPair *back, const QtrTensor *dy, const QtrTensor *mask,
                       const QtrTensor *dx)
{
    const QtrConvShape *a = &back->first.shape, *b = &back->second.shape;
    double pixels = (double)dy->images * dy->height * dy->width;
    double weights = (double)(qtr_conv_shape_weights(a) + 2 * qtr_conv_shape_weights(b));
    QtrWork work = {.label = "gradients of two",
                    .flops = 2.0 * weights * pixels,
                    .bytes =
                        qtr_tensor_bytes(dy) + qtr_tensor_bytes(mask) + 3 * qtr_tensor_bytes(dx)};

    g_snprintf(work.shape, sizeof work.shape, "%d>%d>%d, %d x %d", a->in, a->out, b->out,
               dy->height, dy->width);
    return work;
}

void qtr_conv_pair_emit_back(QtrEmit *emit, const QtrConvPair *back, const QtrTensor *dy,
                             QtrBuffer *packed, const QtrConvActivation *between,
                             QtrBuffer *scratch, const QtrConvPairGradients *to)
{
    const QtrConvShape shape = qtr_conv_transposed(&back->second.shape);
    const QtrWgradTile tile = qtr_wgrad_tile(&shape, qtr_emit_lanes(emit));
    const QtrConvActivation *end = to->end;
    const QtrTensor *dx = to->dx, *known = end->mask ? end->mask : end->u;
    g_autofree char *options = back_options(back, tile, end);
    QtrKernel *kernel = qtr_emit_kernel(emit, "conv-pair-back", "conv_pair_back", options);
    int items = qtr_conv_pair_items(&back->tile, dx->height, dx->width, qtr_emit_lanes(emit));
    const gsize global[3] = {(gsize)items, (gsize)back->tile.parts, (gsize)dx->images};
    const gsize local[3] = {1, 1, 1};

    if (!kernel)
        return;
    g_assert(between->mask && between->mix == end->mix && dx->pitch % qtr_emit_lanes(emit) == 0);
    qtr_kernel_bind(kernel, "bbbiiiiiiibbbiibibb", dy->buffer, packed, dx->buffer,
                    (int)back->first.at, (int)back->second.at, dx->height, dx->width, dx->pitch,
                    dx->pad, to->accumulate, between->mask->buffer, known->buffer, end->mix,
                    between->mix_at, end->mix_at, end->acts, end->acts_at, to->a->buffer, scratch);
    qtr_emit_launch_local(emit, kernel, NULL, global, local, work_of(back, dy, between->mask, dx));
    qtr_wgrad_emit_sums(emit, qtr_wgrad_sums(&shape, tile, dx->images * items), scratch, 0, to->dw,
                        to->at);
}
