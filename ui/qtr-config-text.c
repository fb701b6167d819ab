#include "qtr-config-text.h"

#include "qtr-yaml-edit.h"

#include <string.h>

#define REPAIRS_MAX 8 /* rounds of giving faulty keys their defaults */

/* "key=" for every faulty key not yet in `repairs`: they get their defaults. */
static gboolean add_repairs(GPtrArray *repairs, const GPtrArray *problems)
{
    guint before = repairs->len;

    for (guint i = 0; i < problems->len; i++) {
        const QtrConfigProblem *problem = problems->pdata[i];
        const char *key = problem->key;
        g_autofree char *repair = g_strconcat(key, "=", NULL);

        if (!problem->warning && qtr_config_key_find(key) &&
            !g_ptr_array_find_with_equal_func(repairs, repair, g_str_equal, NULL))
            g_ptr_array_add(repairs, g_steal_pointer(&repair));
    }
    return repairs->len > before;
}

/* The configuration with faulty keys at their defaults. A wrong name or section cannot be repaired
 * so: it is left out by reading the known keys one by one. */
static QtrConfig *read_repaired(const char *text, const char *folder, const GPtrArray *problems)
{
    g_autoptr(GPtrArray) repairs = g_ptr_array_new_with_free_func(g_free);
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);
    g_autoptr(GPtrArray) found = g_ptr_array_ref((GPtrArray *)problems);

    (void)add_repairs(repairs, problems);
    for (int round = 0; round < REPAIRS_MAX; round++) {
        g_autoptr(GPtrArray) overrides = g_ptr_array_new_with_free_func(g_free);
        QtrConfig *config;

        for (guint i = 0; i < count; i++) {
            g_autofree char *value = NULL;
            g_autofree char *repair = g_strconcat(keys[i].path, "=", NULL);

            if (keys[i].type == QTR_KEY_OBSOLETE ||
                g_ptr_array_find_with_equal_func(repairs, repair, g_str_equal, NULL))
                continue;
            value = qtr_yaml_edit_get(text, keys[i].path);
            if (value && *value)
                g_ptr_array_add(overrides, g_strconcat(repair, value, NULL));
        }
        g_ptr_array_add(overrides, NULL);
        g_ptr_array_unref(g_steal_pointer(&found));
        config = qtr_config_load_text("", 0, "", folder, (const char *const *)overrides->pdata,
                                      NULL, &found, NULL);
        if (config || !found || !add_repairs(repairs, found))
            return config;
    }
    return NULL;
}

/* Faults of the whole text (it is not YAML) have no key. */
static gboolean is_readable(const GPtrArray *problems)
{
    for (guint i = 0; i < problems->len; i++) {
        const QtrConfigProblem *problem = problems->pdata[i];

        if (!problem->warning && !*problem->key)
            return FALSE;
    }
    return TRUE;
}

QtrConfig *qtr_config_text_read(const char *text, const char *name, const char *folder,
                                GPtrArray **problems)
{
    QtrConfig *config =
        qtr_config_load_text(text, strlen(text), name, folder, NULL, NULL, problems, NULL);

    return config || !is_readable(*problems) ? config : read_repaired(text, folder, *problems);
}

/* The value of one key in `*text` replaced by `value`. */
static void replace_value(char **text, const char *key, const char *value)
{
    QtrYamlEdit edit;
    g_autofree char *before = NULL;
    char *edited;

    if (!qtr_yaml_edit_set(*text, key, value, &edit))
        return;
    before = g_utf8_substring(*text, 0, (glong)edit.start);
    edited =
        g_strconcat(before, edit.insert, g_utf8_offset_to_pointer(*text, (glong)edit.end), NULL);
    g_free(*text);
    *text = edited;
    qtr_yaml_edit_clear(&edit);
}

char *qtr_config_text_make_absolute(const char *text, const QtrConfig *config)
{
    char *result = g_strdup(text);
    g_autoptr(QtrConfig) absolute = qtr_config_copy(config);
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    (void)qtr_config_make_absolute(absolute, NULL);
    for (guint i = 0; i < count; i++) {
        g_autofree char *now = qtr_yaml_edit_get(result, keys[i].path);
        g_autofree char *value = NULL;

        if (!now || !*now || (keys[i].type != QTR_KEY_INPUT && keys[i].type != QTR_KEY_OUTPUT))
            continue;
        value = qtr_config_value_text(absolute, &keys[i]);
        replace_value(&result, keys[i].path, value);
    }
    return result;
}
