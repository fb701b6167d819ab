#include "base/error.h"
#include "base/printable.h"
#include "run/safetensors-private.h"

#include <string.h>

static gboolean bad_tensor(const QtrSafetensors *file, const char *name, const char *what,
                           GError **error)
{
    g_autofree char *shown = qtr_printable(name, QTR_NAME_SHOWN);

    g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: tensor '%s': %s", file->origin, shown,
                what);
    return FALSE;
}

/* A whole number of at least 0, or FALSE; json-glib turns what exceeds 64 bits negative. */
static gboolean get_index(JsonNode *node, gint64 *value)
{
    if (!node || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64)
        return FALSE;
    *value = json_node_get_int(node);
    return *value >= 0;
}

static JsonArray *get_array(JsonObject *object, const char *key)
{
    JsonNode *node = json_object_get_member(object, key);

    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

static gboolean read_dtype(JsonObject *object, QtrDtype *dtype)
{
    JsonNode *node = json_object_get_member(object, "dtype");
    const char *name = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;

    return name && qtr_dtype_find(name, dtype);
}

static gboolean read_shape(JsonObject *object, QtrStoredTensor *tensor)
{
    JsonArray *shape = get_array(object, "shape");

    if (!shape || json_array_get_length(shape) > QTR_TENSOR_DIMS_MAX)
        return FALSE;
    tensor->n_dims = (int)json_array_get_length(shape);
    tensor->count = 1;
    for (int i = 0; i < tensor->n_dims; i++) {
        if (!get_index(json_array_get_element(shape, (guint)i), &tensor->dims[i]) ||
            !g_size_checked_mul(&tensor->count, tensor->count, (gsize)tensor->dims[i]))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_entry(QtrSafetensors *file, const char *name, JsonNode *node,
                           QtrStoredEntry *entry, GError **error)
{
    JsonObject *object = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    JsonArray *offsets = object ? get_array(object, "data_offsets") : NULL;
    gint64 begin, end;
    gsize bytes;

    entry->tensor.name = name;
    if (!object)
        return bad_tensor(file, name, "its description is not an object", error);
    if (!read_dtype(object, &entry->tensor.dtype))
        return bad_tensor(file, name, "its dtype is missing or not supported", error);
    if (!read_shape(object, &entry->tensor))
        return bad_tensor(file, name, "its shape is missing, damaged or too large", error);
    if (!offsets || json_array_get_length(offsets) != 2 ||
        !get_index(json_array_get_element(offsets, 0), &begin) ||
        !get_index(json_array_get_element(offsets, 1), &end) || begin > end)
        return bad_tensor(file, name, "its data_offsets are missing or damaged", error);
    if ((guint64)end > file->data_size)
        return bad_tensor(file, name, "its data reaches over the end of the file (truncated?)",
                          error);
    if (!g_size_checked_mul(&bytes, entry->tensor.count, qtr_dtype_size(entry->tensor.dtype)) ||
        bytes != (gsize)(end - begin))
        return bad_tensor(file, name, "the size of its data is not that of its shape", error);
    entry->begin = (gsize)begin;
    entry->end = (gsize)end;
    return TRUE;
}

static gboolean read_metadata(QtrSafetensors *file, JsonNode *node, GError **error)
{
    JsonObjectIter iter;
    const char *key;
    JsonNode *value;

    if (JSON_NODE_HOLDS_OBJECT(node)) {
        file->metadata = json_node_get_object(node);
        json_object_iter_init_ordered(&iter, file->metadata);
        while (json_object_iter_next_ordered(&iter, &key, &value)) {
            if (!JSON_NODE_HOLDS_VALUE(value) || json_node_get_value_type(value) != G_TYPE_STRING)
                goto damaged;
        }
        return TRUE;
    }
damaged:
    g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                "%s: __metadata__ is not a map of strings to strings", file->origin);
    return FALSE;
}

static int compare_begin(gconstpointer a, gconstpointer b)
{
    const QtrStoredEntry *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* The format demands that the data is covered once and entirely. */
static gboolean check_layout(QtrSafetensors *file, GError **error)
{
    gsize at = 0;

    g_array_sort(file->tensors, compare_begin);
    for (guint i = 0; i < file->tensors->len; i++) {
        const QtrStoredEntry *entry = &g_array_index(file->tensors, QtrStoredEntry, i);

        if (entry->begin < at)
            return bad_tensor(file, entry->tensor.name, "its data overlaps another tensor's",
                              error);
        if (entry->begin > at)
            return bad_tensor(file, entry->tensor.name, "there is a hole before its data", error);
        at = entry->end;
    }
    if (at == file->data_size)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                "%s: %" G_GSIZE_FORMAT " bytes after the last tensor belong to none", file->origin,
                file->data_size - at);
    return FALSE;
}

gboolean qtr_safetensors_read_header(QtrSafetensors *file, GError **error)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init_ordered(&iter, file->header);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        QtrStoredEntry entry = {0};

        if (strcmp(name, "__metadata__") == 0) {
            if (!read_metadata(file, node, error))
                return FALSE;
            continue;
        }
        if (!read_entry(file, name, node, &entry, error))
            return FALSE;
        g_array_append_val(file->tensors, entry);
    }
    return check_layout(file, error);
}
