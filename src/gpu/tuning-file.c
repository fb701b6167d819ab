#include "gpu/tuning-file.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

#include <string.h>

#define VALUE_MAX 4096

GHashTable *qtr_tuning_table_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static gboolean check_fields(JsonObject *object, const QtrTuningField *fields, gsize n,
                             const char *path, GError **error)
{
    for (gsize i = 0; i < n; i++) {
        JsonNode *node = json_object_get_member(object, fields[i].name);

        if (!node || json_node_get_value_type(node) != G_TYPE_STRING ||
            !g_str_equal(json_node_get_string(node), fields[i].value)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: %s is not '%s'", path,
                        fields[i].name, fields[i].value);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean read_entry(JsonNode *node, QtrTuningEntry *entry)
{
    JsonArray *array = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

    if (!array || json_array_get_length(array) != QTR_TUNING_VALUES)
        return FALSE;
    for (guint i = 0; i < QTR_TUNING_VALUES; i++) {
        JsonNode *value = json_array_get_element(array, i);
        gint64 number;

        if (json_node_get_value_type(value) != G_TYPE_INT64)
            return FALSE;
        number = json_node_get_int(value);
        if (number < 1 || number > VALUE_MAX)
            return FALSE;
        entry->values[i] = (int)number;
    }
    return TRUE;
}

static gboolean read_tiles(JsonObject *object, const char *path, GHashTable *tiles, GError **error)
{
    JsonNode *node = json_object_get_member(object, "tiles");
    JsonObjectIter iter;
    const char *name;

    if (!node || !JSON_NODE_HOLDS_OBJECT(node)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: there are no tiles", path);
        return FALSE;
    }
    json_object_iter_init(&iter, json_node_get_object(node));
    while (json_object_iter_next(&iter, &name, &node)) {
        QtrTuningEntry entry;

        if (!read_entry(node, &entry)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                        "%s: '%s' is not %d numbers from 1 to %d", path, name, QTR_TUNING_VALUES,
                        VALUE_MAX);
            return FALSE;
        }
        g_hash_table_replace(tiles, g_strdup(name), g_memdup2(&entry, sizeof entry));
    }
    return TRUE;
}

gboolean qtr_tuning_file_read(const char *path, const QtrTuningField *fields, gsize n,
                              GHashTable *tiles, GError **error)
{
    g_autoptr(GHashTable) read = qtr_tuning_table_new();
    g_autoptr(JsonObject) object = NULL;
    g_autofree char *text = NULL;
    gpointer name, entry;
    GHashTableIter iter;
    gsize size;

    text = qtr_file_read(path, QTR_FILE_TEXT_MAX, &size, error);
    if (text)
        object = qtr_json_parse_object(text, size, 4, path, error);
    if (!object || !check_fields(object, fields, n, path, error) ||
        !read_tiles(object, path, read, error))
        return FALSE;
    g_hash_table_iter_init(&iter, read);
    while (g_hash_table_iter_next(&iter, &name, &entry)) {
        g_hash_table_iter_steal(&iter);
        g_hash_table_replace(tiles, name, entry);
    }
    return TRUE;
}

static char *format(const QtrTuningField *fields, gsize n, GHashTable *tiles, gsize *size)
{
    g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(tiles), (GCompareFunc)strcmp);
    g_autoptr(JsonGenerator) generator = json_generator_new();
    JsonObject *object = json_object_new(), *written = json_object_new();

    for (gsize i = 0; i < n; i++)
        json_object_set_string_member(object, fields[i].name, fields[i].value);
    for (GList *at = names; at; at = at->next) {
        const QtrTuningEntry *entry = g_hash_table_lookup(tiles, at->data);
        JsonArray *array = json_array_new();

        for (int i = 0; i < QTR_TUNING_VALUES; i++)
            json_array_add_int_element(array, entry->values[i]);
        json_object_set_array_member(written, at->data, array);
    }
    json_object_set_object_member(object, "tiles", written);
    json_node_take_object(root, object);
    json_generator_set_root(generator, root);
    json_generator_set_pretty(generator, TRUE);
    return json_generator_to_data(generator, size);
}

gboolean qtr_tuning_file_write(const char *path, const QtrTuningField *fields, gsize n,
                               GHashTable *tiles, GError **error)
{
    g_autofree char *text = NULL;
    gsize size;

    text = format(fields, n, tiles, &size);
    return qtr_file_write(path, text, size, error);
}
