#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

/* Mean and standard deviation over the trials of each setting. Invisible unless some setting has
 * more than one. */
#define QTR_TYPE_TRIALS_VIEW (qtr_trials_view_get_type())
G_DECLARE_FINAL_TYPE(QtrTrialsView, qtr_trials_view, QTR, TRIALS_VIEW, AdwBin)

/* `runs`: of QtrRunItem. */
void qtr_trials_view_update(QtrTrialsView *self, GListModel *runs, const char *set);

G_END_DECLS
