#pragma once
#include "nn/genotype.h"

/* Sides of the LR images for which costs of networks are told. */
#define QTR_COST_SIDE 32
#define QTR_COST_SIDE_LARGE 256

/* Costs of method.md 6, in double. */
typedef struct {
    double bitops;      /* sum of flops * b * b / 2 */
    double flops;       /* sum of 2*Cin*Cout*kh*kw/g*Ho*Wo */
    double memory;      /* sum of Cin*Hin*Win * b */
    gsize parameters;   /* as the reference counts them: weights, LSQ steps (at 32 bits too), and
                         * with ADM batch norm's affine pair a channel and phi's w and b */
    gsize packed_bytes; /* weights in their bit widths (rounded up to bytes per tensor); steps (none
                         * at 32 bits), phi and batch norms with running statistics as float32 */
} QtrCost;

/* flops and input memory of one primitive's chain at an `h x w` input (method.md 6, without bits).
 */
void qtr_primitive_cost(const QtrPrimitive *primitive, int in, int out, int c_fixed, int h, int w,
                        double *flops, double *memory);

/* One layer of a final network, standing once, that maps `in` to `out` channels at an `h x w`
 * input. */
QtrCost qtr_gene_cost(const QtrGene *gene, int in, int out, int c_fixed, int h, int w);

/* A final network at an `h x w` LR input; cells counted as often as they stand. */
QtrCost qtr_genotype_cost(const QtrGenotype *genotype, const QtrArch *arch, int h, int w);
