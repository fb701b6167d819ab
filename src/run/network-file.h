#pragma once
#include "run/config.h"
#include "run/infer.h"

/* The network a file of weights is of. */
typedef struct {
    QtrArch arch;
    QtrGenotype genotype;
} QtrNetworkFile;

/* Genotype, channels, cells, scale and skip mode are in the file's metadata. What is given rules
 * instead: `genotype_path` the genotype, `config` the rest; a file without metadata needs both. */
gboolean qtr_network_describe(const QtrSafetensors *file, const char *path,
                              const char *genotype_path, const QtrConfig *config,
                              QtrNetworkFile *network, GError **error);

/* That network with its weights; `halves`: qtr_infer_keep_halves. */
QtrInfer *qtr_network_open(QtrDevice *device, const QtrSafetensors *file, const char *path,
                           const QtrNetworkFile *network, gboolean halves, GError **error);
