#pragma once
#include "gpu/peak.h"
#include "nn/net.h"

/* The benchmark: five workloads beside the device's measured peaks. Figures are for people and for
 * comparing builds; no test asserts them. */

typedef struct {
    const char *name;        /* static: "search noise", ... */
    const char *description; /* static */
    double best, median;     /* seconds of a step (an image, for inference) */
    double flops;            /* arithmetic of the plain formulation of a step */
    double bytes;            /* moved by its launches, at least */
    guint launches;
    guint64 memory; /* device memory of the network, bytes */
    double start;   /* seconds to compile the network and take a first step */
    QtrPeak peak;   /* measured before and after, the better of each figure */
    GArray *rows;   /* QtrNetProfileRow, the parts of a step */
} QtrBenchResult;

void qtr_bench_result_free(QtrBenchResult *result); /* NULL-safe */

guint qtr_bench_count(void);
const char *qtr_bench_name(guint workload);

/* Takes some ten seconds on a fast device, a minute on a small CPU. `rounds` steps are timed and
 * the parts of a step as often (0: as many as fit about 5 s, at least 3; parts 3 times). Stops
 * within a step once `stop` (may be NULL, read atomically) is not zero: QTR_ERROR_CANCELLED. */
QtrBenchResult *qtr_bench_run(QtrDevice *device, guint workload, int rounds, const gint *stop,
                              GError **error);
