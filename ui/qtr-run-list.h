#pragma once
#include "qtr-run-item.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* All runs below a folder: a GListModel of QtrRunItem, newest first. Scanned in a thread; what has
 * not changed is not read again. Property `loading`. */
#define QTR_TYPE_RUN_LIST (qtr_run_list_get_type())
G_DECLARE_FINAL_TYPE(QtrRunList, qtr_run_list, QTR, RUN_LIST, GObject)

QtrRunList *qtr_run_list_new(void);
/* Another folder empties the list. */
void qtr_run_list_set_folder(QtrRunList *self, const char *folder);
/* Takes the folder that `run_dir` lies in, unless the present one holds it; whether it did. */
gboolean qtr_run_list_cover(QtrRunList *self, const char *run_dir);
const char *qtr_run_list_get_folder(QtrRunList *self);
void qtr_run_list_refresh(QtrRunList *self);
gboolean qtr_run_list_is_loading(QtrRunList *self);

G_END_DECLS
