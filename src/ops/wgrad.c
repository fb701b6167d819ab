#include "ops/conv-gpu.h"
#include "ops/wgrad-strips.h"

QtrWgradTile qtr_wgrad_tile(const QtrConvShape *s, int lanes)
{
    int out = s->out / s->groups, in = s->in / s->groups;
    /* Whole kernels where they fit, else row by row. */
    gboolean whole = s->kh * s->kw <= (lanes == 16 || out == 1 ? 25 : 9);
    QtrWgradTile tile = {1, 1, whole ? s->kh : 1, whole && s->kh > 1 && s->kw > 1};
    int taps = tile.rows * s->kw;

    /* With few taps an item needs several channels on both sides, or it only loads. */
    if (taps <= 3)
        tile.in = in % 3 == 0 ? 3 : in % 2 == 0 ? 2 : 1;
    tile.out = CLAMP(qtr_wgrad_registers(lanes) / (taps * tile.in), 1, out);
    /* As few channels a block as cover them in the same number of blocks. */
    tile.out = qtr_ceil_div(out, qtr_ceil_div(out, tile.out));
    return tile;
}

static int wgrad_columns(const QtrConvShape *s, QtrWgradTile tile)
{
    return s->in / s->groups / tile.in * (s->kh / tile.rows);
}

int qtr_wgrad_taps(const QtrConvShape *s, QtrWgradTile tile)
{
    return tile.out * tile.in * tile.rows * s->kw;
}

static int wgrad_vectors(const QtrConvShape *s, QtrWgradTile tile)
{
    return qtr_ceil_div(qtr_wgrad_taps(s, tile), 16);
}

int qtr_wgrad_tiles(const QtrConvShape *s, QtrWgradTile tile)
{
    return s->groups * qtr_ceil_div(s->out / s->groups, tile.out) * wgrad_columns(s, tile);
}

gsize qtr_wgrad_partials(const QtrConvShape *s, QtrWgradTile tile)
{
    return (gsize)qtr_wgrad_tiles(s, tile) * (gsize)wgrad_vectors(s, tile) * 16;
}

gsize qtr_conv_wgrad_scratch(const QtrDevice *device, const QtrConvShape *shape, int components,
                             int images)
{
    if (qtr_device_info(device)->shares_tiles)
        return qtr_conv_gpu_wgrad_scratch(shape, images);
    if (components > 0)
        return qtr_wgrad_strips_scratch(device, shape, components, images);
    return (gsize)images *
           qtr_wgrad_partials(shape, qtr_wgrad_tile(shape, qtr_device_info(device)->vector_width));
}

QtrWgradSums qtr_wgrad_sums(const QtrConvShape *s, QtrWgradTile tile, int parts)
{
    return (QtrWgradSums){
        .file = "wgrad",
        .options =
            g_strdup_printf("-DCIN=%d -DCOUT=%d -DG=%d -DKH=%d -DKW=%d -DOT=%d -DCT=%d -DKYT=%d%s",
                            s->in, s->out, s->groups, s->kh, s->kw, tile.out, tile.in, tile.rows,
                            tile.rows_of_dy ? " -DROWS_OF_DY" : ""),
        .vectors = qtr_wgrad_tiles(s, tile) * wgrad_vectors(s, tile),
        .parts = parts};
}

void qtr_wgrad_emit_sums(QtrEmit *emit, QtrWgradSums sums, QtrBuffer *scratch, gsize scratch_at,
                         QtrBuffer *dw, gsize at)
{
    const QtrImages images = emit->images;

    emit->images = (QtrImages){0};
    QTR_EMIT(emit, sums.file, "wgrad_sum", sums.options, HEAVY, sums.vectors, 1, 1,
             QTR_TRAFFIC("weight gradient sums", 0), "bibii", scratch, (int)scratch_at, dw, (int)at,
             sums.parts);
    emit->images = images;
    g_free(sums.options);
}

/* Partial sums of the images of emit, which `a` and `dy` hold from the first on. */
static QtrWgradSums emit_partials(QtrEmit *emit, const QtrConvShape *s, const QtrTensor *a,
                                  const QtrTensor *dy, QtrBuffer *scratch, gsize at)
{
    const QtrWgradTile tile = qtr_wgrad_tile(s, qtr_emit_lanes(emit));
    QtrWgradSums sums = qtr_wgrad_sums(s, tile, a->images);
    const gsize global[3] = {(gsize)wgrad_columns(s, tile),
                             (gsize)(s->groups * qtr_ceil_div(s->out / s->groups, tile.out)),
                             (gsize)a->images};
    const gsize local[3] = {1, 1, 1}; /* as the kernel asks for, on GPUs too */
    QtrKernel *kernel = qtr_emit_kernel(emit, sums.file, "wgrad", sums.options);

    if (kernel) {
        qtr_kernel_bind(kernel, "bbbiiii", a->buffer, dy->buffer, scratch, (int)at, a->height,
                        a->pitch, a->pad);
        qtr_emit_launch_local(emit, kernel, NULL, global, local,
                              qtr_conv_work("weight gradient", s, a, dy));
    }
    return sums;
}

void qtr_conv_emit_wgrad(QtrEmit *emit, const QtrConvShape *shape, int components,
                         const QtrTensor *a, const QtrTensor *dy, QtrBuffer *scratch,
                         gsize scratch_at, QtrBuffer *dw, gsize at)
{
    QtrWgradSums sums;

    if (qtr_device_info(emit->device)->shares_tiles) {
        qtr_conv_gpu_emit_wgrad(emit, shape, a, dy, scratch, dw, at,
                                qtr_conv_work("weight gradient", shape, a, dy));
        return;
    }
    sums = components > 0
               ? qtr_wgrad_strips_emit(emit, shape, components, a, dy, scratch, scratch_at)
               : emit_partials(emit, shape, a, dy, scratch, scratch_at);
    if (emit->images.n == 0 || emit->images.first + emit->images.n == a->images)
        qtr_wgrad_emit_sums(emit, sums, scratch, scratch_at, dw, at);
    else
        g_free(sums.options);
}
