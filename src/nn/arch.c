#include "nn/arch.h"

#include <string.h>

static const char *const block_names[QTR_BLOCKS] = {"head", "body", "skip", "upsample", "tail"};

/* Defaults of method.md 3. */
static const char *const inner_defaults[] = {
    "skip_connect",
    "conv_5x1_1x5",
    "conv_3x1_1x3",
    "simple_3x3",
    "simple_1x1",
    "simple_5x5",
    "simple_1x1_grouped_3",
    "simple_3x3_grouped_3",
    "simple_5x5_grouped_3",
    "DWS_3x3",
    "DWS_5x5",
    "growth2_5x5",
    "growth2_3x3",
    "decenc_3x3_4",
    "decenc_3x3_2",
    "decenc_5x5_2",
    "decenc_5x5_8",
    "decenc_3x3_8",
    "decenc_3x3_4_g3",
    "decenc_3x3_2_g3",
    "decenc_5x5_2_g3",
};
static const char *const outer_defaults[] = {
    "conv_5x1_1x5",         "conv_3x1_1x3",         "simple_1x1",  "simple_3x3",
    "simple_5x5",           "growth2_5x5",          "growth2_3x3", "simple_1x1_grouped_3",
    "simple_3x3_grouped_3", "simple_5x5_grouped_3",
};

const char *qtr_block_name(QtrBlock block)
{
    return block_names[block];
}

gboolean qtr_block_find(const char *name, QtrBlock *block)
{
    for (int i = 0; i < QTR_BLOCKS; i++)
        if (strcmp(block_names[i], name) == 0) {
            *block = (QtrBlock)i;
            return TRUE;
        }
    return FALSE;
}

gboolean qtr_bits_valid(int bits)
{
    return (bits >= 2 && bits <= 8) || bits == 16 || bits == 32;
}

void qtr_arch_layer_channels(const QtrArch *arch, QtrBlock block, int layer, int *in, int *out)
{
    gboolean last = layer == arch->layers[block] - 1;

    *in = arch->c_fixed;
    *out = arch->c_fixed;
    if ((block == QTR_BLOCK_HEAD || block == QTR_BLOCK_TAIL) && layer == 0)
        *in = arch->channels;
    if (block == QTR_BLOCK_TAIL && last)
        *out = arch->channels;
    if (block == QTR_BLOCK_UPSAMPLE && last)
        *out = 3 * arch->scale * arch->scale;
}

int qtr_block_layers_min(QtrBlock block)
{
    return block == QTR_BLOCK_TAIL ? 0 : 1;
}

int qtr_block_repeats(const QtrArch *arch, QtrBlock block)
{
    return block == QTR_BLOCK_BODY || block == QTR_BLOCK_SKIP ? arch->body_cells : 1;
}

int qtr_block_zoom(const QtrArch *arch, QtrBlock block)
{
    return block == QTR_BLOCK_TAIL ? arch->scale : 1;
}

int qtr_arch_layer_count(const QtrArch *arch)
{
    int count = 0;

    for (int i = 0; i < QTR_BLOCKS; i++)
        count += arch->layers[i];
    return count;
}

void qtr_arch_layer_at(const QtrArch *arch, int index, QtrBlock *block, int *layer)
{
    int i = 0;

    g_return_if_fail(index >= 0 && index < qtr_arch_layer_count(arch));
    for (; index >= arch->layers[i]; i++)
        index -= arch->layers[i];
    *block = (QtrBlock)i;
    *layer = index;
}

void qtr_arch_init(QtrArch *arch)
{
    *arch = (QtrArch){
        .channels = 3,
        .c_fixed = 36,
        .scale = 4,
        .body_cells = 3,
        .layers = {[QTR_BLOCK_HEAD] = 2,
                   [QTR_BLOCK_BODY] = 2,
                   [QTR_BLOCK_SKIP] = 1,
                   [QTR_BLOCK_UPSAMPLE] = 1,
                   [QTR_BLOCK_TAIL] = 2},
        .n_bits = 2,
        .bits = {8, 4},
    };
    for (int i = 0; i < QTR_BLOCKS; i++)
        qtr_arch_default_primitives(arch, (QtrBlock)i);
}

void qtr_arch_default_primitives(QtrArch *arch, QtrBlock block)
{
    gboolean inner = block == QTR_BLOCK_BODY || block == QTR_BLOCK_SKIP;
    const char *const *list = inner ? inner_defaults : outer_defaults;

    arch->n_primitives[block] =
        inner ? (int)G_N_ELEMENTS(inner_defaults) : (int)G_N_ELEMENTS(outer_defaults);
    for (int i = 0; i < arch->n_primitives[block]; i++) {
        arch->primitives[block][i] = qtr_primitive_find(list[i]);
        g_assert(arch->primitives[block][i]);
    }
}
