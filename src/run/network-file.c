#include "run/network-file.h"

#include "run/checkpoint.h"

gboolean qtr_network_describe(const QtrSafetensors *file, const char *path,
                              const char *genotype_path, const QtrConfig *config,
                              QtrNetworkFile *network, GError **error)
{
    qtr_arch_init(&network->arch);
    if (config)
        qtr_config_get_arch(config, &network->arch);
    else if (!qtr_weights_get_network(file, path, &network->arch, error))
        return FALSE;
    return (genotype_path ? qtr_genotype_load(&network->genotype, genotype_path, error)
                          : qtr_weights_get_genotype(file, path, &network->genotype, error)) &&
           qtr_genotype_check(&network->genotype, &network->arch, error);
}

QtrInfer *qtr_network_open(QtrDevice *device, const QtrSafetensors *file, const char *path,
                           const QtrNetworkFile *network, gboolean halves, GError **error)
{
    g_autoptr(QtrInfer) infer = qtr_infer_new(device, &network->arch, &network->genotype);

    if (halves && !qtr_infer_keep_halves(infer, error))
        return NULL;
    return qtr_infer_set_file(infer, file, path, error) ? g_steal_pointer(&infer) : NULL;
}
