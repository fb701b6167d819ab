#include "qtr-key-titles.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
    const char *path, *title;
} Title;

static const Title titles[] = {
    {"dataset.scale", N_("Enlargement")},
    {"dataset.search_subsample", N_("Part of the images searched on")},
    {"dataset.batch_size", N_("Batch size")},
    {"dataset.crop_size", N_("Crop size")},
    {"dataset.files_list", N_("Training images")},
    {"dataset.debug_mode", N_("Try out on a few images")},
    {"arch.bits", N_("Bit widths")},
    {"arch.channels", N_("Image channels")},
    {"arch.c_fixed", N_("Channels")},
    {"arch.scale", N_("Enlargement")},
    {"arch.arch_pattern.head", N_("Head layers")},
    {"arch.arch_pattern.skip", N_("Skip layers")},
    {"arch.arch_pattern.tail", N_("Tail layers")},
    {"arch.arch_pattern.body", N_("Body layers")},
    {"arch.arch_pattern.upsample", N_("Upsample layers")},
    {"arch.body_cells", N_("Cells")},
    {"arch.skip_mode", N_("Plain skips")},
    {"env.run_name", N_("Name")},
    {"env.gpu", N_("Device")},
    {"env.log_dir", N_("Folder of runs")},
    {"env.im_dir", N_("Folder of drawings")},
    {"env.workers", N_("Reading threads")},
    {"env.seed", N_("Seed")},
    {"env.print_freq", N_("Steps between log lines")},
    {"env.validation_sets", N_("Validation sets")},
    {"env.half_tensors", N_("Tensors in 16 bits")},
    {"search.warm_up", N_("Warm-up epochs")},
    {"search.load_path", N_("Supernet to start from")},
    {"search.penalty", N_("Cost penalty")},
    {"search.alpha_selector", N_("Selector")},
    {"search.sparse_type", N_("Sparsity")},
    {"search.sparse_coef", N_("Sparsity weight")},
    {"search.optimizer", N_("Optimizer")},
    {"search.quant_noise", N_("Quantization noise")},
    {"search.lr_scheduler", N_("Learning rate schedule")},
    {"search.w_lr", N_("Learning rate")},
    {"search.w_momentum", N_("Momentum")},
    {"search.w_weight_decay", N_("Weight decay")},
    {"search.w_grad_clip", N_("Gradient clipping")},
    {"search.alpha_lr", N_("Learning rate of alphas")},
    {"search.alpha_weight_decay", N_("Weight decay of alphas")},
    {"search.epochs", N_("Epochs")},
    {"search.temp_max", N_("Highest temperature")},
    {"search.temp_min", N_("Lowest temperature")},
    {"train.warm_up", N_("Warm-up epochs")},
    {"train.lr_scheduler", N_("Learning rate schedule")},
    {"train.lr", N_("Learning rate")},
    {"train.weight_decay", N_("Weight decay")},
    {"train.print_freq", N_("Steps between log lines")},
    {"train.epochs", N_("Epochs")},
    {"train.genotype_path", N_("Genotype")},
};

static const Title sections[] = {
    {"dataset", N_("Images")}, {"search", N_("Search")}, {"train", N_("Final training")},
    {"env", N_("Run")},        {"arch", N_("Network")},
};

static const char *find(const Title *table, gsize n, const char *path)
{
    for (gsize i = 0; i < n; i++)
        if (strcmp(table[i].path, path) == 0)
            return gettext(table[i].title);
    return path;
}

const char *qtr_key_title(const char *path)
{
    return find(titles, G_N_ELEMENTS(titles), path);
}

const char *qtr_section_title(const char *section)
{
    return find(sections, G_N_ELEMENTS(sections), section);
}
