#include "base/error.h"
#include "base/file.h"
#include "base/printable.h"
#include "run/table.h"

#include <string.h>

#define FILE_MAX ((gsize)64 << 20)
#define COLUMNS_MAX 4096

typedef struct {
    const char *at, *end;
    const char *origin;
    guint line;
} Scan;

static gboolean fail(const Scan *scan, GError **error, const char *what)
{
    g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s:%u: %s", scan->origin, scan->line, what);
    return FALSE;
}

/* After the opening quote; stops behind the closing one. */
static gboolean scan_quoted(Scan *scan, GString *cell, GError **error)
{
    guint first = scan->line;

    for (; scan->at < scan->end; scan->at++) {
        if (*scan->at == '\n')
            scan->line++;
        if (*scan->at == '"') {
            scan->at++;
            if (scan->at == scan->end || *scan->at != '"')
                return TRUE;
        }
        g_string_append_c(cell, *scan->at);
    }
    scan->line = first;
    return fail(scan, error, "a quote is left open");
}

static gboolean at_line_end(const Scan *scan)
{
    return scan->at == scan->end || *scan->at == '\n' ||
           (*scan->at == '\r' && scan->at + 1 < scan->end && scan->at[1] == '\n');
}

/* One cell; stops at the comma or line end behind it. */
static gboolean scan_cell(Scan *scan, GPtrArray *cells, GError **error)
{
    g_autoptr(GString) cell = g_string_new(NULL);

    if (scan->at < scan->end && *scan->at == '"') {
        scan->at++;
        if (!scan_quoted(scan, cell, error))
            return FALSE;
        if (!at_line_end(scan) && *scan->at != ',')
            return fail(scan, error, "text after a closing quote");
    } else {
        for (; !at_line_end(scan) && *scan->at != ','; scan->at++)
            g_string_append_c(cell, *scan->at);
    }
    if (cells->len >= COLUMNS_MAX)
        return fail(scan, error, "too many columns");
    g_ptr_array_add(cells, g_string_free(g_steal_pointer(&cell), FALSE));
    return TRUE;
}

static gboolean scan_row(Scan *scan, GPtrArray *cells, GError **error)
{
    for (;;) {
        if (!scan_cell(scan, cells, error))
            return FALSE;
        if (at_line_end(scan))
            break;
        scan->at++;
    }
    if (scan->at < scan->end)
        scan->at += *scan->at == '\r' ? 2 : 1;
    return TRUE;
}

static QtrTable *scan_header(Scan *scan, GError **error)
{
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

    if (!scan_row(scan, cells, error))
        return NULL;
    for (guint i = 0; i < cells->len; i++) {
        for (guint j = 0; j < i; j++) {
            if (strcmp(cells->pdata[i], cells->pdata[j]) == 0) {
                g_autofree char *name = qtr_printable(cells->pdata[i], QTR_NAME_SHOWN);

                g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s:1: column '%s' occurs twice",
                            scan->origin, name);
                return NULL;
            }
        }
    }
    g_ptr_array_add(cells, NULL);
    return qtr_table_new((const char *const *)cells->pdata);
}

static gboolean scan_body(Scan *scan, QtrTable *table, GError **error)
{
    while (scan->at < scan->end) {
        g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
        guint row;

        scan->line++;
        if (at_line_end(scan)) {
            scan->at += *scan->at == '\r' ? 2 : 1;
            continue;
        }
        if (!scan_row(scan, cells, error))
            return FALSE;
        if (cells->len != qtr_table_columns(table)) {
            g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT,
                        "%s:%u: %u cells in a table of %u columns", scan->origin, scan->line,
                        cells->len, qtr_table_columns(table));
            return FALSE;
        }
        row = qtr_table_add_row(table);
        for (guint i = 0; i < cells->len; i++)
            qtr_table_set(table, row, qtr_table_column_name(table, i), cells->pdata[i]);
    }
    return TRUE;
}

QtrTable *qtr_table_parse(const char *text, gsize size, const char *origin, GError **error)
{
    Scan scan = {text, text + size, origin, 1};
    g_autoptr(QtrTable) table = NULL;

    if (size > G_MAXSSIZE || !g_utf8_validate_len(text, size, NULL)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_FORMAT, "%s: not UTF-8 text", origin);
        return NULL;
    }
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        scan.at += 3;
    table = scan_header(&scan, error);
    if (!table || !scan_body(&scan, table, error))
        return NULL;
    return g_steal_pointer(&table);
}

QtrTable *qtr_table_load(const char *path, GError **error)
{
    gsize size;
    g_autofree char *text = qtr_file_read(path, FILE_MAX, &size, error);

    return text ? qtr_table_parse(text, size, path, error) : NULL;
}
