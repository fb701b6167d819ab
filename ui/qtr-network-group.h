#pragma once
#include "qtr-comparison.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The two networks of a comparison, chosen among the runs of a folder, and whether they are at
 * work. */
#define QTR_TYPE_NETWORK_GROUP (qtr_network_group_get_type())
G_DECLARE_FINAL_TYPE(QtrNetworkGroup, qtr_network_group, QTR, NETWORK_GROUP, AdwPreferencesGroup)

/* Borrowed until it is replaced; NULL: none. */
void qtr_network_group_set_comparison(QtrNetworkGroup *self, QtrComparison *comparison);
/* Offers the runs beside this one, too; without it those of the settings' folder. */
void qtr_network_group_cover(QtrNetworkGroup *self, const char *run_dir);

G_END_DECLS
