#pragma once
#include "cl/shared.h"
#include "cl/tables.h"
#include "nn/net.h"
#include "ops/conv-pair.h"
#include "ops/tensor.h"
#include "ops/winograd.h"

/* The parts of a compiled network. Created by net-layout.c, given memory by net-memory.c, turned
 * into launches by net-forward.c, net-backward.c and net-update.c, driven by net.c. */

/* Where a tensor's numbers stand. */
typedef enum {
    NET_WEIGHTS, /* in params, trained */
    NET_SCALES,  /* in params, trained: LSQ steps of final networks */
    NET_FROZEN,  /* in params, not trained */
    NET_ALPHAS,  /* in alphas */
} NetRegion;

typedef struct {
    QtrTensorInfo info;
    NetRegion region;
    int at;      /* offset in floats, in params or alphas */
    float bound; /* initially uniform in +-bound; 0: `fill` everywhere */
    float fill;
} NetTensor;

/* A convolution with the quantizers in front of it. Offsets are in floats (ints) of the buffers
 * named alike. */
typedef struct {
    QtrConvShape shape;
    int weight, steps;      /* tensors */
    int bits[QTR_BITS_MAX]; /* n_bits of the network's mix */
    QtrConvTile forward, back;
    gsize mixed_at, forward_at, back_at, scratch_at;
    int rows_at; /* channels of all convolutions before: ranges and weight dots */
    int levels_at, acts_at, mix_at, range_at;
    int dots_at, dots_items;
    gboolean dots_merged;   /* left by its layer's merged convolutions */
    gboolean scaled;        /* the last of its chain carries the primitive's P */
    const QtrTensor *u, *a; /* the activation's input and output in the training forward pass */
    const QtrTensor *mask;  /* where a gradient passes it; of u only the geometry then counts */
    gboolean is_activated;  /* the list being written has made `a` already */
} NetConv;

/* Single convolutions of a layer, n of net->parts from `first`, computed as one for bit width `bit`
 * of the mix (net-merge.c). */
typedef struct {
    NetConv conv;
    int first, n, bit;
} NetMerge;

/* A primitive where it stands in a layer. */
typedef struct {
    const QtrPrimitive *primitive;
    int n_convs, first_conv;
    gboolean merged; /* into its layer's merge */
    int mix_at;
    int dots_at, dots_items; /* of an identity */
} NetOp;

typedef struct {
    int in, out, n_ops;
    NetOp *ops;
    int merge, n_merges; /* in net->merges; n_merges 0: none */
    /* Whether the merged convolutions, one for each bit width, replace their parts, or with noise
     * one only their data gradients in weight steps; and whether they do so in the gradients of
     * alpha steps. */
    gboolean merge_whole, merge_alphas;
    const QtrTensor *x;
} NetLayer;

/* The chain of convolutions that is all of a layer; NULL: there are others, or none. */
static inline const NetOp *net_sole_chain(const NetLayer *layer)
{
    return layer->n_ops == 1 && qtr_primitive_kind(layer->ops[0].primitive) == QTR_PRIMITIVE_CONV
               ? &layer->ops[0]
               : NULL;
}

typedef struct {
    int n;
    NetLayer *layers;
    int height, width; /* of its images */
    gboolean is_large; /* some images at a time, where that can be (net_has_parts) */
    gboolean is_paired, is_paired_back; /* its last two layers, and their gradients (net-pair.c) */
    QtrConvPair pair, pair_back;
} NetBlock;

/* Part of an image that a tensor holds, in blocks of statistics; mirrored by Region in
 * cl/moments.cl.
 */
typedef struct {
    int top, left, height, width;
    int row0, column0, block_rows, block_columns;
} NetPart;

/* f(BN(x)) * phi(std(skip)) + skip, or f(x) + skip. */
typedef struct {
    int channels;
    int gamma, beta, mean, var, phi_w, phi_b; /* tensors; -1 with plain skips */
    QtrBuffer *stats, *norm, *phi, *back;
    QtrBuffer *region; /* a NetPart: which part of the image the statistics are of */
    int scale;         /* of its images: 1, or s in the tail */
    const QtrTensor *x, *f;
    gboolean has_stats; /* the list being written has gathered those of x already */
} NetAdm;

/* What a block reads: x, or with `norm` the batch norm of it, of which only activations are kept.
 */
typedef struct {
    const QtrTensor *x;
    const NetAdm *norm;
} NetSource;

typedef struct {
    NetBlock skip, body;
    NetAdm adm;
} NetCell;

struct QtrNet {
    QtrDevice *device; /* borrowed */
    QtrNetParams params;
    QtrGenotype genotype;
    QtrArch arch; /* layer counts as built */
    gboolean is_supernet, noise, quantized;
    gboolean masks; /* training of a final network: masks instead of what only activations read */
    int n_bits;     /* of the mix: 1 in final networks */
    int pad;
    char *bits_options; /* -DNBITS=.. [-DNOISE -DNOISE_BASE=.. [-DNOISE_TABLE]] */

    NetBlock head, upsample, tail;
    NetCell *cells;
    NetAdm one, two;
    GArray *convs;   /* NetConv */
    GArray *merges;  /* NetMerge; rows of the table of convolutions behind those of convs */
    GArray *parts;   /* indices in convs */
    GArray *tensors; /* NetTensor */
    GHashTable *tensor_index;

    int weights_end, scales_end, params_end; /* regions of params */
    int n_alphas;                            /* of all layers */
    int n_rows; /* of mix, before a last one that begins with two ones */
    gsize mixed_size, packed_size, scratch_size, large_scratch;
    gsize cached_bytes; /* of a large layer's wider side at work at a time (net_images_at_once) */
    int rows_size, max_out;
    gsize dots_size;

    QtrBuffer *values, *grads, *moment1, *moment2; /* of params */
    QtrBuffer *alphas, *alpha_grads, *alpha_moment1, *alpha_moment2, *p;
    QtrBuffer *mix, *levels, *acts, *units;
    QtrBuffer *mixed, *mixed_grads, *packed, *scratch;
    QtrBuffer *merge_table, *part_table;
    QtrBuffer *conv_table, *layer_table, *source_table, *owner_table, *owned_table;
    QtrBuffer *cost_row, *memory_row, *reference;
    QtrBuffer *ranges, *range, *range_part, *weight_dots, *act_dots, *dot_sums;
    QtrBuffer *part; /* of plane-wise sums */
    QtrBuffer *step, *results, *dense_lr, *dense_hr, *ones;
    QtrBuffer *noise_table, *noise_at;
    int n_sources;

    QtrTensorPool *pool;
    QtrTensor *lr, *hr, *y, *dy;
    gboolean has_target;

    QtrCommands *init_steps, *select, *fix_reference, *prepare, *load_lr, *load_hr;
    QtrCommands *forward, *loss, *backward_alpha, *backward_weight;
    QtrCommands *update_alpha, *update_weight;
    GPtrArray
        *evaluate;   /* QtrCommands; a tiled network has a cut behind the statistics of every ADM */
    GPtrArray *phis; /* QtrCommands; of a tiled network: phi of the ADM behind each cut */
    gboolean tiled;
    gboolean is_packed; /* in inference: the weights, as they are now */

    QtrNetCounters counters;
};

static inline NetConv *net_conv(const QtrNet *net, int index)
{
    return &g_array_index(net->convs, NetConv, index);
}

static inline NetMerge *net_merge(const QtrNet *net, int index)
{
    return &g_array_index(net->merges, NetMerge, index);
}

static inline NetTensor *net_tensor(const QtrNet *net, int index)
{
    return &g_array_index(net->tensors, NetTensor, index);
}

/* One bit width and no noise: activations are the same for all primitives of a layer, and alpha
 * gradients need no weight gradients (cl/alpha.cl, SINGLE). */
static inline gboolean net_is_single(const QtrNet *net)
{
    return net->n_bits == 1 && !net->noise;
}

/* Offset in params of a tensor. */
static inline int net_at(const QtrNet *net, int tensor)
{
    return net_tensor(net, tensor)->at;
}

/* net-layout.c: structure and offsets; nothing on the device. */
void net_layout(QtrNet *net);
/* Gives the mixed and packed weights of a convolution, whose tiles are chosen, their place. */
void net_place_weights(QtrNet *net, NetConv *conv);
/* net-tables.c: the tables the kernels read. */
gboolean net_write_tables(QtrNet *net, GError **error);
gboolean net_write_quantizers(QtrNet *net, gboolean quantized, GError **error);
/* net-merge.c: chooses what of a layer is merged, once its convolutions are laid out. */
void net_merge_layer(QtrNet *net, NetLayer *layer);
gboolean net_write_merges(QtrNet *net, GError **error);
void net_emit_merge_weights(QtrNet *net, QtrEmit *emit);
void net_emit_split_gradients(QtrNet *net, QtrEmit *emit);
/* What the data gradients of parts would have left in act_dots, from the weights' gradients. */
void net_emit_merge_dots(QtrNet *net, QtrEmit *emit);
/* The mixed activation in front of a convolution that reads `u`, without dots and noise. */
QtrConvActivation net_activation(const QtrNet *net, const NetConv *conv, const QtrTensor *u);
/* The activation of one bit width in front of a merged convolution. */
QtrConvActivation net_merge_activation(const QtrNet *net, const NetMerge *merge,
                                       const QtrTensor *u);
/* net-memory.c */
gboolean net_allocate(QtrNet *net, GError **error);
gboolean net_init_values(QtrNet *net, GError **error);
void net_free_memory(QtrNet *net);

/* Each appends to emit->commands. */
void net_emit_select(QtrNet *net, QtrEmit *emit);
void net_emit_prepare(QtrNet *net, QtrEmit *emit);
void net_emit_forward(QtrNet *net, QtrEmit *emit, gboolean training);
void net_emit_loss(QtrNet *net, QtrEmit *emit);
void net_emit_backward(QtrNet *net, QtrEmit *emit, gboolean alphas);
void net_emit_update_alpha(QtrNet *net, QtrEmit *emit);
void net_emit_update_weight(QtrNet *net, QtrEmit *emit);

/* net-layout.c: whether the launches of a layer may take some images at a time. */
gboolean net_has_parts(const QtrNet *net, const NetBlock *block, const NetLayer *layer);
/* Images of a large layer that its launches take at a time, so that what one launch leaves is still
 * in the processor's cache when the next reads it; 0: all. `in`: a tensor of what it reads. */
int net_images_at_once(const QtrNet *net, const QtrEmit *emit, const NetBlock *block,
                       const NetLayer *layer, const QtrTensor *in);
/* What the noise of a convolution's activation is drawn from. */
QtrNoise net_noise(const QtrNet *net, int conv);
/* y (+)= block(x), leaving what its gradient needs; x is not given back. */
void net_emit_block(QtrNet *net, QtrEmit *emit, NetBlock *block, const QtrTensor *x,
                    const QtrTensor *y, gboolean accumulate);
/* The activation of u in front of a convolution, unless it has been made already. With one bit
 * width and no noise it is the same for all primitives of a layer: `shared` keeps it. With noise
 * *range_at is where the range of u stands, -1 before it does. Both may be NULL. */
const QtrTensor *net_emit_activation(QtrNet *net, QtrEmit *emit, int conv, const QtrTensor *u,
                                     const QtrTensor **shared, int *range_at);
/* net-pair.c: in training with masks the last two layers of a block as one launch, and their
 * gradients, where that is faster and each is one convolution. */
void net_plan_pair(QtrNet *net, NetBlock *block);
/* y (+)= these layers of x, of a block that is paired. */
void net_emit_pair(QtrNet *net, QtrEmit *emit, const NetBlock *block, const QtrTensor *x,
                   const QtrTensor *y, gboolean accumulate);
/* dx (+)= their gradient, and those of their weights, of one whose gradients are too. */
void net_emit_pair_back(QtrNet *net, QtrEmit *emit, const NetBlock *block, const QtrTensor *dy,
                        const QtrTensor *dx, gboolean accumulate);
QtrConvHalf net_conv_half(const NetConv *conv);
/* net-stream.c: whether a block is a mere chain of convolutions in inference, and such a block. */
gboolean net_is_stream(const QtrNet *net, const NetBlock *block);
void net_emit_stream(QtrNet *net, QtrEmit *emit, const NetBlock *block, const QtrTensor *x,
                     const QtrTensor *y, gboolean accumulate);
/* The sum of such blocks of BN(x), modulated, whose statistics and phi stand in `adm`; leaves the
 * result's for `next`, which may be NULL. NULL after a failure. */
QtrTensor *net_emit_adm_streams(QtrNet *net, QtrEmit *emit, const NetBlock *const *blocks,
                                int n_blocks, NetAdm *adm, const QtrTensor *x, NetAdm *next);
/* net-activation.c: rows of what a convolution reads, the activation of `source`, into the window
 * `a`. */
void net_emit_activated_rows(QtrNet *net, QtrEmit *emit, int conv, const NetSource *source,
                             const QtrTensor *a, QtrRows rows);
/* dx (+)= gradient of that block; dx may be NULL. `alphas` as in net_emit_backward. */
void net_emit_block_backward(QtrNet *net, QtrEmit *emit, gboolean alphas, const NetBlock *block,
                             const QtrTensor *dy, const QtrTensor *dx, gboolean accumulate);

/* net-adm.c */
/* What the modulation and the batch norm of x need: statistics, phi, mean and deviation. */
void net_emit_adm_open(QtrNet *net, QtrEmit *emit, NetAdm *adm, const QtrTensor *x,
                       gboolean training);
/* Statistics of some rows of x, which begin with a block. */
void net_emit_stats(QtrEmit *emit, const NetAdm *adm, const QtrTensor *x, QtrRows rows);
/* The same and the batch norm of x, or x itself with plain skips. With batch norm the activations
 * of `readers`, the first convolutions of the `n_readers` blocks that read it, none to two, are
 * made in the same pass; NULL: that block reads the batch norm itself. With masks and without such
 * a block the batch norm is no tensor: only the geometry of the one returned counts. */
const QtrTensor *net_emit_adm_begin(QtrNet *net, QtrEmit *emit, NetAdm *adm, const QtrTensor *x,
                                    gboolean training, NetConv *const *readers, int n_readers);
/* y; with modulation leaves its statistics for the ADM that reads it; NULL: none does. */
QtrTensor *net_emit_adm_end(QtrNet *net, QtrEmit *emit, NetAdm *adm, const QtrTensor *f,
                            const QtrTensor *x, NetAdm *next);
/* Gradient of f; with plain skips that is dy itself. */
const QtrTensor *net_emit_adm_back_end(QtrNet *net, QtrEmit *emit, NetAdm *adm,
                                       const QtrTensor *dy);
QtrTensor *net_emit_adm_back_begin(QtrNet *net, QtrEmit *emit, NetAdm *adm, const QtrTensor *dy,
                                   const QtrTensor *dz);

/* net-step.c: mixes and packs the weights, in inference only if they have changed. */
gboolean net_run_prepare(QtrNet *net, GError **error);
/* net-tile.c: tells the ADMs which part of the image is at hand; NULL: all of it. */
gboolean net_set_part(QtrNet *net, const QtrPart *part, GError **error);

/* A tensor from the pool; NULL after a failure, which emit keeps. */
QtrTensor *net_new_tensor(QtrNet *net, QtrEmit *emit, int channels, int height, int width);
/* The same of a mask for tensors like `u`. */
QtrTensor *net_new_mask(QtrNet *net, QtrEmit *emit, const QtrTensor *u);
