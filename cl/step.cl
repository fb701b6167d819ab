/* What changes from step to step, written by the host before a step; mirrored by QtrStep in
 * src/ops/step.h. */
typedef struct {
    uint seed_lo, seed_hi;
    uint step;         /* counts weight steps from the start of the run */
    uint phase;        /* 0 alpha step, 1 weight step, 2 evaluation */
    float lr;          /* of weights */
    float weight_bias1, weight_bias2; /* 1 - beta^t of the weights' Adam */
    float scale_lr;    /* lr of the LSQ step sizes; 0 while they rest */
    float scale_bias1, scale_bias2;
    float alpha_lr, alpha_bias1, alpha_bias2;
    float temperature; /* of the Gumbel selectors */
    float sparse;      /* sparse_coef, times w1*w2 for entropy */
    float reserved;
} Step;

/* Places in the buffer of results read back after a step. */
#define RESULT_LOSS 0
#define RESULT_COST 1
#define RESULT_MEMORY 2
#define RESULT_SPARSE 3
#define RESULT_PENALTY 4
#define RESULT_NORM 5
#define RESULT_BEST_COST 6
#define RESULT_BEST_MEMORY 7
