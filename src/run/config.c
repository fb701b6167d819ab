#include "base/error.h"
#include "base/printable.h"
#include "base/shipped.h"
#include "run/config-private.h"

#include <string.h>

#define PATH_SHOWN 400 /* characters */

QtrConfig *qtr_config_new(void)
{
    QtrConfig *config = g_new0(QtrConfig, 1);
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (guint i = 0; i < count; i++)
        if (keys[i].type != QTR_KEY_OBSOLETE)
            qtr_config_value_reset(config, &keys[i]);
    return config;
}

void qtr_config_free(QtrConfig *config)
{
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    if (!config)
        return;
    for (guint i = 0; i < count; i++)
        qtr_config_value_clear(config, &keys[i]);
    g_free(config);
}

QtrConfig *qtr_config_copy(const QtrConfig *config)
{
    QtrConfig *copy = g_memdup2(config, sizeof *config);
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (guint i = 0; i < count; i++)
        qtr_config_value_copy(copy, config, &keys[i]);
    return copy;
}

void qtr_config_get_arch(const QtrConfig *config, QtrArch *arch)
{
    *arch = (QtrArch){
        .channels = config->arch.channels,
        .c_fixed = config->arch.c_fixed,
        .scale = config->arch.scale,
        .body_cells = config->arch.body_cells,
        .skip_mode = config->arch.skip_mode,
        .n_bits = config->arch.bits.n,
    };
    memcpy(arch->bits, config->arch.bits.values, sizeof arch->bits);
    memcpy(arch->layers, config->arch.layers, sizeof arch->layers);
    for (int block = 0; block < QTR_BLOCKS; block++) {
        char **names = config->arch.primitives[block];

        if (!names)
            qtr_arch_default_primitives(arch, (QtrBlock)block);
        for (int i = 0; names && names[i]; i++) {
            g_assert(i < QTR_PRIMITIVES_MAX);
            arch->primitives[block][i] = qtr_primitive_find(names[i]);
            g_assert(arch->primitives[block][i]);
            arch->n_primitives[block] = i + 1;
        }
    }
}

char *qtr_config_find(const char *path, GError **error)
{
    const char *const *folders = qtr_shipped_folders();
    char *shipped;

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return g_strdup(path);
    if (strchr(path, '/')) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "no configuration %s", path);
        return NULL;
    }
    shipped = qtr_shipped_find(path);
    if (shipped)
        return shipped;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "no configuration %s: looked in the current folder, %s and %s", path, folders[0],
                folders[1]);
    return NULL;
}

gboolean qtr_config_require(const QtrConfig *config, const char *const *keys, GError **error)
{
    g_autoptr(GString) missing = g_string_new(NULL);

    for (; *keys; keys++) {
        const QtrConfigKey *key = qtr_config_key_find(*keys);
        g_autofree char *value = NULL;

        g_return_val_if_fail(key, FALSE);
        value = qtr_config_value_text(config, key);
        if (!*value)
            qtr_problems_add(
                missing, "%s is not set: the %s; set it in the configuration or with --set %s=...",
                key->path, key->description, key->path);
    }
    if (missing->len == 0)
        return TRUE;
    g_set_error_literal(error, QTR_ERROR, QTR_ERROR_USAGE, missing->str);
    return FALSE;
}

static void report_path(GString *problems, const char *key, const char *path)
{
    g_autofree char *shown = qtr_printable(path, PATH_SHOWN);

    qtr_problems_add(problems,
                     "%s: the path %s is not UTF-8 and cannot be kept in config.yaml; rename the "
                     "folder, or give a path elsewhere",
                     key, shown);
}

gboolean qtr_config_make_absolute(QtrConfig *config, GError **error)
{
    g_autoptr(GString) problems = g_string_new(NULL);
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (guint i = 0; i < count; i++) {
        char **field = qtr_config_field(config, &keys[i]);

        if (keys[i].type != QTR_KEY_INPUT && keys[i].type != QTR_KEY_OUTPUT)
            continue;
        if (*field) {
            char *absolute = g_canonicalize_filename(*field, NULL);

            g_free(*field);
            *field = absolute;
            if (!g_utf8_validate(absolute, -1, NULL))
                report_path(problems, keys[i].path, absolute);
        }
    }
    if (problems->len == 0)
        return TRUE;
    g_set_error_literal(error, QTR_ERROR, QTR_ERROR_USAGE, problems->str);
    return FALSE;
}

gboolean qtr_config_check_paths(const QtrConfig *config, GError **error)
{
    g_autoptr(QtrConfig) copy = qtr_config_copy(config);

    return qtr_config_make_absolute(copy, error);
}
