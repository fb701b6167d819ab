/* What the host and the kernels agree on, in C and OpenCL C: src/ops. */
#ifndef QTR_CL_SHARED_H
#define QTR_CL_SHARED_H

#define QTR_LEAD 64 /* elements before the first plane of a tensor */

/* Of the forms for GPUs: quads of pixels whose dots are added together, which is also a subgroup's
 * items, and pixels of weight gradients in local memory at a time. */
#define QTR_GPU_CHUNK 16
#define QTR_GPU_STEP 32

enum { QTR_PHASE_ALPHA, QTR_PHASE_WEIGHT, QTR_PHASE_EVALUATE };

/* What changes from step to step, written by the host before a step. */
typedef struct {
    unsigned int seed_lo, seed_hi;
    unsigned int step;                /* counts weight steps from the start of the run */
    unsigned int phase;               /* QTR_PHASE_ */
    float lr;                         /* of weights */
    float weight_bias1, weight_bias2; /* 1 - beta^t of the weights' Adam */
    float scale_lr;                   /* lr of the LSQ step sizes; 0 while they rest */
    float scale_bias1, scale_bias2;
    float alpha_lr, alpha_bias1, alpha_bias2;
    float temperature; /* of the Gumbel selectors */
    float sparse;      /* sparse_coef, times w1*w2 for entropy */
} QtrStep;

/* Places in the buffer of results read back after a step. */
enum {
    QTR_RESULT_LOSS,
    QTR_RESULT_COST,
    QTR_RESULT_MEMORY,
    QTR_RESULT_SPARSE,
    QTR_RESULT_PENALTY,
    QTR_RESULT_NORM,
    QTR_RESULT_BEST_COST,
    QTR_RESULT_BEST_MEMORY,
    QTR_RESULTS
};

#endif
