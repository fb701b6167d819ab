#include "run/config-private.h"
#include "run/folder.h"

#include <string.h>

static guint index_of(const char *path)
{
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count), *key = qtr_config_key_find(path);

    g_assert(key);
    return (guint)(key - keys);
}

gboolean qtr_config_has_failed(const QtrConfigReader *reader, const char *path)
{
    return reader->failed[index_of(path)];
}

gboolean qtr_config_is_of_file(const QtrConfigReader *reader, const char *path)
{
    return g_strcmp0(reader->source[index_of(path)], reader->file) == 0;
}

/* At `node`, else where the key was set. */
static void tell_at(QtrConfigReader *reader, const char *path, const QtrYaml *node,
                    gboolean warning, const char *message)
{
    const char *file = reader->file;
    guint i = index_of(path);

    node = node ? node : reader->given[i];
    if (reader->source[i])
        reader->file = reader->source[i];
    reader->is_override = reader->file != file;
    if (warning)
        qtr_config_warn(reader, node, path, message);
    else
        qtr_config_report(reader, node, path, "%s", message);
    reader->file = file;
    reader->is_override = FALSE;
}

void qtr_config_report_at(QtrConfigReader *reader, const char *path, const QtrYaml *node,
                          const char *message)
{
    tell_at(reader, path, node, FALSE, message);
}

void qtr_config_warn_at(QtrConfigReader *reader, const char *path, const char *message)
{
    tell_at(reader, path, NULL, TRUE, message);
}

static void check_scales(QtrConfigReader *reader)
{
    const QtrConfig *config = reader->config;
    const char *late = reader->given[index_of("arch.scale")] ? "arch.scale" : "dataset.scale";
    g_autofree char *message = NULL;

    if (config->arch.scale == config->dataset.scale ||
        qtr_config_has_failed(reader, "arch.scale") ||
        qtr_config_has_failed(reader, "dataset.scale"))
        return;
    message = g_strdup_printf("dataset.scale is %d and arch.scale is %d; expected the same",
                              config->dataset.scale, config->arch.scale);
    qtr_config_report_at(reader, late, NULL, message);
}

static void check_temperatures(QtrConfigReader *reader)
{
    const QtrConfig *config = reader->config;
    const char *late =
        reader->given[index_of("search.temp_min")] ? "search.temp_min" : "search.temp_max";
    g_autofree char *message = NULL;

    if (config->search.temp_min <= config->search.temp_max ||
        qtr_config_has_failed(reader, "search.temp_min") ||
        qtr_config_has_failed(reader, "search.temp_max"))
        return;
    message = g_strdup_printf("temp_min is %g and temp_max is %g; expected temp_min to be at most "
                              "temp_max",
                              config->search.temp_min, config->search.temp_max);
    qtr_config_report_at(reader, late, NULL, message);
}

/* The drawings must not get into the way of what else a run leaves. */
static void check_im_dir(QtrConfigReader *reader)
{
    const char *name = reader->config->env.im_dir;
    g_autofree char *message = NULL;

    if (qtr_config_has_failed(reader, "env.im_dir") || !qtr_folder_is_item(name))
        return;
    message = g_strdup_printf("a run leaves something else as %s; choose another name", name);
    qtr_config_report_at(reader, "env.im_dir", NULL, message);
}

/* The epochs of the warm-up are `what`; at least one must follow. */
static void check_warm_up(QtrConfigReader *reader, const char *section, int warm_up, int epochs,
                          const char *what)
{
    g_autofree char *first = g_strconcat(section, ".warm_up", NULL);
    g_autofree char *second = g_strconcat(section, ".epochs", NULL);
    g_autofree char *message = NULL;
    gboolean given = reader->given[index_of(first)] != NULL;

    if (warm_up < epochs || qtr_config_has_failed(reader, first) ||
        qtr_config_has_failed(reader, second))
        return;
    message = g_strdup_printf("warm_up is %d and epochs is %d; expected warm_up to be less: its "
                              "epochs %s",
                              warm_up, epochs, what);
    qtr_config_report_at(reader, given ? first : second, NULL, message);
}

/* Why `primitive` does not fit some layer of the block; NULL if it fits all. */
static char *misfit(const QtrArch *arch, QtrBlock block, const QtrPrimitive *primitive)
{
    for (int layer = 0; layer < arch->layers[block]; layer++) {
        g_autofree char *problem = NULL;
        int in, out;

        qtr_arch_layer_channels(arch, block, layer, &in, &out);
        problem = qtr_primitive_problem(primitive, in, out, arch->c_fixed);
        if (problem)
            return g_strdup_printf("in layer %d, %s", layer + 1, problem);
    }
    return NULL;
}

/* The list's item that names `primitive`. */
static const QtrYaml *item_of(const QtrYaml *list, const QtrPrimitive *primitive)
{
    for (guint i = 0; list && list->kind == QTR_YAML_LIST && i < list->items->len; i++) {
        const QtrYaml *item = list->items->pdata[i];

        if (item->kind == QTR_YAML_SCALAR && qtr_primitive_find(item->text) == primitive)
            return item;
    }
    return NULL;
}

static void check_block(QtrConfigReader *reader, const QtrArch *arch, QtrBlock block)
{
    g_autofree char *path = g_strdup_printf("arch.primitives.%s", qtr_block_name(block));
    g_autofree char *layers = g_strdup_printf("arch.arch_pattern.%s", qtr_block_name(block));
    gboolean is_default = !reader->config->arch.primitives[block];
    const QtrYaml *list = is_default ? NULL : reader->given[index_of(path)];

    if (qtr_config_has_failed(reader, layers) || qtr_config_has_failed(reader, "arch.c_fixed") ||
        qtr_config_has_failed(reader, "arch.scale"))
        return;
    if (arch->layers[block] > 0 && arch->n_primitives[block] == 0 &&
        !qtr_config_has_failed(reader, path))
        qtr_config_report_at(
            reader, path, NULL,
            "the list is empty; expected at least one primitive, or no such key for the "
            "default list");
    for (int i = 0; i < arch->n_primitives[block]; i++) {
        g_autofree char *problem = misfit(arch, block, arch->primitives[block][i]);

        if (!problem)
            continue;
        if (!is_default) {
            qtr_config_report_at(reader, path, item_of(list, arch->primitives[block][i]), problem);
            continue;
        }
        /* One line a block is enough: all stem from the same number of channels. */
        g_autofree char *message = g_strdup_printf(
            "the default list of arch.primitives.%s does not fit: %s; choose another c_fixed (a "
            "multiple of 12 fits) or list the primitives",
            qtr_block_name(block), problem);
        qtr_config_report_at(reader, "arch.c_fixed", NULL, message);
        return;
    }
}

void qtr_config_check(QtrConfigReader *reader)
{
    const QtrConfig *config = reader->config;
    QtrArch arch;

    check_scales(reader);
    check_temperatures(reader);
    check_im_dir(reader);
    check_warm_up(reader, "search", config->search.warm_up, config->search.epochs,
                  "leave the alphas alone");
    check_warm_up(reader, "train", config->train.warm_up, config->train.epochs,
                  "are in full precision");
    qtr_config_get_arch(reader->config, &arch);
    for (int block = 0; block < QTR_BLOCKS; block++)
        check_block(reader, &arch, (QtrBlock)block);
}
