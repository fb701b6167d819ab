#pragma once
#include "qtr-run-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The network a run has found, drawn, with its genotype as text; saved as SVG, PNG or .gen. */
#define QTR_TYPE_RUN_NETWORK (qtr_run_network_get_type())
G_DECLARE_FINAL_TYPE(QtrRunNetwork, qtr_run_network, QTR, RUN_NETWORK, AdwBin)

/* Invisible while the snapshot has no genotype. */
void qtr_run_network_set_snapshot(QtrRunNetwork *self, QtrRunSnapshot *snapshot);

G_END_DECLS
