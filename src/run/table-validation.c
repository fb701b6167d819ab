#include "base/error.h"
#include "run/table.h"

/* The first five are the reference's. */
#define SET "set"
#define SECONDS "Seconds per megapixel"
#define PACKED_BYTES "Packed bytes"
#define IMAGES "Images"

static const char *const columns[] = {SET,
                                      QTR_COLUMN_SIZE,
                                      QTR_COLUMN_BITOPS,
                                      QTR_COLUMN_BITOPS_LARGE,
                                      QTR_COLUMN_PSNR,
                                      QTR_COLUMN_SSIM,
                                      QTR_COLUMN_BICUBIC,
                                      SECONDS,
                                      PACKED_BYTES,
                                      IMAGES,
                                      NULL};

void qtr_validation_row_free(QtrValidationRow *row)
{
    if (!row)
        return;
    g_free(row->set);
    g_free(row);
}

gboolean qtr_validation_save(const GPtrArray *rows, const char *path, GError **error)
{
    g_autoptr(QtrTable) table = qtr_table_new(columns);

    for (guint i = 0; i < rows->len; i++) {
        const QtrValidationRow *row = rows->pdata[i];
        guint r = qtr_table_add_row(table);

        qtr_table_set(table, r, SET, row->set);
        qtr_table_set_number(table, r, QTR_COLUMN_SIZE, row->model_size);
        qtr_table_set_number(table, r, QTR_COLUMN_BITOPS, row->bitops_32);
        qtr_table_set_number(table, r, QTR_COLUMN_BITOPS_LARGE, row->bitops_256);
        qtr_table_set_number(table, r, QTR_COLUMN_PSNR, row->psnr);
        qtr_table_set_number(table, r, QTR_COLUMN_SSIM, row->ssim);
        qtr_table_set_number(table, r, QTR_COLUMN_BICUBIC, row->psnr_bicubic);
        qtr_table_set_number(table, r, SECONDS, row->seconds_per_megapixel);
        qtr_table_set_number(table, r, PACKED_BYTES, (double)row->packed_bytes);
        qtr_table_set_number(table, r, IMAGES, row->images);
    }
    return qtr_table_save(table, path, error);
}

/* 0 unless it is a count below 2^53. */
static gsize read_count(const QtrTable *table, guint row, const char *column)
{
    double value = qtr_table_get_number(table, row, column);

    return value >= 0 && value < 0x1p53 ? (gsize)value : 0;
}

GPtrArray *qtr_validation_load(const char *path, GError **error)
{
    g_autoptr(QtrTable) table = qtr_table_load(path, error);
    GPtrArray *rows;
    int set;

    if (!table)
        return NULL;
    set = qtr_table_find_column(table, SET);
    if (set < 0) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: no column '" SET "'", path);
        return NULL;
    }
    rows = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_validation_row_free);
    for (guint r = 0; r < qtr_table_rows(table); r++) {
        QtrValidationRow *row = g_new0(QtrValidationRow, 1);

        row->set = g_strdup(qtr_table_get(table, r, (guint)set));
        row->model_size = qtr_table_get_number(table, r, QTR_COLUMN_SIZE);
        row->bitops_32 = qtr_table_get_number(table, r, QTR_COLUMN_BITOPS);
        row->bitops_256 = qtr_table_get_number(table, r, QTR_COLUMN_BITOPS_LARGE);
        row->psnr = qtr_table_get_number(table, r, QTR_COLUMN_PSNR);
        row->ssim = qtr_table_get_number(table, r, QTR_COLUMN_SSIM);
        row->psnr_bicubic = qtr_table_get_number(table, r, QTR_COLUMN_BICUBIC);
        row->seconds_per_megapixel = qtr_table_get_number(table, r, SECONDS);
        row->packed_bytes = read_count(table, r, PACKED_BYTES);
        row->images = (guint)MIN(read_count(table, r, IMAGES), G_MAXUINT);
        g_ptr_array_add(rows, row);
    }
    return rows;
}
