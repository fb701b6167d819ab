#pragma once
#include "nn/options.h"

#include <glib.h>

/* What changes from epoch to epoch (method.md 7, 8 and 10). Epochs count from 0. */

/* The reference's step decay: every QTR_LINEAR_EPOCHS epochs times the factor. */
#define QTR_LINEAR_EPOCHS 3
#define QTR_LINEAR_FACTOR_SEARCH 0.8
#define QTR_LINEAR_FACTOR_TRAIN 0.7

/* cosine: to 0 over `epochs`; linear: times `factor` every QTR_LINEAR_EPOCHS. */
double qtr_schedule_lr(QtrSchedule schedule, double lr, double factor, guint epoch, guint epochs);

/* From max to min over the epochs from `warm_up` on; max before. */
double qtr_schedule_temperature(double max, double min, guint warm_up, guint epoch, guint epochs);

/* `coef`, times w1*w2 for entropy; 0 for none. */
double qtr_schedule_sparse(QtrSparsity type, double coef, guint epoch, guint epochs);
