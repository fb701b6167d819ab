#include "run/config-net.h"

void qtr_config_get_supernet(const QtrConfig *config, QtrNetParams *params)
{
    qtr_net_params_init(params);
    qtr_config_get_arch(config, &params->arch);
    params->batch = config->dataset.batch_size;
    params->height = params->width = config->dataset.crop_size;
    params->seed = (guint64)config->env.seed;
    params->quant_noise = config->search.quant_noise;
    params->selector = config->search.alpha_selector;
    params->sparsity = config->search.sparse_type;
    params->penalty = config->search.penalty;
    params->alpha_decay = config->search.alpha_weight_decay;
    params->optimizer = config->search.optimizer;
    params->momentum = config->search.w_momentum;
    params->weight_decay = config->search.w_weight_decay;
    params->clip = config->search.w_grad_clip;
}
