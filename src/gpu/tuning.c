#include "gpu/tuning.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "gpu/private.h"
#include "gpu/registry.h"

#include <errno.h>
#include <string.h>

#define FORMAT "quantoaster tuning 1"
#define FILE_MAX (1 << 20)
#define VALUE_MAX 4096

typedef struct {
    int values[QTR_TUNING_VALUES];
} Entry;

/* Of the kernels that have tiles to choose. */
static char *kernels_digest(void)
{
    for (const QtrClSource *source = qtr_cl_sources; source->name; source++)
        if (g_str_equal(source->name, "conv-gpu"))
            return g_compute_checksum_for_string(G_CHECKSUM_SHA256, source->text, -1);
    return g_strdup("");
}

/* What the file must say to be this device's. */
static const char *const identity_names[] = {"format", "device", "driver", "platform", "kernels"};

static char **identity(const QtrDevice *device)
{
    const QtrDeviceInfo *info = device->info;
    char **values = g_new0(char *, G_N_ELEMENTS(identity_names) + 1);

    values[0] = g_strdup(FORMAT);
    values[1] = g_strdup(info->name);
    values[2] = g_strdup(info->driver);
    values[3] = g_strdup(info->platform);
    values[4] = kernels_digest();
    return values;
}

static char *path_of(const QtrDevice *device)
{
    g_auto(GStrv) values = identity(device);
    g_autofree char *all = g_strjoinv("\n", values);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
    g_autofree char *name = g_strconcat("tuning-", digest, ".json", NULL);

    return device->tuning_dir ? g_build_filename(device->tuning_dir, name, NULL) : NULL;
}

static gboolean check_identity(const QtrDevice *device, JsonObject *object, const char *path,
                               GError **error)
{
    g_auto(GStrv) values = identity(device);

    for (gsize i = 0; i < G_N_ELEMENTS(identity_names); i++) {
        JsonNode *node = json_object_get_member(object, identity_names[i]);

        if (!node || json_node_get_value_type(node) != G_TYPE_STRING ||
            !g_str_equal(json_node_get_string(node), values[i])) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: %s is not '%s'", path,
                        identity_names[i], values[i]);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean read_entry(JsonNode *node, Entry *entry)
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

static gboolean read_tiles(JsonObject *object, const char *path, GHashTable *tuned, GError **error)
{
    JsonNode *tiles = json_object_get_member(object, "tiles");
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    if (!tiles || !JSON_NODE_HOLDS_OBJECT(tiles)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: there are no tiles", path);
        return FALSE;
    }
    json_object_iter_init(&iter, json_node_get_object(tiles));
    while (json_object_iter_next(&iter, &name, &node)) {
        Entry entry;

        if (!read_entry(node, &entry)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                        "%s: '%s' is not %d numbers from 1 to %d", path, name, QTR_TUNING_VALUES,
                        VALUE_MAX);
            return FALSE;
        }
        g_hash_table_insert(tuned, g_strdup(name), g_memdup2(&entry, sizeof entry));
    }
    return TRUE;
}

static void load(QtrDevice *device)
{
    g_autofree char *path = path_of(device), *text = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonObject) object = NULL;
    gsize size;

    device->tuned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (!path || !g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    text = qtr_file_read(path, FILE_MAX, &size, &error);
    if (text)
        object = qtr_json_parse_object(text, size, 4, path, &error);
    if (object && check_identity(device, object, path, &error) &&
        read_tiles(object, path, device->tuned, &error))
        return;
    g_hash_table_remove_all(device->tuned);
    qtr_warning(device->log, "measured tiles are not used: %s; `tune` measures them again",
                error->message);
}

gboolean qtr_tuning_get(QtrDevice *device, const char *name, int values[QTR_TUNING_VALUES])
{
    const Entry *entry;

    if (!device->tuned)
        load(device);
    entry = g_hash_table_lookup(device->tuned, name);
    if (entry)
        memcpy(values, entry->values, sizeof entry->values);
    return entry != NULL;
}

void qtr_tuning_set(QtrDevice *device, const char *name, const int values[QTR_TUNING_VALUES])
{
    if (!device->tuned)
        load(device);
    g_hash_table_insert(device->tuned, g_strdup(name), g_memdup2(values, sizeof(Entry)));
}

void qtr_tuning_forget(QtrDevice *device)
{
    if (!device->tuned)
        load(device);
    g_hash_table_remove_all(device->tuned);
}

static char *format(QtrDevice *device, gsize *size)
{
    g_auto(GStrv) values = identity(device);
    g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(GList) names =
        g_list_sort(g_hash_table_get_keys(device->tuned), (GCompareFunc)strcmp);
    g_autoptr(JsonGenerator) generator = json_generator_new();
    JsonObject *object = json_object_new(), *tiles = json_object_new();

    for (gsize i = 0; i < G_N_ELEMENTS(identity_names); i++)
        json_object_set_string_member(object, identity_names[i], values[i]);
    for (GList *at = names; at; at = at->next) {
        const Entry *entry = g_hash_table_lookup(device->tuned, at->data);
        JsonArray *array = json_array_new();

        for (int i = 0; i < QTR_TUNING_VALUES; i++)
            json_array_add_int_element(array, entry->values[i]);
        json_object_set_array_member(tiles, at->data, array);
    }
    json_object_set_object_member(object, "tiles", tiles);
    json_node_take_object(root, object);
    json_generator_set_root(generator, root);
    json_generator_set_pretty(generator, TRUE);
    return json_generator_to_data(generator, size);
}

char *qtr_tuning_save(QtrDevice *device, GError **error)
{
    g_autofree char *path = path_of(device), *text = NULL;
    gsize size;

    if (!path) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "the device was opened without a cache folder");
        return NULL;
    }
    if (g_mkdir_with_parents(device->tuning_dir, 0700) != 0) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "%s cannot be made: %s", device->tuning_dir,
                    g_strerror(errno));
        return NULL;
    }
    if (!device->tuned)
        load(device);
    text = format(device, &size);
    return qtr_file_write(path, text, size, error) ? g_steal_pointer(&path) : NULL;
}
