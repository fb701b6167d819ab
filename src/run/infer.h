#pragma once
#include "image/image.h"
#include "nn/net.h"
#include "run/safetensors.h"

/* A trained network, applied to images of any size. Networks are compiled for one size: the last
 * few sizes are kept. One thread at a time. */
typedef struct QtrInfer QtrInfer;

QtrInfer *qtr_infer_new(QtrDevice *device, const QtrArch *arch, const QtrGenotype *genotype);
void qtr_infer_free(QtrInfer *infer); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrInfer, qtr_infer_free)

/* Weights from a file (copied), or as they are now in a network of the same genotype. */
gboolean qtr_infer_set_file(QtrInfer *infer, const QtrSafetensors *file, const char *path,
                            GError **error);
gboolean qtr_infer_set_net(QtrInfer *infer, QtrNet *net, GError **error);

/* Networks made from now on keep their tensors in 16 bits, and compute in 32: half the memory,
 * results differ by rounding. FALSE with QTR_ERROR_USAGE where the device cannot. What then reaches
 * beyond 65504 is QTR_ERROR_FORMAT of qtr_infer_run. */
gboolean qtr_infer_keep_halves(QtrInfer *infer, GError **error);

int qtr_infer_scale(const QtrInfer *infer);

/* The largest side of an LR tile; 0: as the device's memory asks for. Tiles change nothing in the
 * result. */
void qtr_infer_set_tile(QtrInfer *infer, int side);

/* Planes in [0, 1]: lr 3 x h x w, sr 3 x scale*h x scale*w, not clamped. */
gboolean qtr_infer_run(QtrInfer *infer, const float *lr, int height, int width, float *sr,
                       GError **error);

/* QTR_ERROR_FORMAT if the weights are not those of the network, before any image is. */
gboolean qtr_infer_check(QtrInfer *infer, GError **error);
/* Compiles the network for this size already, so that a measured run does not. */
gboolean qtr_infer_prepare(QtrInfer *infer, const QtrImage *lr, GError **error);
/* 8-bit RGB in and out: clamped to [0, 1], rounded half to even (method.md 11). A result too large
 * for a file or for the memory is QTR_ERROR_FORMAT or QTR_ERROR_MEMORY. */
QtrImage *qtr_infer_rgb8(QtrInfer *infer, const QtrImage *lr, GError **error);
