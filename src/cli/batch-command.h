#pragma once
#include "cli/command.h"
#include "run/batch.h"

/* What `batch` and `sample` share. */

/* -g of several devices, for their tables. */
#define QTR_OPTION_DEVICES                                                                         \
    {                                                                                              \
        "gpu", 'g', QTR_OPTION_MANY, G_STRUCT_OFFSET(QtrOptions, devices), "DEVICE",               \
            "OpenCL devices, trials side by side on each (env.gpu); see 'devices'"                 \
    }

#define QTR_RUNS_MAX 1000000 /* of one value, or at random */

/* What trials read beside the configuration. */
#define QTR_CLI_BATCH_NEEDS (QTR_NEEDS_TRAIN_LIST | QTR_NEEDS_VAL_LIST | QTR_NEEDS_SETS)

/* The batch in <env.log_dir>/<-d> on the devices of -g. */
QtrBatch *qtr_cli_batch_open(const QtrCli *cli, const QtrConfig *config, const char *name,
                             GError **error);
/* The batch in the folder of --resume with all its trials, on the devices of -g, else on those they
 * ran on. QTR_ERROR_USAGE also if what trials that are left read is not there any more. */
QtrBatch *qtr_cli_batch_resume(const QtrCli *cli, GError **error);
/* Runs it and shows every trial's outcome. */
gboolean qtr_cli_batch_run(const QtrCli *cli, QtrBatch *batch, GError **error);
