#pragma once
#include <glib.h>

/* Files of measured tiles (gpu/tuning.h), which come from other machines as well as from this one:
 * a JSON object of strings that say what was measured, and "tiles", names with numbers. */

#define QTR_TUNING_VALUES 4

typedef struct {
    int values[QTR_TUNING_VALUES];
} QtrTuningEntry;

typedef struct {
    const char *name, *value;
} QtrTuningField;

/* A table of names and QtrTuningEntry, both owned by it. */
GHashTable *qtr_tuning_table_new(void);

/* Adds the tiles of the file, all or none, to `tiles`, in place of those of the same names.
 * QTR_ERROR_FORMAT if it is damaged or a field is not as in `fields` (`n` of them). */
gboolean qtr_tuning_file_read(const char *path, const QtrTuningField *fields, gsize n,
                              GHashTable *tiles, GError **error);
/* Replaces the file. */
gboolean qtr_tuning_file_write(const char *path, const QtrTuningField *fields, gsize n,
                               GHashTable *tiles, GError **error);
