#pragma once
#include "qtr-choice-columns.h"

#include <gtk/gtk.h>

/* What stands above the columns of a table of choices: the primitives' names, upright, and their
 * bits below them. */
typedef struct {
    float names, bits; /* heights of the two */
    float cell;        /* the least width of a column */
} QtrChoiceHeads;

QtrChoiceHeads qtr_choice_heads_measure(GtkWidget *widget, const QtrChoiceColumns *columns);
/* The columns begin at `left` and are `cell` wide. */
void qtr_choice_heads_paint(const QtrChoiceHeads *heads, GtkWidget *widget, GtkSnapshot *snapshot,
                            const QtrChoiceColumns *columns, float left, float cell);
/* A text with its upper left corner at (x, y), turned about that. */
void qtr_choice_heads_paint_text(GtkSnapshot *snapshot, PangoLayout *layout, float x, float y,
                                 float degrees, const GdkRGBA *colour);
