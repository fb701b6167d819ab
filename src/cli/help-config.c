#include "cli/help.h"

#include "run/config-schema.h"

#include <string.h>

/* "search.epochs: an integer, 1 to 1000 (20) *" and the description under it. */
static void append_key(GString *text, const QtrConfigKey *key)
{
    g_autofree char *type = qtr_config_key_type_text(key);
    g_autofree char *range = qtr_config_key_range_text(key);

    g_string_append_printf(text, "  %s: %s%s%s", key->path, type, *range ? ", " : "", range);
    if (key->fallback && *key->fallback)
        g_string_append_printf(text, " (%s)", key->fallback);
    if (key->change != QTR_CHANGE_NEVER)
        g_string_append(text, " *");
    g_string_append_printf(text, "\n      %s\n", key->description);
}

char *qtr_help_key(const QtrConfigKey *key)
{
    GString *text = g_string_new(NULL);

    append_key(text, key);
    return g_string_free(text, FALSE);
}

char *qtr_help_config(void)
{
    GString *text =
        g_string_new("Keys of the configuration: type, range (default) and meaning. Each "
                     "can be given as\n--set KEY=VALUE too. With --resume only those marked * may "
                     "change. Relative paths of\nwhat is read are looked for in the current "
                     "folder, then in the configuration's, then\nin the one above that; log_dir "
                     "counts from the current folder.\n");
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);
    gsize section = 0;

    for (guint i = 0; i < count; i++) {
        gsize length = strcspn(keys[i].path, ".");

        if (keys[i].type == QTR_KEY_OBSOLETE)
            continue;
        if (i == 0 || length != section || strncmp(keys[i].path, keys[i - 1].path, length + 1) != 0)
            g_string_append_printf(text, "\n%.*s\n", (int)length, keys[i].path);
        section = length;
        append_key(text, &keys[i]);
    }
    g_string_append(text, "\n'quantoaster help primitives' explains the primitives.\n");
    return g_string_free(text, FALSE);
}

static JsonObject *key_json(const QtrConfigKey *key)
{
    g_autofree char *type = qtr_config_key_type_text(key);
    g_autofree char *range = qtr_config_key_range_text(key);
    JsonObject *object = json_object_new();

    json_object_set_string_member(object, "key", key->path);
    json_object_set_string_member(object, "type", type);
    json_object_set_string_member(object, "range", range);
    if (key->fallback)
        json_object_set_string_member(object, "default", key->fallback);
    else
        json_object_set_null_member(object, "default");
    json_object_set_string_member(object, "description", key->description);
    json_object_set_boolean_member(object, "resume_may_change", key->change != QTR_CHANGE_NEVER);
    return object;
}

JsonArray *qtr_help_config_json(const QtrConfigKey *only)
{
    JsonArray *array = json_array_new();
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (guint i = 0; i < count; i++)
        if (keys[i].type != QTR_KEY_OBSOLETE && (!only || only == &keys[i]))
            json_array_add_object_element(array, key_json(&keys[i]));
    return array;
}

char **qtr_help_config_keys(void)
{
    GPtrArray *paths = g_ptr_array_new();
    guint count;
    const QtrConfigKey *keys = qtr_config_schema(&count);

    for (guint i = 0; i < count; i++)
        if (keys[i].type != QTR_KEY_OBSOLETE)
            g_ptr_array_add(paths, g_strdup(keys[i].path));
    g_ptr_array_add(paths, NULL);
    return (char **)g_ptr_array_free(paths, FALSE);
}
