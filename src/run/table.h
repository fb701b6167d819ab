#pragma once
#include "run/job.h"

/* A table of text with named columns, as CSV (RFC 4180: comma, double quotes where needed, UTF-8).
 */
typedef struct QtrTable QtrTable;

/* `columns`: NULL-terminated, at least one, different names; copied. */
QtrTable *qtr_table_new(const char *const *columns);
void qtr_table_free(QtrTable *table); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrTable, qtr_table_free)

guint qtr_table_columns(const QtrTable *table);
guint qtr_table_rows(const QtrTable *table);
const char *qtr_table_column_name(const QtrTable *table, guint column);
int qtr_table_find_column(const QtrTable *table, const char *name); /* -1: none */

/* Appends a row of empty cells; returns its number. */
guint qtr_table_add_row(QtrTable *table);
/* `value` is copied; NULL: empty. The column must exist. */
void qtr_table_set(QtrTable *table, guint row, const char *column, const char *value);
/* Ten significant digits whatever the locale; empty if not finite. */
void qtr_table_set_number(QtrTable *table, guint row, const char *column, double value);

const char *qtr_table_get(const QtrTable *table, guint row, guint column); /* never NULL */
/* NAN if the column is missing or the cell is no number. */
double qtr_table_get_number(const QtrTable *table, guint row, const char *column);

/* All or nothing. */
gboolean qtr_table_save(const QtrTable *table, const char *path, GError **error);
/* At most 64 MiB. QTR_ERROR_FORMAT with path and line: a quote left open, rows of different
 * length, a column twice, not UTF-8. Either line end; a byte order mark is passed over. */
QtrTable *qtr_table_load(const char *path, GError **error);
QtrTable *qtr_table_parse(const char *text, gsize size, const char *origin, GError **error);

/* Columns that more than one table has. In summary.csv the name of a set follows the measured ones,
 * and the bicubic column is called in a way that no set's name makes another of it. */
#define QTR_COLUMN_PSNR "PSNR"
#define QTR_COLUMN_SSIM "SSIM"
#define QTR_COLUMN_BICUBIC "PSNR bicubic"
#define QTR_COLUMN_SET_BICUBIC "bicubic PSNR"
#define QTR_COLUMN_SIZE "Model size"
#define QTR_COLUMN_BITOPS "BitOps(32x32)"
#define QTR_COLUMN_BITOPS_LARGE "BitOps(256x256)"

/* validation_df.csv (method.md 11); `rows` are QtrValidationRow. */
gboolean qtr_validation_save(const GPtrArray *rows, const char *path, GError **error);
/* The same back; numbers not in the file are NAN or 0. */
GPtrArray *qtr_validation_load(const char *path, GError **error);
