#include "run/config-schema.h"

#include "base/nearest.h"
#include "run/config.h"

#include <string.h>

#define AT(field) G_STRUCT_OFFSET(QtrConfig, field)
/* What follows the description is the key's QtrConfigChange; none is QTR_CHANGE_NEVER. */
#define KEY_INT(path, field, fallback, min, max, ...)                                              \
    {                                                                                              \
        path, QTR_KEY_INT, AT(field), fallback, min, max, FALSE, NULL, __VA_ARGS__                 \
    }
#define KEY_FLOAT(path, field, fallback, min, max, ...)                                            \
    {                                                                                              \
        path, QTR_KEY_FLOAT, AT(field), fallback, min, max, FALSE, NULL, __VA_ARGS__               \
    }
#define KEY_ABOVE(path, field, fallback, min, max, ...)                                            \
    {                                                                                              \
        path, QTR_KEY_FLOAT, AT(field), fallback, min, max, TRUE, NULL, __VA_ARGS__                \
    }
#define KEY_ENUM(path, field, fallback, choices, ...)                                              \
    {                                                                                              \
        path, QTR_KEY_ENUM, AT(field), fallback, 0, 0, FALSE, choices, __VA_ARGS__                 \
    }
#define KEY(path, type, field, fallback, ...)                                                      \
    {                                                                                              \
        path, type, AT(field), fallback, 0, 0, FALSE, NULL, __VA_ARGS__                            \
    }
#define OBSOLETE(path, instead)                                                                    \
    {                                                                                              \
        path, QTR_KEY_OBSOLETE, 0, NULL, 0, 0, FALSE, NULL, instead                                \
    }

/* Indices are the values of nn/options.h. */
static const char *const selectors[] = {"softmax", "gumbel", "hard_gumbel", NULL};
static const char *const sparsities[] = {"none", "entropy", "l1", "l1_softmax", NULL};
static const char *const optimizers[] = {"adam", "sgd", NULL};
static const char *const schedules[] = {"cosine", "linear", NULL};

static const QtrConfigKey keys[] = {
    KEY_INT("dataset.scale", dataset.scale, "4", 2, 8, "enlargement; equal to arch.scale"),
    KEY_ABOVE("dataset.search_subsample", dataset.search_subsample, "0.7", 0, 1,
              "part of the training images used by the search, half for weights, half for alphas"),
    KEY_INT("dataset.batch_size", dataset.batch_size, "32", 1, 4096, "crops in a batch"),
    KEY_INT("dataset.crop_size", dataset.crop_size, "45", 4, 1024,
            "side of the LR crops in pixels; HR crops are scale times larger"),
    KEY("dataset.files_list", QTR_KEY_INPUT, dataset.files_list, NULL,
        "folder of train.list and val.list, which name one image a line", QTR_CHANGE_RESUME),
    KEY("dataset.debug_mode", QTR_KEY_BOOL, dataset.debug_mode, "False",
        "use a very small part of the images, to try a configuration out"),

    KEY("arch.bits", QTR_KEY_BITS, arch.bits, "[8, 4]",
        "bit widths to choose from; 32 is full precision"),
    KEY_INT("arch.channels", arch.channels, "3", 3, 3, "channels of images: RGB"),
    KEY_INT("arch.c_fixed", arch.c_fixed, "36", 1, 1024, "channels inside the network"),
    KEY_INT("arch.scale", arch.scale, "4", 2, 8, "enlargement; equal to dataset.scale"),
    KEY_INT("arch.arch_pattern.head", arch.layers[QTR_BLOCK_HEAD], "2", 1, QTR_LAYERS_MAX,
            "layers of the head"),
    KEY_INT("arch.arch_pattern.skip", arch.layers[QTR_BLOCK_SKIP], "1", 1, QTR_LAYERS_MAX,
            "layers of a cell's skip branch"),
    KEY_INT("arch.arch_pattern.tail", arch.layers[QTR_BLOCK_TAIL], "2", 0, QTR_LAYERS_MAX,
            "layers of the tail, on the enlarged image; 0: no tail"),
    KEY_INT("arch.arch_pattern.body", arch.layers[QTR_BLOCK_BODY], "2", 1, QTR_LAYERS_MAX,
            "layers of a cell's body branch"),
    KEY_INT("arch.arch_pattern.upsample", arch.layers[QTR_BLOCK_UPSAMPLE], "1", 1, QTR_LAYERS_MAX,
            "layers in front of the pixel shuffle"),
    KEY_INT("arch.body_cells", arch.body_cells, "3", 1, 64,
            "cells in the body; they share their choices, not their weights"),
    KEY("arch.skip_mode", QTR_KEY_BOOL, arch.skip_mode, "False",
        "True: plain skips; False: adaptive deviation modulation (ADM)"),
    KEY("arch.primitives.head", QTR_KEY_PRIMITIVES, arch.primitives[QTR_BLOCK_HEAD], NULL,
        "primitives offered to the head's layers"),
    KEY("arch.primitives.body", QTR_KEY_PRIMITIVES, arch.primitives[QTR_BLOCK_BODY], NULL,
        "primitives offered to the body's layers"),
    KEY("arch.primitives.skip", QTR_KEY_PRIMITIVES, arch.primitives[QTR_BLOCK_SKIP], NULL,
        "primitives offered to the skip branch's layers"),
    KEY("arch.primitives.tail", QTR_KEY_PRIMITIVES, arch.primitives[QTR_BLOCK_TAIL], NULL,
        "primitives offered to the tail's layers"),
    KEY("arch.primitives.upsample", QTR_KEY_PRIMITIVES, arch.primitives[QTR_BLOCK_UPSAMPLE], NULL,
        "primitives offered to the upsample layers"),

    KEY("env.run_name", QTR_KEY_NAME, env.run_name, "experiment",
        "name of the run's folder; a batch names its own", QTR_CHANGE_FREE),
    KEY("env.gpu", QTR_KEY_STRING, env.gpu, NULL,
        "OpenCL device: its index or a part of its name; unset: the best one", QTR_CHANGE_FREE),
    KEY("env.log_dir", QTR_KEY_OUTPUT, env.log_dir, "runs", "folder that run folders are made in",
        QTR_CHANGE_FREE),
    KEY("env.im_dir", QTR_KEY_NAME, env.im_dir, "arch_images",
        "folder for drawings of architectures, inside the run's folder and nowhere else",
        QTR_CHANGE_FREE),
    KEY_INT("env.workers", env.workers, "4", 0, 256,
            "threads that read images ahead; 0: one a processor", QTR_CHANGE_FREE),
    KEY_INT("env.seed", env.seed, "777", 0, G_MAXINT, "seed of all random numbers"),
    KEY_INT("env.print_freq", env.print_freq, "60", 1, G_MAXINT,
            "steps between progress lines of the search", QTR_CHANGE_FREE),
    KEY("env.validation_sets", QTR_KEY_INPUT, env.validation_sets, NULL,
        "file that names the validation sets, such as valsets4x.yaml", QTR_CHANGE_RESUME),
    KEY("env.half_tensors", QTR_KEY_BOOL, env.half_tensors, "False",
        "True: upscale and validate keep tensors in 16 bits, in half the memory of a GPU; results "
        "differ by rounding",
        QTR_CHANGE_FREE),

    KEY_INT("search.warm_up", search.warm_up, "0", 0, 1000000, "epochs before alphas are updated"),
    KEY("search.load_path", QTR_KEY_INPUT, search.load_path, NULL,
        "supernet checkpoint to start from"),
    KEY_FLOAT("search.penalty", search.penalty, "0", 0, 1e9,
              "weight of the cost in the loss; a batch sets its own"),
    KEY_ENUM("search.alpha_selector", search.alpha_selector, "softmax", selectors,
             "how alphas become weights"),
    KEY_ENUM("search.sparse_type", search.sparse_type, "entropy", sparsities,
             "penalty that drives a layer to one choice"),
    KEY_FLOAT("search.sparse_coef", search.sparse_coef, "1e-4", 0, 1e9,
              "weight of that penalty; about 1e-3 for entropy, 1e-4 for l1"),
    KEY_ENUM("search.optimizer", search.optimizer, "adam", optimizers, "optimizer of the weights"),
    KEY("search.quant_noise", QTR_KEY_BOOL, search.quant_noise, "False",
        "True: quantization noise; False: shared quantized weights"),
    KEY_ENUM("search.lr_scheduler", search.lr_scheduler, "cosine", schedules,
             "schedule of w_lr: to 0, or times 0.8 every 3 epochs"),
    KEY_ABOVE("search.w_lr", search.w_lr, "1e-3", 0, 1000, "learning rate of the weights"),
    KEY_FLOAT("search.w_momentum", search.w_momentum, "0.9", 0, 1, "momentum; sgd only"),
    KEY_FLOAT("search.w_weight_decay", search.w_weight_decay, "3e-8", 0, 1000,
              "weight decay of the weights"),
    KEY_ABOVE("search.w_grad_clip", search.w_grad_clip, "5", 0, 1e9,
              "largest norm of the weights' gradient"),
    KEY_ABOVE("search.alpha_lr", search.alpha_lr, "3e-4", 0, 1000, "learning rate of the alphas"),
    KEY_FLOAT("search.alpha_weight_decay", search.alpha_weight_decay, "0", 0, 1000,
              "weight decay of the alphas"),
    KEY_INT("search.epochs", search.epochs, "20", 1, 1000000, "epochs of the search",
            QTR_CHANGE_RESUME),
    KEY_ABOVE("search.temp_max", search.temp_max, "10", 0, 1e6,
              "temperature at the start; gumbel and hard_gumbel only"),
    KEY_ABOVE("search.temp_min", search.temp_min, "0.1", 0, 1e6,
              "temperature at the end; gumbel and hard_gumbel only"),

    KEY_INT("train.warm_up", train.warm_up, "0", 0, 1000000, "first epochs in full precision"),
    KEY_ENUM("train.lr_scheduler", train.lr_scheduler, "cosine", schedules,
             "schedule of lr: to 0, or times 0.7 every 3 epochs"),
    KEY_ABOVE("train.lr", train.lr, "1e-4", 0, 1000, "learning rate"),
    KEY_FLOAT("train.weight_decay", train.weight_decay, "0", 0, 1000, "weight decay"),
    KEY_INT("train.print_freq", train.print_freq, "200", 1, G_MAXINT,
            "steps between progress lines of the training", QTR_CHANGE_FREE),
    KEY_INT("train.epochs", train.epochs, "30", 1, 1000000, "epochs of the final training",
            QTR_CHANGE_RESUME),
    KEY("train.genotype_path", QTR_KEY_INPUT, train.genotype_path, NULL,
        "genotype to train; unset: the one the search finds"),

    OBSOLETE("dataset.subset", "dataset.search_subsample limits the images"),
    OBSOLETE("dataset.workers", "env.workers counts"),
    OBSOLETE("dataset.train_portion", "dataset.search_subsample limits the images"),
    OBSOLETE("search.temperature_start", "search.temp_max and search.temp_min count"),
    OBSOLETE("search.temp_red", "search.temp_max and search.temp_min count"),
    OBSOLETE("search.w_lr_min", "schedules end at 0"),
    OBSOLETE("search.aux_fp", "there is no auxiliary full-precision loss"),
    OBSOLETE("search.unrolled", "alphas are updated by first-order steps"),
    OBSOLETE("search.use_adjuster", "search.penalty weighs the cost"),
    OBSOLETE("search.adjuster", "search.penalty weighs the cost"),
    OBSOLETE("search.use_l1_alpha", "search.sparse_type: l1 does this"),
    OBSOLETE("search.l1_lambda", "search.sparse_coef counts"),
    OBSOLETE("search.use_soft_edge", "there are no edges to weigh"),
    OBSOLETE("search.train_portion", "dataset.search_subsample limits the images"),
    OBSOLETE("train.batch_size", "dataset.batch_size counts"),
};

const QtrConfigKey *qtr_config_schema(guint *count)
{
    *count = G_N_ELEMENTS(keys);
    return keys;
}

const QtrConfigKey *qtr_config_key_find(const char *path)
{
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].path, path) == 0)
            return &keys[i];
    return NULL;
}

gboolean qtr_config_is_section(const char *path)
{
    gsize length = strlen(path);

    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strncmp(keys[i].path, path, length) == 0 && keys[i].path[length] == '.')
            return TRUE;
    return FALSE;
}

const char *qtr_config_key_name(const QtrConfigKey *key)
{
    return strrchr(key->path, '.') + 1;
}

char *qtr_config_key_type_text(const QtrConfigKey *key)
{
    static const char *const texts[] = {
        [QTR_KEY_INT] = "an integer",
        [QTR_KEY_FLOAT] = "a number",
        [QTR_KEY_BOOL] = "True or False",
        [QTR_KEY_STRING] = "a text",
        [QTR_KEY_NAME] = "a file name without folders",
        [QTR_KEY_INPUT] = "a path",
        [QTR_KEY_OUTPUT] = "a path",
        [QTR_KEY_BITS] = "a list of bit widths (" QTR_BITS_ALLOWED ")",
        [QTR_KEY_PRIMITIVES] = "a list of primitives",
        [QTR_KEY_OBSOLETE] = "ignored",
    };

    if (key->type == QTR_KEY_ENUM) {
        g_autofree char *joined = g_strjoinv(", ", (char **)key->choices);

        return g_strconcat("one of ", joined, NULL);
    }
    return g_strdup(texts[key->type]);
}

char *qtr_config_key_range_text(const QtrConfigKey *key)
{
    if (key->type != QTR_KEY_INT && key->type != QTR_KEY_FLOAT)
        return g_strdup("");
    if (key->min == key->max)
        return g_strdup_printf("only %.10g", key->min);
    if (key->above)
        return g_strdup_printf("above %.10g, at most %.10g", key->min, key->max);
    return g_strdup_printf("%.10g to %.10g", key->min, key->max);
}

/* The path of `section` + the sibling closest to `leaf`. */
static const char *nearest_in_section(const char *section, gsize length, const char *leaf)
{
    const char *names[G_N_ELEMENTS(keys) + 1], *paths[G_N_ELEMENTS(keys)];
    const char *best;
    guint n = 0;

    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        const char *name = qtr_config_key_name(&keys[i]);

        if (keys[i].type == QTR_KEY_OBSOLETE || (gsize)(name - keys[i].path) != length ||
            strncmp(keys[i].path, section, length) != 0)
            continue;
        paths[n] = keys[i].path;
        names[n++] = name;
    }
    names[n] = NULL;
    best = qtr_nearest_name(leaf, names);
    for (guint i = 0; best && i < n; i++)
        if (names[i] == best)
            return paths[i];
    return NULL;
}

const char *qtr_config_nearest_key(const char *path)
{
    const char *dot = strrchr(path, '.'), *leaf = dot ? dot + 1 : path, *best;
    const char *paths[G_N_ELEMENTS(keys) + 1];
    guint n = 0;

    best = nearest_in_section(path, (gsize)(leaf - path), leaf);
    for (guint i = 0; !best && i < G_N_ELEMENTS(keys); i++)
        if (keys[i].type != QTR_KEY_OBSOLETE && strcmp(qtr_config_key_name(&keys[i]), leaf) == 0)
            best = keys[i].path;
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i].type != QTR_KEY_OBSOLETE)
            paths[n++] = keys[i].path;
    paths[n] = NULL;
    return best ? best : qtr_nearest_name(path, paths);
}
