#pragma once

/* Choices of method.md 5, 7 and 8, in the order of the configuration's names. */

typedef enum {
    QTR_SELECTOR_SOFTMAX,
    QTR_SELECTOR_GUMBEL,
    QTR_SELECTOR_HARD_GUMBEL,
} QtrSelector;

typedef enum {
    QTR_SPARSITY_NONE,
    QTR_SPARSITY_ENTROPY,
    QTR_SPARSITY_L1,
    QTR_SPARSITY_L1_SOFTMAX,
} QtrSparsity;

typedef enum { QTR_OPTIMIZER_ADAM, QTR_OPTIMIZER_SGD } QtrOptimizer;

typedef enum { QTR_SCHEDULE_COSINE, QTR_SCHEDULE_LINEAR } QtrSchedule;
