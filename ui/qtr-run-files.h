#pragma once
#include "qtr-run-snapshot.h"

/* Adds to a snapshot being made what tells of the run beside its events: whether the folder is
 * still there, config.yaml (once: then *config_read is TRUE), genotype, ERROR.txt, whether its
 * process lives. */
void qtr_run_files_read(QtrRunSnapshot *snapshot, gboolean *config_read);
