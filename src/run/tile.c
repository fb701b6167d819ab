#include "run/tile.h"

#define FLOAT_BYTES 4

static int chain_margin(const QtrPrimitive *primitive, int c_fixed)
{
    QtrConvShape chain[QTR_CHAIN_MAX];
    int n = qtr_primitive_chain(primitive, c_fixed, c_fixed, c_fixed, chain), margin = 0;

    for (int i = 0; i < n; i++)
        margin += MAX(chain[i].kh, chain[i].kw) / 2;
    return margin;
}

static int block_margin(const QtrArch *arch, const QtrGenotype *genotype, QtrBlock block)
{
    int margin = 0;

    for (int i = 0; i < genotype->layers[block]; i++)
        margin += chain_margin(genotype->genes[block][i].primitive, arch->c_fixed);
    return margin;
}

int qtr_tile_margin(const QtrArch *arch, const QtrGenotype *genotype)
{
    int tail = block_margin(arch, genotype, QTR_BLOCK_TAIL);

    return block_margin(arch, genotype, QTR_BLOCK_HEAD) +
           arch->body_cells * MAX(block_margin(arch, genotype, QTR_BLOCK_BODY),
                                  block_margin(arch, genotype, QTR_BLOCK_SKIP)) +
           block_margin(arch, genotype, QTR_BLOCK_UPSAMPLE) +
           (tail + arch->scale - 1) / arch->scale;
}

/* Tensors alive at once: some of C channels at LR, one of up to 2C inside a chain, and, at HR,
 * images and the tail's C channels. */
guint64 qtr_tile_bytes(const QtrArch *arch, const QtrGenotype *genotype, int height, int width)
{
    guint64 pixels = (guint64)height * (guint64)width;
    guint64 s2 = (guint64)arch->scale * (guint64)arch->scale, c = (guint64)arch->c_fixed;
    guint64 tail = genotype->layers[QTR_BLOCK_TAIL] > 1 ? 3 * c : 0;

    return pixels * FLOAT_BYTES * (8 * c + s2 * (4 * 3 + tail));
}

GArray *qtr_tile_spans(int length, int core, int margin)
{
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(QtrTileSpan));
    int size = qtr_tile_size(length, core, margin);

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
    return MIN(length, core + 2 * margin);
}
