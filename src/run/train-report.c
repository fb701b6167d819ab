#include "run/train-report.h"

#include <math.h>
#include <string.h>

void qtr_train_report_start(QtrLog *log, guint images, guint valid, guint steps, int batch)
{
    qtr_info(log,
             "%u images for training, %u for validation; steps an epoch: %u, of %d crops each\n"
             "a line an epoch: loss, PSNR of validation (* the highest yet, which is kept)",
             images, valid, steps, batch);
}

/* One line that fits 80 columns, its columns below each other. */
static void log_epoch(QtrLog *log, const QtrTrainFigures *f)
{
    g_autofree char *last = g_strdup_printf("%u", f->epochs);

    qtr_info(log, "epoch %*u/%s  loss %.5f  valid %.3f dB%c  %.*f s%s", (int)strlen(last),
             f->epoch + 1, last, f->loss, f->psnr, f->is_best ? '*' : ' ', f->seconds < 100 ? 1 : 0,
             f->seconds, f->full_precision ? "  full precision" : "");
}

gboolean qtr_train_report_epoch(QtrRecord *record, const QtrTrainFigures *f, GError **error)
{
    QtrEventEpoch event = {.phase = "train",
                           .epoch = f->epoch,
                           .epochs = f->epochs,
                           .train_loss = f->loss,
                           .alpha_loss = NAN,
                           .val_loss = NAN,
                           .psnr = f->psnr,
                           .lr = f->lr,
                           .temperature = NAN,
                           .cost = NAN,
                           .memory = NAN,
                           .best_cost = NAN,
                           .bitops_32 = NAN,
                           .best_memory = NAN,
                           .seconds = f->seconds,
                           .is_best = f->is_best};

    log_epoch(record->job->log, f);
    return qtr_tensorboard_scalar(record->board, "train/loss", f->epoch, f->loss, error) &&
           qtr_tensorboard_scalar(record->board, "train/psnr/val", f->epoch, f->psnr, error) &&
           qtr_tensorboard_scalar(record->board, "train/lr", f->epoch, f->lr, error) &&
           qtr_tensorboard_flush(record->board, error) &&
           qtr_events_epoch(record->events, &event, error);
}
