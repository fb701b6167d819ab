#pragma once
#include <glib.h>

/* Weights and checkpoints: the safetensors format (u64 little-endian header length, JSON header,
 * data in C order, little-endian). Reading treats the file as untrusted. */

#define QTR_TENSOR_DIMS_MAX 8

typedef enum {
    QTR_DTYPE_F64,
    QTR_DTYPE_F32,
    QTR_DTYPE_F16,
    QTR_DTYPE_BF16,
    QTR_DTYPE_I64,
    QTR_DTYPE_I32,
    QTR_DTYPE_I16,
    QTR_DTYPE_I8,
    QTR_DTYPE_U8,
    QTR_DTYPE_BOOL,
} QtrDtype;

gsize qtr_dtype_size(QtrDtype dtype); /* bytes an element */
const char *qtr_dtype_name(QtrDtype dtype);

/* One tensor of a file; owned by it. `data` is aligned for its type. */
typedef struct {
    const char *name;
    QtrDtype dtype;
    int n_dims; /* 0: a scalar of one element */
    gint64 dims[QTR_TENSOR_DIMS_MAX];
    gsize count; /* elements */
    const void *data;
} QtrStoredTensor;

/* A file read whole into memory; immutable, so any thread may read it. */
typedef struct QtrSafetensors QtrSafetensors;

/* QTR_ERROR_IO if it cannot be read, QTR_ERROR_FORMAT if it is damaged: truncated, header over 16
 * MiB, unknown type, size that does not fit the shape, overlap, hole, name twice, or contents that
 * do not have the SHA-256 of the metadata (which files of other programs lack). At most 4 GiB. */
QtrSafetensors *qtr_safetensors_load(const char *path, GError **error);
/* The same of `size` bytes in memory (copied); `origin` names them in errors. */
QtrSafetensors *qtr_safetensors_parse(const void *data, gsize size, const char *origin,
                                      GError **error);
void qtr_safetensors_free(QtrSafetensors *file); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrSafetensors, qtr_safetensors_free)

/* Tensors in the order of their data. */
guint qtr_safetensors_count(const QtrSafetensors *file);
const QtrStoredTensor *qtr_safetensors_at(const QtrSafetensors *file, guint index);
const QtrStoredTensor *qtr_safetensors_find(const QtrSafetensors *file,
                                            const char *name); /* or NULL */

/* The data of tensor `name`, which must be float32 and have `count` elements (whatever its shape);
 * otherwise NULL and QTR_ERROR_FORMAT naming file, tensor, what was expected and what is there. */
const float *qtr_safetensors_f32(const QtrSafetensors *file, const char *name, gsize count,
                                 GError **error);

/* `__metadata__`: the value of `key` or NULL. */
const char *qtr_safetensors_metadata(const QtrSafetensors *file, const char *key);

/* Collects tensors and metadata, then writes them at once. */
typedef struct QtrSafetensorsWriter QtrSafetensorsWriter;

QtrSafetensorsWriter *qtr_safetensors_writer_new(void);
void qtr_safetensors_writer_free(QtrSafetensorsWriter *writer); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrSafetensorsWriter, qtr_safetensors_writer_free)

/* Copies name and data. A name may be added once. Names and metadata are UTF-8. */
void qtr_safetensors_writer_add(QtrSafetensorsWriter *writer, const char *name, QtrDtype dtype,
                                int n_dims, const gint64 *dims, const void *data);
void qtr_safetensors_writer_set_metadata(QtrSafetensorsWriter *writer, const char *key,
                                         const char *value);

/* Bytes the file will have (without the header), e.g. to check free space. */
gsize qtr_safetensors_writer_data_size(const QtrSafetensorsWriter *writer);

/* All or nothing (base/file.h). Tensors keep the order of adding, but wider types come first so
 * that all are aligned; the header is padded to 8 bytes. The metadata get a SHA-256 of the
 * contents.
 */
gboolean qtr_safetensors_writer_save(QtrSafetensorsWriter *writer, const char *path,
                                     GError **error);
