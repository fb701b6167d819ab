#pragma once
#include "run/safetensors.h"

#include <json-glib/json-glib.h>

/* Shared by the files that read safetensors. */

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
