#include "run/safetensors-private.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

#include <string.h>

#define HEADER_MAX ((gsize)16 << 20)
#define FILE_MAX ((gsize)4 << 30)
#define HEADER_DEPTH 3 /* file, tensor, its shape */

G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN); /* data is used in place */

static const struct {
    const char *name;
    gsize size;
} dtypes[] = {
    [QTR_DTYPE_F64] = {"F64", 8},   [QTR_DTYPE_F32] = {"F32", 4}, [QTR_DTYPE_F16] = {"F16", 2},
    [QTR_DTYPE_BF16] = {"BF16", 2}, [QTR_DTYPE_I64] = {"I64", 8}, [QTR_DTYPE_I32] = {"I32", 4},
    [QTR_DTYPE_I16] = {"I16", 2},   [QTR_DTYPE_I8] = {"I8", 1},   [QTR_DTYPE_U8] = {"U8", 1},
    [QTR_DTYPE_BOOL] = {"BOOL", 1},
};

gsize qtr_dtype_size(QtrDtype dtype)
{
    g_assert(dtype < G_N_ELEMENTS(dtypes));
    return dtypes[dtype].size;
}

const char *qtr_dtype_name(QtrDtype dtype)
{
    g_assert(dtype < G_N_ELEMENTS(dtypes));
    return dtypes[dtype].name;
}

gboolean qtr_dtype_find(const char *name, QtrDtype *dtype)
{
    for (guint i = 0; i < G_N_ELEMENTS(dtypes); i++) {
        if (strcmp(name, dtypes[i].name) == 0) {
            *dtype = (QtrDtype)i;
            return TRUE;
        }
    }
    return FALSE;
}

static void clear_entry(gpointer data)
{
    QtrStoredEntry *entry = data;

    g_free(entry->aligned);
}

static void point_to_data(QtrSafetensors *file)
{
    for (guint i = 0; i < file->tensors->len; i++) {
        QtrStoredEntry *entry = &g_array_index(file->tensors, QtrStoredEntry, i);
        const char *at = file->data + entry->begin;

        if (entry->tensor.count > 0 && (gsize)at % qtr_dtype_size(entry->tensor.dtype) != 0)
            at = entry->aligned = g_memdup2(at, entry->end - entry->begin);
        entry->tensor.data = at;
        g_hash_table_insert(file->by_name, (gpointer)entry->tensor.name, GUINT_TO_POINTER(i + 1));
    }
}

/* Files of other programs, and older ones, have no digest. */
static gboolean check_digest(const QtrSafetensors *file, GError **error)
{
    const char *written = qtr_safetensors_metadata(file, QTR_SAFETENSORS_DIGEST);
    g_autoptr(GPtrArray) tensors = NULL;
    g_autofree char *digest = NULL;

    if (!written)
        return TRUE;
    tensors = g_ptr_array_new();
    for (guint i = 0; i < file->tensors->len; i++)
        g_ptr_array_add(tensors, &g_array_index(file->tensors, QtrStoredEntry, i).tensor);
    digest = qtr_safetensors_digest(file->metadata, tensors);
    if (strcmp(digest, written) == 0)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                "%s is damaged: its contents are not those it was written with (their SHA-256 "
                "differs). Take another copy of it, or make it again; if another program changed "
                "it on purpose, have it leave '" QTR_SAFETENSORS_DIGEST "' out of the metadata",
                file->origin);
    return FALSE;
}

/* Takes `bytes`. */
static QtrSafetensors *parse_taken(char *bytes, gsize size, const char *origin, GError **error)
{
    g_autoptr(QtrSafetensors) file = g_new0(QtrSafetensors, 1);
    guint64 header_size = 0;

    file->origin = g_strdup(origin);
    file->bytes = bytes;
    file->tensors = g_array_new(FALSE, TRUE, sizeof(QtrStoredEntry));
    g_array_set_clear_func(file->tensors, clear_entry);
    file->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    if (size >= 8)
        memcpy(&header_size, bytes, 8);
    if (size < 8 || header_size < 2 || header_size > MIN(HEADER_MAX, size - 8)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                    "%s: not a safetensors file, or truncated (%" G_GSIZE_FORMAT
                    " bytes, header of %" G_GUINT64_FORMAT ")",
                    origin, size, header_size);
        return NULL;
    }
    file->data = bytes + 8 + header_size;
    file->data_size = size - 8 - (gsize)header_size;
    file->header =
        qtr_json_parse_object(bytes + 8, (gsize)header_size, HEADER_DEPTH, origin, error);
    if (!file->header || !qtr_safetensors_read_header(file, error))
        return NULL;
    point_to_data(file);
    return check_digest(file, error) ? g_steal_pointer(&file) : NULL;
}

QtrSafetensors *qtr_safetensors_load(const char *path, GError **error)
{
    gsize size;
    char *bytes = qtr_file_read(path, FILE_MAX, &size, error);

    return bytes ? parse_taken(bytes, size, path, error) : NULL;
}

QtrSafetensors *qtr_safetensors_parse(const void *data, gsize size, const char *origin,
                                      GError **error)
{
    return parse_taken(g_memdup2(data, size), size, origin, error);
}

void qtr_safetensors_free(QtrSafetensors *file)
{
    if (!file)
        return;
    g_clear_pointer(&file->by_name, g_hash_table_unref);
    g_clear_pointer(&file->tensors, g_array_unref);
    g_clear_pointer(&file->header, json_object_unref);
    g_free(file->bytes);
    g_free(file->origin);
    g_free(file);
}

guint qtr_safetensors_count(const QtrSafetensors *file)
{
    return file->tensors->len;
}

const QtrStoredTensor *qtr_safetensors_at(const QtrSafetensors *file, guint index)
{
    g_return_val_if_fail(index < file->tensors->len, NULL);
    return &g_array_index(file->tensors, QtrStoredEntry, index).tensor;
}

const QtrStoredTensor *qtr_safetensors_find(const QtrSafetensors *file, const char *name)
{
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(file->by_name, name));

    return place ? qtr_safetensors_at(file, place - 1) : NULL;
}

static char *describe(QtrDtype dtype, int n_dims, const gint64 *dims)
{
    GString *text = g_string_new(qtr_dtype_name(dtype));

    g_string_append(text, " [");
    for (int i = 0; i < n_dims; i++)
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT, i ? ", " : "", dims[i]);
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

const float *qtr_safetensors_f32(const QtrSafetensors *file, const char *name, gsize count,
                                 GError **error)
{
    const QtrStoredTensor *t = qtr_safetensors_find(file, name);
    g_autofree char *is = NULL;

    if (t && t->dtype == QTR_DTYPE_F32 && t->count == count)
        return t->data;
    is = t ? describe(t->dtype, t->n_dims, t->dims) : g_strdup("missing");
    g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                "%s: tensor '%s' is %s, expected F32 of %" G_GSIZE_FORMAT " elements", file->origin,
                name, is, count);
    return NULL;
}

const char *qtr_safetensors_metadata(const QtrSafetensors *file, const char *key)
{
    return file->metadata ? json_object_get_string_member_with_default(file->metadata, key, NULL)
                          : NULL;
}
