#pragma once
#include "qtr-run-snapshot.h"

G_BEGIN_DECLS

/* Follows a run folder, live or finished, its own or a copied one. Files are read in a thread; at
 * most a few times a second the property `snapshot` changes, in the main thread, at low priority.
 * A folder that is deleted, comes back or is begun anew while followed is no error. */
#define QTR_TYPE_RUN_FOLDER (qtr_run_folder_get_type())
G_DECLARE_FINAL_TYPE(QtrRunFolder, qtr_run_folder, QTR, RUN_FOLDER, GObject)

QtrRunFolder *qtr_run_folder_new(const char *dir);
const char *qtr_run_folder_get_dir(QtrRunFolder *self);
/* Of the last reading; NULL before the first has ended. Borrowed. */
QtrRunSnapshot *qtr_run_folder_get_snapshot(QtrRunFolder *self);
/* Reads at once what is new. */
void qtr_run_folder_refresh(QtrRunFolder *self);

G_END_DECLS
