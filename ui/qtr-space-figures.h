#pragma once
#include "qtr-measuring.h"
#include "search/space.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The figures of a search space in a row that wraps. */
#define QTR_TYPE_SPACE_FIGURES (qtr_space_figures_get_type())
G_DECLARE_FINAL_TYPE(QtrSpaceFigures, qtr_space_figures, QTR, SPACE_FIGURES, AdwBin)

void qtr_space_figures_show(QtrSpaceFigures *self, const QtrSpace *space); /* NULL: unknown */
/* NULL: not measured; measured without success counts as that too. */
void qtr_space_figures_show_measured(QtrSpaceFigures *self, const QtrMeasured *measured);

G_END_DECLS
