#pragma once
#include "qtr-document.h"

#include <adwaita.h>

/* A row of a form for one key of the configuration's schema: its name, description, range and
 * default, a control that suits its type, and what is wrong with its value. Follows the document
 * and changes it. Not for lists of primitives. */
#define QTR_TYPE_KEY_ROW (qtr_key_row_get_type())
G_DECLARE_FINAL_TYPE(QtrKeyRow, qtr_key_row, QTR, KEY_ROW, AdwPreferencesRow)

/* `key` is an entry of the schema; `document` is borrowed for the row's life. */
GtkWidget *qtr_key_row_new(const QtrConfigKey *key, QtrDocument *document);

const QtrConfigKey *qtr_key_row_get_key(QtrKeyRow *row);
GtkWidget *qtr_key_row_get_control(QtrKeyRow *row); /* spin button, switch, entry, ... */
