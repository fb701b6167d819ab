#pragma once
#include <adwaita.h>

/* A grid of texts, figures to the right of what they are of, in a card with a heading above; it
 * scrolls sideways where the card is narrower. */

/* Puts the card into `bin`; the grid in it is the bin's. */
GtkGrid *qtr_figures_grid_new(AdwBin *bin, const char *title);
void qtr_figures_grid_clear(GtkGrid *grid);
/* Adds a row of `n` texts; line 0 has the heads, the others can be selected. */
void qtr_figures_grid_add(GtkGrid *grid, int line, const char *const *texts, int n);
