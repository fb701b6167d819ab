#pragma once
#include "run/safetensors.h"

#include <json-glib/json-glib.h>

/* Shared by the files that read and write safetensors. */

#define QTR_SAFETENSORS_DIGEST "sha256" /* its key in the metadata */

struct QtrSafetensors {
    char *origin;
    char *bytes;      /* the file */
    const char *data; /* after the header */
    gsize data_size;
    JsonObject *header;
    JsonObject *metadata; /* in the header; may be NULL */
    GArray *tensors;      /* QtrStoredEntry */
    GHashTable *by_name;  /* name -> index + 1 */
};

typedef struct {
    QtrStoredTensor tensor;
    gsize begin, end;
    gpointer aligned; /* copy of data that the file has at an odd address, or NULL */
} QtrStoredEntry;

/* FALSE if no type has this name. */
gboolean qtr_dtype_find(const char *name, QtrDtype *dtype);

/* safetensors-header.c: fills `tensors`, in the order of their data, and `metadata` from `header`;
 * QTR_ERROR_FORMAT as qtr_safetensors_load has it. Data is not pointed to yet. */
gboolean qtr_safetensors_read_header(QtrSafetensors *file, GError **error);

/* safetensors-digest.c: the SHA-256, in hexadecimal digits (g_free), of what a file says: metadata
 * (may be NULL; without the digest itself), names, types, shapes and data. However another program
 * that keeps these arranges them, it stays the same. Sorts `tensors` (QtrStoredTensor) by name. */
char *qtr_safetensors_digest(JsonObject *metadata, GPtrArray *tensors);
