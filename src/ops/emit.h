#pragma once
#include "gpu/kernel.h"
#include "ops/tensor.h"

/* Some of a tensor's images: `n` from `first`; n 0: all. */
typedef struct {
    int first, n;
} QtrImages;

/* Rows of an image from `from` to before `to`; to 0: all. */
typedef struct {
    int from, to;
} QtrRows;

/* Writing a list of launches. The first failure sticks: what follows is ignored, and the author
 * looks at the error once, at the end. */
typedef struct {
    QtrDevice *device;     /* borrowed */
    QtrCommands *commands; /* the list being written; borrowed */
    GError *error;
    QtrImages images;    /* what launches over all images (along z) are cut down to */
    QtrRows rows;        /* what convolutions are cut down to; all else ignores it */
    QtrTensorPool *pool; /* borrowed; of the tensors */
    gsize strips_bytes;  /* of local memory for a weight gradient in strips, at most; 0: a share
                              of the device's */
} QtrEmit;

/* How the items of a launch are grouped. */
typedef enum {
    QTR_ITEMS_LIGHT,  /* many small ones along x, with bounds checks */
    QTR_ITEMS_HEAVY,  /* each a loop of its own */
    QTR_ITEMS_SHARED, /* the same; on GPUs a group shares the loop (cl/group.cl), along x */
} QtrItems;

QtrKernel *qtr_emit_kernel(QtrEmit *emit, const char *file, const char *name, const char *options);
/* `work` is that of the launch's items, in all images along z, whatever the images of emit. */
void qtr_emit_launch(QtrEmit *emit, QtrKernel *kernel, QtrItems items, gsize x, gsize y, gsize z,
                     QtrWork work);
/* The same with ids from `first` on (NULL: 0) to before those. */
void qtr_emit_launch_from(QtrEmit *emit, QtrKernel *kernel, QtrItems items, const gsize *first,
                          const gsize end[3], QtrWork work);
/* Ids run from `first` (NULL: 0) to before `global`, in groups of `local`. */
void qtr_emit_launch_local(QtrEmit *emit, QtrKernel *kernel, const gsize *first,
                           const gsize global[3], const gsize local[3], QtrWork work);

/* EMIT(emit, "point", "add", NULL, LIGHT, x, y, z, work, "bbbi", a, b, c, n) */
#define QTR_EMIT(emit, file, name, options, items, x, y, z, work, ...)                             \
    do {                                                                                           \
        QtrKernel *kernel_ = qtr_emit_kernel((emit), (file), (name), (options));                   \
                                                                                                   \
        if (kernel_) {                                                                             \
            qtr_kernel_bind(kernel_, __VA_ARGS__);                                                 \
            qtr_emit_launch((emit), kernel_, QTR_ITEMS_##items, (gsize)(x), (gsize)(y),            \
                            (gsize)(z), (work));                                                   \
        }                                                                                          \
    } while (0)

/* Work without arithmetic to speak of. */
#define QTR_TRAFFIC(label_, bytes_) ((QtrWork){.label = (label_), .bytes = (bytes_)})

/* Items along x that `rows` rows of `parts` vectors or pixels take in kernels whose LIGHT items
 * have a row each on CPUs and a part each on GPUs, where neighbours are to read neighbours. */
gsize qtr_emit_row_items(const QtrEmit *emit, int rows, int parts);

/* Lanes of a vector in the device's kernels. */
int qtr_emit_lanes(const QtrEmit *emit);
