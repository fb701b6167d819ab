#include "run/tile.h"

#include <string.h>

#define FLOAT_BYTES 4

static int up_to_grid(int pixels)
{
    return qtr_ceil_div(pixels, QTR_WINOGRAD_ROWS) * QTR_WINOGRAD_ROWS;
}

/* What `margin` pixels beyond the output of a primitive depend on: with rows, whole strips of each
 * convolution's output, whether a device computes it in strips or not. */
static int before_chain(const QtrPrimitive *primitive, int c_fixed, gboolean rows, int margin)
{
    QtrConvShape chain[QTR_CHAIN_MAX];

    for (int i = qtr_primitive_chain(primitive, c_fixed, c_fixed, c_fixed, chain); i-- > 0;) {
        int reach = (rows ? chain[i].kh : chain[i].kw) / 2;

        if (rows && reach > 0)
            margin = up_to_grid(margin);
        margin += reach;
    }
    return margin;
}

static int before_block(const QtrArch *arch, const QtrGenotype *genotype, QtrBlock block,
                        gboolean rows, int margin)
{
    for (int i = genotype->layers[block]; i-- > 0;)
        margin = before_chain(genotype->genes[block][i].primitive, arch->c_fixed, rows, margin);
    return margin;
}

static int margin_of(const QtrArch *arch, const QtrGenotype *genotype, gboolean rows)
{
    int margin = before_block(arch, genotype, QTR_BLOCK_TAIL, rows, 0);

    margin = qtr_ceil_div(margin, arch->scale);
    margin = before_block(arch, genotype, QTR_BLOCK_UPSAMPLE, rows, margin);
    for (int i = 0; i < arch->body_cells; i++)
        margin = MAX(before_block(arch, genotype, QTR_BLOCK_BODY, rows, margin),
                     before_block(arch, genotype, QTR_BLOCK_SKIP, rows, margin));
    return before_block(arch, genotype, QTR_BLOCK_HEAD, rows, margin);
}

QtrTileMargin qtr_tile_margin(const QtrArch *arch, const QtrGenotype *genotype)
{
    return (QtrTileMargin){.rows = up_to_grid(margin_of(arch, genotype, TRUE)),
                           .columns = up_to_grid(margin_of(arch, genotype, FALSE))};
}

/* Channels alive at once while a layer runs: its input and output, and of the convolution at work
 * the activation and what stands between it and its neighbours in the chain. */
static int layer_channels(const QtrPrimitive *primitive, int in, int out, int c_fixed)
{
    QtrConvShape chain[QTR_CHAIN_MAX];
    int n = qtr_primitive_chain(primitive, in, out, c_fixed, chain), most = 0;

    for (int i = 0; i < n; i++)
        most = MAX(most, chain[i].in + (i > 0 ? chain[i].in : 0) + (i < n - 1 ? chain[i].out : 0));
    return in + out + most;
}

static int block_channels(const QtrArch *shape, const QtrGenotype *genotype, QtrBlock block)
{
    int most = 0;

    for (int i = 0; i < shape->layers[block]; i++) {
        int in, out;

        qtr_arch_layer_channels(shape, block, i, &in, &out);
        most =
            MAX(most, layer_channels(genotype->genes[block][i].primitive, in, out, shape->c_fixed));
    }
    return most;
}

/* Around the layer at work: at LR the inputs, outputs and normalised inputs of the body and of a
 * cell, and what upsample makes; at HR the four images of the tail. */
guint64 qtr_tile_bytes(const QtrArch *arch, const QtrGenotype *genotype, int height, int width)
{
    static const QtrBlock low[] = {QTR_BLOCK_HEAD, QTR_BLOCK_BODY, QTR_BLOCK_SKIP,
                                   QTR_BLOCK_UPSAMPLE};
    guint64 pixels = (guint64)height * (guint64)width;
    guint64 s2 = (guint64)arch->scale * (guint64)arch->scale;
    QtrArch shape = *arch;
    int most = 0;

    memcpy(shape.layers, genotype->layers, sizeof shape.layers);
    for (gsize i = 0; i < G_N_ELEMENTS(low); i++)
        most = MAX(most, block_channels(&shape, genotype, low[i]));
    return pixels * FLOAT_BYTES *
           ((guint64)(6 * arch->c_fixed + most) +
            s2 * (guint64)(4 * 3 + block_channels(&shape, genotype, QTR_BLOCK_TAIL)));
}

GArray *qtr_tile_spans(int length, int core, int margin)
{
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(QtrTileSpan));
    int size = qtr_tile_size(length, core, margin);

    margin = up_to_grid(margin);
    for (int at = 0; at < length; at += core) {
        QtrTileSpan span = {.at = CLAMP(at - margin, 0, length - size),
                            .core_at = at,
                            .core = MIN(core, length - at)};

        g_array_append_val(spans, span);
    }
    return spans;
}

int qtr_tile_size(int length, int core, int margin)
{
    int size = core + 2 * up_to_grid(margin);

    /* The last tile ends with the image and begins on the grid. */
    return size >= length ? length : size + (length - size) % QTR_WINOGRAD_ROWS;
}
