#pragma once
#include "qtr-comparison.h"

#include <gtk/gtk.h>

/* Fills a grid with PSNR and SSIM of all that is compared, of the whole and of the selection, and
 * with what the networks cost. FALSE: there is nothing to tell. */
gboolean qtr_quality_grid_fill(GtkGrid *grid, QtrComparison *comparison, QtrArea selection);
