#pragma once
#include "qtr-run-snapshot.h"

/* Where the choices of layers stand in a table of all layers: a column for each bit width of each
 * primitive that any layer has, primitives in the order first met. */
typedef struct QtrChoiceColumns QtrChoiceColumns;

QtrChoiceColumns *qtr_choice_columns_new(QtrRunSpace *space); /* takes a reference */
void qtr_choice_columns_free(QtrChoiceColumns *columns);      /* NULL-safe */

guint qtr_choice_columns_primitives(const QtrChoiceColumns *columns);
const char *qtr_choice_columns_name(const QtrChoiceColumns *columns, guint primitive);
/* Of the primitives and their bits. */
guint qtr_choice_columns_count(const QtrChoiceColumns *columns);
int qtr_choice_columns_bits(const QtrChoiceColumns *columns, guint column);
/* The place of a layer's choice in its alphas, and back; G_MAXUINT: the layer has no such. */
guint qtr_choice_columns_choice(const QtrChoiceColumns *columns, guint layer, guint column);
guint qtr_choice_columns_column(const QtrChoiceColumns *columns, guint layer, guint choice);
