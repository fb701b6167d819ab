#include "run/table.h"

#include "base/file.h"

#include <math.h>
#include <string.h>

struct QtrTable {
    GPtrArray *names;
    GPtrArray *rows; /* GPtrArray of char* or NULL */
};

QtrTable *qtr_table_new(const char *const *columns)
{
    QtrTable *table = g_new0(QtrTable, 1);

    g_assert(columns && columns[0]);
    table->names = g_ptr_array_new_with_free_func(g_free);
    table->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    for (; *columns; columns++) {
        g_assert(qtr_table_find_column(table, *columns) < 0);
        g_ptr_array_add(table->names, g_strdup(*columns));
    }
    return table;
}

void qtr_table_free(QtrTable *table)
{
    if (!table)
        return;
    g_ptr_array_unref(table->rows);
    g_ptr_array_unref(table->names);
    g_free(table);
}

guint qtr_table_columns(const QtrTable *table)
{
    return table->names->len;
}

guint qtr_table_rows(const QtrTable *table)
{
    return table->rows->len;
}

const char *qtr_table_column_name(const QtrTable *table, guint column)
{
    g_assert(column < table->names->len);
    return g_ptr_array_index(table->names, column);
}

int qtr_table_find_column(const QtrTable *table, const char *name)
{
    for (guint i = 0; i < table->names->len; i++) {
        if (strcmp(g_ptr_array_index(table->names, i), name) == 0)
            return (int)i;
    }
    return -1;
}

guint qtr_table_add_row(QtrTable *table)
{
    GPtrArray *row = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_set_size(row, (int)table->names->len);
    g_ptr_array_add(table->rows, row);
    return table->rows->len - 1;
}

void qtr_table_set(QtrTable *table, guint row, const char *column, const char *value)
{
    int index = qtr_table_find_column(table, column);
    GPtrArray *cells;

    g_assert(index >= 0 && row < table->rows->len);
    cells = g_ptr_array_index(table->rows, row);
    g_free(cells->pdata[index]);
    cells->pdata[index] = g_strdup(value);
}

void qtr_table_set_number(QtrTable *table, guint row, const char *column, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(text, sizeof text, "%.10g", value);
    qtr_table_set(table, row, column, isfinite(value) ? text : NULL);
}

const char *qtr_table_get(const QtrTable *table, guint row, guint column)
{
    const GPtrArray *cells;

    g_assert(row < table->rows->len && column < table->names->len);
    cells = g_ptr_array_index(table->rows, row);
    return cells->pdata[column] ? cells->pdata[column] : "";
}

double qtr_table_get_number(const QtrTable *table, guint row, const char *column)
{
    int index = qtr_table_find_column(table, column);
    const char *text = index < 0 ? "" : qtr_table_get(table, row, (guint)index);
    char *end;
    double value = g_ascii_strtod(text, &end);

    return end == text || *end ? NAN : value;
}

static void append_cell(GString *text, const char *cell, gboolean first)
{
    if (!first)
        g_string_append_c(text, ',');
    if (!cell[strcspn(cell, ",\"\r\n")]) {
        g_string_append(text, cell);
        return;
    }
    g_string_append_c(text, '"');
    for (const char *p = cell; *p; p++) {
        if (*p == '"')
            g_string_append_c(text, '"');
        g_string_append_c(text, *p);
    }
    g_string_append_c(text, '"');
}

gboolean qtr_table_save(const QtrTable *table, const char *path, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < table->names->len; i++)
        append_cell(text, g_ptr_array_index(table->names, i), i == 0);
    g_string_append_c(text, '\n');
    for (guint r = 0; r < table->rows->len; r++) {
        for (guint i = 0; i < table->names->len; i++)
            append_cell(text, qtr_table_get(table, r, i), i == 0);
        g_string_append_c(text, '\n');
    }
    return qtr_file_write(path, text->str, text->len, error);
}
