#pragma once
#include "qtr-devices.h"
#include "qtr-document.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What a new batch is to be: name, penalties, trials and devices. */
#define QTR_TYPE_BATCH_SETUP (qtr_batch_setup_get_type())
G_DECLARE_FINAL_TYPE(QtrBatchSetup, qtr_batch_setup, QTR, BATCH_SETUP, AdwBin)

void qtr_batch_setup_set_document(QtrBatchSetup *self, QtrDocument *document);
/* Arguments of `batch` for the program, without the configuration's file, which is `config`, and
 * whose runs lie in `runs_folder`/name. NULL, with the reason for people, while something is wrong.
 */
GPtrArray *qtr_batch_setup_arguments(QtrBatchSetup *self, const char *config,
                                     const char *runs_folder, char **reason);
const char *qtr_batch_setup_get_name(QtrBatchSetup *self);

G_END_DECLS
