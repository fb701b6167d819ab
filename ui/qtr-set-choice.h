#pragma once
#include <gtk/gtk.h>

/* A drop-down of the validation sets that runs were measured on. */

/* Names of all sets of `runs` (QtrRunItem), in the order first met; without any it is hidden. */
void qtr_set_choice_update(GtkDropDown *choice, GListModel *runs);
/* The one chosen, or NULL; borrowed. */
const char *qtr_set_choice_get(GtkDropDown *choice);
