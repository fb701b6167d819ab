#pragma once
#include "nn/primitive.h"

/* The shape of a search space: `arch` of the configuration, resolved (method.md 2). */

typedef enum {
    QTR_BLOCK_HEAD,
    QTR_BLOCK_BODY,
    QTR_BLOCK_SKIP,
    QTR_BLOCK_UPSAMPLE,
    QTR_BLOCK_TAIL,
} QtrBlock; /* in the order of the supernet's alphas (`_alphas.0`, ...) */
#define QTR_BLOCKS 5

#define QTR_BITS_MAX 8        /* bit widths in arch.bits */
#define QTR_LAYERS_MAX 64     /* layers of one block */
#define QTR_PRIMITIVES_MAX 64 /* primitives offered to one block */

/* A plain value: copying it copies all (the primitives point into the static table). */
typedef struct {
    int channels; /* of images: 3 */
    int c_fixed;  /* C */
    int scale;    /* s */
    int body_cells;
    gboolean skip_mode; /* TRUE: plain skips; FALSE: ADM with batch norm and phi(std) */
    int layers[QTR_BLOCKS];
    int n_bits;
    int bits[QTR_BITS_MAX]; /* in the configuration's order */
    int n_primitives[QTR_BLOCKS];
    const QtrPrimitive *primitives[QTR_BLOCKS][QTR_PRIMITIVES_MAX];
} QtrArch;

const char *qtr_block_name(QtrBlock block); /* "head", ... */
gboolean qtr_block_find(const char *name, QtrBlock *block);

/* Bit widths that both quantizers of method.md 4 have: 2 to 8, 16, and 32 (none). */
#define QTR_BITS_ALLOWED "2 to 8, 16 or 32"
gboolean qtr_bits_valid(int bits);

/* Channels in and out of layer `layer` of a block (method.md 2: the first head layer takes
 * `channels`, the last upsample layer gives 3*s*s, the tail works on 3 channels at its ends). */
void qtr_arch_layer_channels(const QtrArch *arch, QtrBlock block, int layer, int *in, int *out);

/* Fewest layers of a block: only the tail may be empty (method.md 2). */
int qtr_block_layers_min(QtrBlock block);

/* How often a block stands in the network: body and skip once a cell, the others once. */
int qtr_block_repeats(const QtrArch *arch, QtrBlock block);
/* How many times as high and wide as the network's images those of a block are. */
int qtr_block_zoom(const QtrArch *arch, QtrBlock block);

/* Layers with alphas, all blocks in QtrBlock order; cells share theirs. */
int qtr_arch_layer_count(const QtrArch *arch);
/* Layer `index` of the above as block and layer within it. */
void qtr_arch_layer_at(const QtrArch *arch, int index, QtrBlock *block, int *layer);

/* Defaults of fp_config's pattern with method.md 3's default primitives, bits [8, 4]. */
void qtr_arch_init(QtrArch *arch);
/* Sets a block's primitives to the default list of method.md 3. */
void qtr_arch_default_primitives(QtrArch *arch, QtrBlock block);
