#include "base/digest.h"
#include "run/safetensors-private.h"

#include <string.h>

static void add_metadata(GChecksum *sum, JsonObject *metadata)
{
    g_autoptr(GList) keys = metadata ? json_object_get_members(metadata) : NULL;

    keys = g_list_sort(keys, (GCompareFunc)strcmp);
    for (GList *key = keys; key; key = key->next) {
        if (strcmp(key->data, QTR_SAFETENSORS_DIGEST) == 0)
            continue;
        qtr_digest_add_text(sum, key->data);
        qtr_digest_add_text(sum, json_object_get_string_member(metadata, key->data));
    }
}

static void add_tensor(GChecksum *sum, const QtrStoredTensor *tensor)
{
    gsize size = tensor->count * qtr_dtype_size(tensor->dtype);
    const guchar *data = tensor->data;

    qtr_digest_add_text(sum, tensor->name);
    qtr_digest_add_text(sum, qtr_dtype_name(tensor->dtype));
    for (int i = 0; i < tensor->n_dims; i++) {
        char text[24];

        g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, tensor->dims[i]);
        qtr_digest_add_text(sum, text);
    }
    qtr_digest_add_text(sum, "");
    if (size > 0)
        g_checksum_update(sum, data, (gssize)size);
}

static int compare_name(gconstpointer a, gconstpointer b)
{
    const QtrStoredTensor *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

char *qtr_safetensors_digest(JsonObject *metadata, GPtrArray *tensors)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    add_metadata(sum, metadata);
    qtr_digest_add_text(sum, "");
    g_ptr_array_sort(tensors, compare_name);
    for (guint i = 0; i < tensors->len; i++)
        add_tensor(sum, tensors->pdata[i]);
    return g_strdup(g_checksum_get_string(sum));
}
