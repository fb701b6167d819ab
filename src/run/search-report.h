#pragma once
#include "nn/net.h"
#include "run/record.h"

/* What a search says at the end of an epoch (method.md 8). */

typedef struct {
    const char *phase;
    guint epoch, epochs;
    double train_loss, alpha_loss, val_loss; /* alpha_loss: of the last one read, or NAN */
    double lr, temperature;
    QtrNetResults results; /* of the epoch's last step */
    double seconds;
    gboolean is_best;
    QtrGenotype genotype; /* of the report before; set by each */
    gboolean has_genotype;
} QtrSearchFigures;

/* Says once what the lines of the epochs show. */
void qtr_search_report_legend(QtrLog *log);

/* Writes arch_<epoch>.gen, best_arch.gen if it is the best, the drawing, the curves, the event and
 * the log line. */
gboolean qtr_search_report_epoch(QtrRecord *record, QtrNet *net, QtrSearchFigures *figures,
                                 GError **error);
