#pragma once
#include "golden.h"
#include "nn/net-private.h"

/* One block or modulation of a network, run alone on given tensors. */
typedef struct {
    QtrNet *net;             /* borrowed */
    QtrTensorPool *own_pool; /* the network's, while the harness has put another in its place */
    QtrEmit emit;
} Harness;

/* Lends the network a fresh pool of tensors; its own lists must not be run meanwhile, but for those
 * that read no images: select, prepare, update_alpha, update_weight. */
Harness *harness_new(QtrNet *net);
void harness_free(Harness *harness); /* before the network */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Harness, harness_free)

/* A tensor, with `dense` (may be NULL) in it; owned by the harness. */
QtrTensor *harness_tensor(Harness *harness, int channels, int height, int width,
                          const float *dense);

/* Writes the rates: no learning, so that updates only compute gradients. */
void harness_write_step(Harness *harness);

/* Runs what was emitted since the last time, and waits. */
void harness_run(Harness *harness);
/* Runs one of the network's own lists. */
void harness_run_list(QtrCommands *list);

/* Compares a tensor with the file's `name`; `doubt` as in golden_compare_doubtful. */
void harness_compare(const QtrTensor *tensor, const QtrSafetensors *file, const char *name,
                     const double *doubt);
