#pragma once
#include "nn/cost.h"

/* Figures of a search space, and networks drawn from it. Primitives that do not fit a layer's
 * channels (qtr_primitive_problem) are left out throughout. */

/* A primitive as a choice of one layer. */
typedef struct {
    QtrBlock block;
    int layer;   /* within the block, from 0 */
    int in, out; /* channels */
    int repeats; /* how often the layer stands in the network, with the same choice */
    const QtrPrimitive *primitive;
    QtrCost costs[QTR_BITS_MAX]; /* of one such layer, for each of the arch's bit widths */
} QtrSpaceChoice;

typedef struct {
    int h, w;        /* of the LR image that costs are for */
    GArray *choices; /* QtrSpaceChoice, by block, layer and the configuration's order */
    char *count;     /* number of architectures (genotypes), exact, in decimal */
    double count_log10;
    QtrGenotype cheapest, dearest; /* by BitOps; of equal choices the first */
    QtrCost cheapest_cost, dearest_cost;
} QtrSpace;

/* The space of `arch` at an `h x w` LR image (32 x 32 by custom). QTR_ERROR_USAGE if a layer has no
 * primitive that fits. */
QtrSpace *qtr_space_new(const QtrArch *arch, int h, int w, GError **error);
void qtr_space_free(QtrSpace *space); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrSpace, qtr_space_free)

/* The random network number `index` of a seed (method.md 13): each layer's primitive and bits
 * uniform and independent, the same ones on every machine. QTR_ERROR_USAGE as above. */
gboolean qtr_space_sample(const QtrArch *arch, guint64 seed, guint32 index, QtrGenotype *genotype,
                          GError **error);
