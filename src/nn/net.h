#pragma once
#include "gpu/device.h"
#include "nn/genotype.h"
#include "nn/options.h"

/* A network on a device: the supernet of a search, or a final network of one genotype (method.md
 * 2 to 10). It is compiled once for one image size into lists of launches that are replayed each
 * step; no device memory is taken after qtr_net_new. One thread at a time. */

typedef struct QtrNet QtrNet;

typedef struct {
    QtrArch arch;
    const QtrGenotype *genotype; /* NULL: the supernet of `arch`; otherwise the final network, whose
                                    layer counts rule; copied */
    int batch, height, width;    /* of the LR images */
    gboolean inference; /* forward in evaluation mode only; memory is reused between layers */
    int image_height,
        image_width; /* inference: the LR image this network sees tiles of; 0: whole images */
    gboolean halves; /* inference, on devices with shares_tiles: tensors are kept as 16-bit floats,
                        all is computed in 32 */
    guint64 seed;    /* of initial weights, noise and Gumbel draws */

    /* supernets */
    gboolean quant_noise;
    QtrSelector selector;
    QtrSparsity sparsity;
    double penalty;
    double alpha_decay; /* weight decay of the alphas */

    /* training of weights */
    QtrOptimizer optimizer;
    double momentum, weight_decay;
    double clip; /* of the gradient's norm; 0: none */

    /* Tests: the draws of quantization noise, Normal(0,1)/2, instead of random ones: `noise` all
     * draws in a row, noise_at[conv * n_bits + b] the place of those of the weights, then (from
     * n_convs * n_bits) of the activations, convolutions in the order of their weights' tensors. */
    const float *noise;
    gsize noise_count;
    const int *noise_at;
} QtrNetParams;

/* A 1-image supernet of 45x45, seed 0, softmax, entropy, Adam. */
void qtr_net_params_init(QtrNetParams *params);

/* Weights start as method.md 3 says, alphas at 0. QTR_ERROR_MEMORY if the device has not enough. */
QtrNet *qtr_net_new(QtrDevice *device, const QtrNetParams *params, GError **error);
void qtr_net_free(QtrNet *net); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrNet, qtr_net_free)

const QtrNetParams *qtr_net_params(const QtrNet *net);

/* Images in [0, 1], dense: lr batch x 3 x H x W, hr batch x 3 x sH x sW (NULL: none). The 8-bit
 * form divides by 255. Copied before the call returns. */
gboolean qtr_net_set_images(QtrNet *net, const float *lr, const float *hr, GError **error);
gboolean qtr_net_set_images_u8(QtrNet *net, const guint8 *lr, const guint8 *hr, GError **error);

/* The rates of one step. */
typedef struct {
    guint32 step; /* from 0 over the whole run; with the seed it keys all draws */
    double lr, alpha_lr;
    double temperature; /* of the Gumbel selectors */
    double sparse;      /* sparse_coef, times w1*w2 for entropy (method.md 7) */
} QtrRates;

/* Enqueue one step on the images set; they do not wait. The first alpha step fixes c0. */
gboolean qtr_net_alpha_step(QtrNet *net, const QtrRates *rates, GError **error);
gboolean qtr_net_weight_step(QtrNet *net, const QtrRates *rates, GError **error);
/* Forward in evaluation mode, and the loss if there was an hr. `rates` may be NULL for final
 * networks. */
gboolean qtr_net_evaluate(QtrNet *net, const QtrRates *rates, GError **error);

/* Figures of the last step or evaluation; waits for it. QTR_ERROR_NUMERIC if the loss is not
 * finite. */
typedef struct {
    double loss;            /* mean |y - target| */
    double cost, memory;    /* differentiable (supernets) */
    double sparse, penalty; /* terms of the alpha step's loss */
    double norm;            /* of the weights' gradient */
    double best_cost, best_memory;
} QtrNetResults;
gboolean qtr_net_results(QtrNet *net, QtrNetResults *results, GError **error);

/* The output of the last forward pass, dense batch x 3 x sH x sW; waits. */
gboolean qtr_net_read_output(QtrNet *net, float *output, GError **error);

/* Final networks: FALSE runs in full precision (plain ReLU, weights as they are); TRUE again starts
 * the quantizers from the weights as they are (method.md 10). New networks are quantized. */
gboolean qtr_net_set_quantized(QtrNet *net, gboolean quantized, GError **error);
gboolean qtr_net_is_quantized(const QtrNet *net);

/* Alphas: `qtr_arch_layer_count` layers in order; layer i has n_primitives * n_bits,
 * primitive-major. */
int qtr_net_alpha_count(const QtrNet *net);
gboolean qtr_net_read_alphas(QtrNet *net, float *alphas, GError **error);
/* The primitive and bits of the largest alpha of each layer, the first of equals. */
gboolean qtr_net_genotype(QtrNet *net, QtrGenotype *genotype, GError **error);

/* State by name, as the reference's state_dict names it, for checkpoints and tests. */
typedef enum {
    QTR_TENSOR_TRAINED, /* has gradient and optimizer state */
    QTR_TENSOR_FROZEN,  /* running statistics, a supernet's LSQ steps */
} QtrTensorKind;

typedef struct {
    const char *name;
    QtrTensorKind kind;
    int n_dims, dims[4];
    gsize count;
} QtrTensorInfo;

typedef enum {
    QTR_PART_VALUE,
    QTR_PART_GRADIENT, /* of the last step that computed it */
    QTR_PART_MOMENT1,  /* Adam's m or SGD's momentum */
    QTR_PART_MOMENT2,
} QtrTensorPart;

guint qtr_net_tensor_count(const QtrNet *net);
const QtrTensorInfo *qtr_net_tensor(const QtrNet *net, guint index);
int qtr_net_tensor_find(const QtrNet *net, const char *name); /* -1: none */
gboolean qtr_net_read(QtrNet *net, guint index, QtrTensorPart part, float *values, GError **error);
gboolean qtr_net_write(QtrNet *net, guint index, QtrTensorPart part, const float *values,
                       GError **error);
/* After weights were written from elsewhere (not from a checkpoint of this program, which has the
 * steps): starts the LSQ steps from them. */
gboolean qtr_net_reset_steps(QtrNet *net, GError **error);

/* The rest of the state. */
typedef struct {
    guint64 weight_steps, alpha_steps; /* taken: Adam's t */
    guint64 scale_steps;               /* taken by the LSQ steps */
    guint64 batches;                   /* num_batches_tracked */
    gboolean has_reference;
    float reference_cost; /* c0 */
    gboolean quantized;
} QtrNetCounters;
gboolean qtr_net_get_counters(QtrNet *net, QtrNetCounters *counters, GError **error);
gboolean qtr_net_set_counters(QtrNet *net, const QtrNetCounters *counters, GError **error);

/* Tiled networks (inference with an image_height and image_width): the images set are tiles. With
 * ADM the deviation of the whole image is needed at `cuts` places before the output can be
 * computed: for each cut in turn all tiles are run up to it, then the cut is closed. Parts of tiles
 * that are summed up begin at multiples of these in the LR image and end there or with the image.
 */
#define QTR_PART_ROWS 32
#define QTR_PART_COLUMNS 256

typedef struct {
    int top, left;   /* of the part within the tile, LR pixels */
    int row, column; /* of the part in the image */
    int height, width;
} QtrPart;

int qtr_net_cuts(const QtrNet *net); /* 0 with plain skips */
/* Runs the tile as far as `cut`, gathering the part's statistics there; cut = qtr_net_cuts: to the
 * output. */
gboolean qtr_net_run_part(QtrNet *net, const QtrPart *part, int cut, GError **error);
gboolean qtr_net_close_cut(QtrNet *net, int cut, GError **error);

/* What the benchmark measures. */
typedef enum { QTR_WORK_ALPHA_STEP, QTR_WORK_WEIGHT_STEP, QTR_WORK_EVALUATION } QtrNetWork;

/* All launches of one kind of operation, and of one shape where it has shapes, in a piece of work.
 */
typedef struct {
    const char *label; /* static */
    char shape[32];    /* as QtrWork's */
    guint launches;
    double seconds, flops, bytes;
} QtrNetProfileRow;

/* Does the work launch by launch and adds each launch's time to its row of `rows`
 * (QtrNetProfileRow), which grows. The state moves on as by steps with no learning rate. */
gboolean qtr_net_profile(QtrNet *net, QtrNetWork work, GArray *rows, GError **error);
