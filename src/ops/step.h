#pragma once
#include <glib.h>

/* What changes from step to step; mirrored by Step in cl/step.cl. */
typedef struct {
    guint32 seed_lo, seed_hi;
    guint32 step;
    guint32 phase; /* 0 alpha step, 1 weight step, 2 evaluation */
    float lr;
    float weight_bias1, weight_bias2;
    float scale_lr;
    float scale_bias1, scale_bias2;
    float alpha_lr, alpha_bias1, alpha_bias2;
    float temperature;
    float sparse;
    float reserved;
} QtrStep;

/* Places in the buffer of results; mirrored by RESULT_ in cl/step.cl. */
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
