#pragma once
#include "qtr-run-snapshot.h"
#include "run/events.h"

/* Makes snapshots from the events of a run. Everything is taken as untrusted: what does not fit is
 * passed over. Used by one thread at a time. */
typedef struct QtrRunBuilder QtrRunBuilder;

QtrRunBuilder *qtr_run_builder_new(const char *dir);
void qtr_run_builder_free(QtrRunBuilder *builder); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrRunBuilder, qtr_run_builder_free)

void qtr_run_builder_add(QtrRunBuilder *builder, const QtrEvent *event);
/* Looks at what else tells of the run: config.yaml, ERROR.txt, whether its process lives. */
void qtr_run_builder_inspect(QtrRunBuilder *builder, guint skipped_lines);
QtrRunSnapshot *qtr_run_builder_snapshot(const QtrRunBuilder *builder);

/* The events there are now, and no more: for lists of runs. `cancellable` may be NULL. */
QtrRunSnapshot *qtr_run_snapshot_load(const char *dir);
