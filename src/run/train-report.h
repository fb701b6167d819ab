#pragma once
#include "run/record.h"

/* What a training says at the end of an epoch (method.md 10). */

typedef struct {
    guint epoch, epochs;
    double loss, psnr, lr; /* psnr: of the validation, in dB; NAN: no image could be measured */
    double seconds;
    gboolean is_best, full_precision;
} QtrTrainFigures;

/* Says once how much there is to train with, and what the lines of the epochs show. */
void qtr_train_report_start(QtrLog *log, guint images, guint valid, guint steps, int batch);

/* Writes the curves, the event and the log line. */
gboolean qtr_train_report_epoch(QtrRecord *record, const QtrTrainFigures *figures, GError **error);
