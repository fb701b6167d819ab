#include "run/infer-private.h"

#include "base/error.h"
#include "run/tile.h"

#include <math.h>
#include <string.h>

#define CHECK_SIDE 8
#define MEMORY_SHARE 3 /* of a CPU's memory the images themselves take some too */

void qtr_infer_set_tile(QtrInfer *infer, int side)
{
    infer->tile = side;
}

static gboolean run_whole(QtrInfer *infer, const float *lr, int height, int width, float *sr,
                          GError **error)
{
    const QtrInferSize size = {.height = height, .width = width};
    QtrNet *net = qtr_infer_net(infer, &size, error);

    return net && qtr_net_set_images(net, lr, NULL, error) && qtr_net_evaluate(net, NULL, error) &&
           qtr_net_read_output(net, sr, error);
}

/* An image in tiles of th x tw, whose cores follow the grid of qtr_net_run_part. */
typedef struct {
    QtrNet *net;
    const float *lr;
    float *sr;
    gsize height, width, th, tw, scale;
    const GArray *rows, *columns; /* QtrTileSpan */
    float *tile_lr, *tile_sr;
} Tiling;

/* Copies a rectangle of three planes. */
static void copy_planes(float *to, gsize to_plane, gsize to_pitch, const float *from,
                        gsize from_plane, gsize from_pitch, gsize rows, gsize columns)
{
    for (gsize c = 0; c < 3; c++)
        for (gsize y = 0; y < rows; y++)
            memcpy(to + c * to_plane + y * to_pitch, from + c * from_plane + y * from_pitch,
                   columns * sizeof(float));
}

static void keep_core(const Tiling *t, const QtrTileSpan *row, const QtrTileSpan *column)
{
    gsize s = t->scale, pitch = s * t->width, tile_pitch = s * t->tw;
    gsize tile_row = (gsize)(row->core_at - row->at),
          tile_column = (gsize)(column->core_at - column->at);

    copy_planes(t->sr + s * (gsize)row->core_at * pitch + s * (gsize)column->core_at,
                s * t->height * pitch, pitch,
                t->tile_sr + s * tile_row * tile_pitch + s * tile_column, s * t->th * tile_pitch,
                tile_pitch, s * (gsize)row->core, s * (gsize)column->core);
}

static gboolean run_tile(const Tiling *t, const QtrTileSpan *row, const QtrTileSpan *column,
                         int cut, GError **error)
{
    const QtrPart part = {.top = row->core_at - row->at,
                          .left = column->core_at - column->at,
                          .row = row->core_at,
                          .column = column->core_at,
                          .height = row->core,
                          .width = column->core};

    copy_planes(t->tile_lr, t->th * t->tw, t->tw,
                t->lr + (gsize)row->at * t->width + (gsize)column->at, t->height * t->width,
                t->width, t->th, t->tw);
    if (!qtr_net_set_images(t->net, t->tile_lr, NULL, error) ||
        !qtr_net_run_part(t->net, &part, cut, error))
        return FALSE;
    if (cut < qtr_net_cuts(t->net))
        return TRUE;
    if (!qtr_net_read_output(t->net, t->tile_sr, error))
        return FALSE;
    keep_core(t, row, column);
    return TRUE;
}

/* With ADM the deviations of the whole image come first, one pass over all tiles for each. */
static gboolean run_passes(const Tiling *t, GError **error)
{
    int cuts = qtr_net_cuts(t->net);

    for (int cut = 0; cut <= cuts; cut++) {
        for (guint r = 0; r < t->rows->len; r++)
            for (guint c = 0; c < t->columns->len; c++)
                if (!run_tile(t, &g_array_index(t->rows, QtrTileSpan, r),
                              &g_array_index(t->columns, QtrTileSpan, c), cut, error))
                    return FALSE;
        if (cut < cuts && !qtr_net_close_cut(t->net, cut, error))
            return FALSE;
    }
    return TRUE;
}

/* Cores for tiles of about `side` pixels. */
static int core_rows(int side)
{
    return MAX(1, side / QTR_PART_ROWS) * QTR_PART_ROWS;
}

static int core_columns(int side)
{
    return MAX(1, side / QTR_PART_COLUMNS) * QTR_PART_COLUMNS;
}

static QtrInferSize tile_size(const QtrInfer *infer, int height, int width, int side)
{
    QtrTileMargin margin = qtr_tile_margin(&infer->arch, &infer->genotype);

    return (QtrInferSize){.height = qtr_tile_size(height, core_rows(side), margin.rows),
                          .width = qtr_tile_size(width, core_columns(side), margin.columns),
                          .image_height = height,
                          .image_width = width};
}

static gboolean run_tiled(QtrInfer *infer, const float *lr, int height, int width, int side,
                          float *sr, GError **error)
{
    QtrTileMargin margin = qtr_tile_margin(&infer->arch, &infer->genotype);
    QtrInferSize size = tile_size(infer, height, width, side);
    gsize pixels = (gsize)size.height * (gsize)size.width, s = (gsize)infer->arch.scale;
    g_autoptr(GArray) rows = qtr_tile_spans(height, core_rows(side), margin.rows);
    g_autoptr(GArray) columns = qtr_tile_spans(width, core_columns(side), margin.columns);
    g_autofree float *tile_lr = qtr_infer_planes(pixels, error);
    g_autofree float *tile_sr = tile_lr ? qtr_infer_planes(s * s * pixels, error) : NULL;
    QtrNet *net = tile_sr ? qtr_infer_net(infer, &size, error) : NULL;
    Tiling t = {.net = net,
                .lr = lr,
                .height = (gsize)height,
                .width = (gsize)width,
                .th = (gsize)size.height,
                .tw = (gsize)size.width,
                .scale = s,
                .rows = rows,
                .columns = columns,
                .tile_lr = tile_lr,
                .tile_sr = tile_sr};

    t.sr = sr;
    return net && run_passes(&t, error);
}

static gboolean fits(const QtrInfer *infer, int height, int width)
{
    guint64 bytes = qtr_tile_bytes(&infer->arch, &infer->genotype, height, width);

    return bytes <= qtr_device_info(infer->device)->memory / MEMORY_SHARE;
}

/* The side of tiles to begin with; at least the image's: no tiles. */
static int choose_side(const QtrInfer *infer, int height, int width)
{
    int side = MAX(height, width);

    if (infer->tile > 0)
        return MIN(side, infer->tile);
    if (fits(infer, height, width))
        return side;
    for (side = side * 3 / 4; side > QTR_PART_ROWS; side = side * 3 / 4) {
        QtrInferSize size = tile_size(infer, height, width, side);

        if (fits(infer, size.height, size.width))
            break;
    }
    return side;
}

/* Halves end at 65504, and what is beyond is no picture any more. */
static gboolean check_halves(const QtrInfer *infer, const float *sr, gsize n, GError **error)
{
    for (gsize i = 0; infer->halves && i < n; i++)
        if (!isfinite(sr[i])) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                        "this network's tensors reach beyond what 16 bits hold; leave "
                        "env.half_tensors out");
            return FALSE;
        }
    return TRUE;
}

gboolean qtr_infer_run(QtrInfer *infer, const float *lr, int height, int width, float *sr,
                       GError **error)
{
    gsize scale = (gsize)infer->arch.scale;
    gsize sr_floats = 3 * scale * scale * (gsize)height * (gsize)width;
    int whole = MAX(height, width);

    for (int side = choose_side(infer, height, width);; side = side * 3 / 4) {
        g_autoptr(GError) local = NULL;

        if (side >= whole ? run_whole(infer, lr, height, width, sr, &local)
                          : run_tiled(infer, lr, height, width, side, sr, &local))
            return check_halves(infer, sr, sr_floats, error);
        if (side <= QTR_PART_ROWS || !g_error_matches(local, QTR_ERROR, QTR_ERROR_MEMORY)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return FALSE;
        }
    }
}

gboolean qtr_infer_check(QtrInfer *infer, GError **error)
{
    const QtrInferSize size = {.height = CHECK_SIDE, .width = CHECK_SIDE};

    return qtr_infer_net(infer, &size, error) != NULL;
}

gboolean qtr_infer_prepare(QtrInfer *infer, const QtrImage *lr, GError **error)
{
    int side = choose_side(infer, lr->height, lr->width);
    QtrInferSize size = {.height = lr->height, .width = lr->width};

    if (side < MAX(lr->height, lr->width))
        size = tile_size(infer, lr->height, lr->width, side);
    return qtr_infer_net(infer, &size, error) != NULL;
}
