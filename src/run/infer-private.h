#pragma once
#include "run/infer.h"

/* Shared by infer.c (weights and networks) and infer-run.c (images and tiles). */

#define QTR_INFER_NETS 6

/* Of the LR images a network is for; image_*: of the image it sees tiles of, else 0. */
typedef struct {
    int height, width;
    int image_height, image_width;
} QtrInferSize;

typedef struct {
    QtrNet *net;
    guint version; /* of the weights in it */
    guint used;    /* a clock */
} QtrInferNet;

struct QtrInfer {
    QtrDevice *device;
    QtrArch arch;
    QtrGenotype genotype;
    GHashTable *values; /* name -> GBytes of floats */
    char *origin;       /* the file they are of, or NULL */
    gboolean quantized, halves;
    int tile; /* asked for, or 0 */
    guint version, clock;
    QtrInferNet nets[QTR_INFER_NETS];
};

/* The network of this size with the weights of now. Networks of other sizes make room if they have
 * to. */
QtrNet *qtr_infer_net(QtrInfer *infer, const QtrInferSize *size, GError **error);

/* Room for three planes; g_free. QTR_ERROR_MEMORY if there is none. */
float *qtr_infer_planes(gsize pixels, GError **error);
