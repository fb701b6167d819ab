#include "base/file.h"
#include "base/json.h"
#include "run/safetensors-private.h"

#include <string.h>

typedef struct {
    QtrStoredTensor tensor;
    char *name;
    gpointer data;
    gsize bytes;
    guint order;
} Item;

struct QtrSafetensorsWriter {
    GPtrArray *items;
    GHashTable *names; /* borrowed from items */
    JsonObject *metadata;
};

static void item_free(gpointer data)
{
    Item *item = data;

    g_free(item->name);
    g_free(item->data);
    g_free(item);
}

QtrSafetensorsWriter *qtr_safetensors_writer_new(void)
{
    QtrSafetensorsWriter *writer = g_new0(QtrSafetensorsWriter, 1);

    writer->items = g_ptr_array_new_with_free_func(item_free);
    writer->names = g_hash_table_new(g_str_hash, g_str_equal);
    writer->metadata = json_object_new();
    return writer;
}

void qtr_safetensors_writer_free(QtrSafetensorsWriter *writer)
{
    if (!writer)
        return;
    g_hash_table_unref(writer->names);
    g_ptr_array_unref(writer->items);
    json_object_unref(writer->metadata);
    g_free(writer);
}

void qtr_safetensors_writer_add(QtrSafetensorsWriter *writer, const char *name, QtrDtype dtype,
                                int n_dims, const gint64 *dims, const void *data)
{
    gsize bytes = qtr_dtype_size(dtype);
    QtrStoredTensor *tensor;
    Item *item;

    g_return_if_fail(n_dims >= 0 && n_dims <= QTR_TENSOR_DIMS_MAX);
    g_return_if_fail(g_utf8_validate(name, -1, NULL) && strcmp(name, "__metadata__") != 0);
    g_return_if_fail(!g_hash_table_contains(writer->names, name));
    item = g_new0(Item, 1);
    tensor = &item->tensor;
    for (int i = 0; i < n_dims; i++) {
        gboolean fits =
            dims[i] >= 0 && g_size_checked_mul(&bytes, bytes, (gsize)(tensor->dims[i] = dims[i]));

        g_assert(fits);
    }
    tensor->name = item->name = g_strdup(name);
    tensor->dtype = dtype;
    tensor->n_dims = n_dims;
    tensor->count = bytes / qtr_dtype_size(dtype);
    tensor->data = item->data = g_memdup2(data, bytes);
    item->bytes = bytes;
    item->order = writer->items->len;
    g_ptr_array_add(writer->items, item);
    g_hash_table_add(writer->names, item->name);
}

void qtr_safetensors_writer_set_metadata(QtrSafetensorsWriter *writer, const char *key,
                                         const char *value)
{
    g_return_if_fail(g_utf8_validate(key, -1, NULL) && g_utf8_validate(value, -1, NULL));
    json_object_set_string_member(writer->metadata, key, value);
}

gsize qtr_safetensors_writer_data_size(const QtrSafetensorsWriter *writer)
{
    gsize size = 0;

    for (guint i = 0; i < writer->items->len; i++)
        size += ((const Item *)g_ptr_array_index(writer->items, i))->bytes;
    return size;
}

/* Wider elements first keeps every tensor aligned without holes, which the format forbids. */
static int compare_width(gconstpointer a, gconstpointer b)
{
    const Item *x = *(const Item *const *)a, *y = *(const Item *const *)b;
    gsize wx = qtr_dtype_size(x->tensor.dtype), wy = qtr_dtype_size(y->tensor.dtype);

    if (wx != wy)
        return wx > wy ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static JsonObject *describe(const Item *item, gsize begin)
{
    JsonObject *object = json_object_new();
    JsonArray *shape = json_array_new(), *offsets = json_array_new();

    for (int i = 0; i < item->tensor.n_dims; i++)
        json_array_add_int_element(shape, item->tensor.dims[i]);
    json_array_add_int_element(offsets, (gint64)begin);
    json_array_add_int_element(offsets, (gint64)(begin + item->bytes));
    json_object_set_string_member(object, "dtype", qtr_dtype_name(item->tensor.dtype));
    json_object_set_array_member(object, "shape", shape);
    json_object_set_array_member(object, "data_offsets", offsets);
    return object;
}

static GString *make_header(const QtrSafetensorsWriter *writer)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *root = json_object_new();
    g_autofree char *text = NULL;
    GString *header;
    gsize at = 0;

    json_object_set_object_member(root, "__metadata__", json_object_ref(writer->metadata));
    for (guint i = 0; i < writer->items->len; i++) {
        const Item *item = g_ptr_array_index(writer->items, i);

        json_object_set_object_member(root, item->name, describe(item, at));
        at += item->bytes;
    }
    json_node_take_object(node, root);
    text = json_to_string(node, FALSE);
    header = g_string_new(text);
    while (header->len % 8 != 0)
        g_string_append_c(header, ' ');
    return header;
}

static gboolean fill(int fd, gpointer user_data, GError **error)
{
    QtrSafetensorsWriter *writer = user_data;
    g_autoptr(GString) header = make_header(writer);
    guint64 size = GUINT64_TO_LE((guint64)header->len);

    if (!qtr_file_write_all(fd, &size, sizeof size, error) ||
        !qtr_file_write_all(fd, header->str, header->len, error))
        return FALSE;
    for (guint i = 0; i < writer->items->len; i++) {
        const Item *item = g_ptr_array_index(writer->items, i);

        if (!qtr_file_write_all(fd, item->data, item->bytes, error))
            return FALSE;
    }
    return TRUE;
}

static void add_digest(QtrSafetensorsWriter *writer)
{
    g_autoptr(GPtrArray) tensors = g_ptr_array_new();
    g_autofree char *digest = NULL;

    for (guint i = 0; i < writer->items->len; i++)
        g_ptr_array_add(tensors, &((Item *)g_ptr_array_index(writer->items, i))->tensor);
    digest = qtr_safetensors_digest(writer->metadata, tensors);
    json_object_set_string_member(writer->metadata, QTR_SAFETENSORS_DIGEST, digest);
}

gboolean qtr_safetensors_writer_save(QtrSafetensorsWriter *writer, const char *path, GError **error)
{
    g_ptr_array_sort(writer->items, compare_width);
    add_digest(writer);
    return qtr_file_write_with(path, fill, writer, error);
}
