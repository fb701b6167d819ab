#pragma once
#include "qtr-comparison.h"
#include "qtr-run-list.h"

/* The trained networks to choose from, "None" first. */
typedef struct QtrNetworkList QtrNetworkList;

QtrNetworkList *qtr_network_list_new(void);
void qtr_network_list_free(QtrNetworkList *list); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QtrNetworkList, qtr_network_list_free)

/* Those of `runs`, and what `comparison` has from elsewhere. */
void qtr_network_list_fill(QtrNetworkList *list, QtrRunList *runs, QtrComparison *comparison);
/* Of GtkStringObject, another one after each filling; borrowed. */
GListModel *qtr_network_list_get_names(QtrNetworkList *list);
/* The run folder at `index`; NULL: none. */
const char *qtr_network_list_get_dir(QtrNetworkList *list, guint index);
guint qtr_network_list_find(QtrNetworkList *list, const char *dir); /* 0 if it is not in it */
/* Whether a run has left a trained network. */
gboolean qtr_network_list_has_one(const QtrRunSnapshot *snapshot);
