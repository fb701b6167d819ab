#include "run/schedule.h"

#include <math.h>

double qtr_schedule_lr(QtrSchedule schedule, double lr, double factor, guint epoch, guint epochs)
{
    guint drops = epoch / QTR_LINEAR_EPOCHS;

    if (schedule == QTR_SCHEDULE_LINEAR)
        return lr * pow(factor, drops);
    return lr * 0.5 * (1 + cos(G_PI * epoch / MAX(epochs, 1)));
}

double qtr_schedule_temperature(double max, double min, guint warm_up, guint epoch, guint epochs)
{
    guint last = epochs > warm_up + 1 ? epochs - warm_up - 1 : 0;

    if (epoch <= warm_up || last == 0)
        return max;
    return max + (min - max) * MIN(epoch - warm_up, last) / last;
}

double qtr_schedule_sparse(QtrSparsity type, double coef, guint epoch, guint epochs)
{
    guint quarter = epochs / 4;
    double w1, w2;

    if (type == QTR_SPARSITY_NONE)
        return 0;
    if (type != QTR_SPARSITY_ENTROPY)
        return coef;
    w1 = epochs > 1 ? (double)epoch / (epochs - 1) : 0;
    w2 = epoch < quarter ? 0 : log(epoch - quarter + 2) / log(epochs - quarter + 1);
    return coef * w1 * w2;
}
