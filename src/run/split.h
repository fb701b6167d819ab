#pragma once
#include "run/config.h"

/* The samples of a search: who trains weights, who alphas, who validates (method.md 1). */
typedef struct {
    guint32 *indices;                        /* positions in the list, shuffled; owned */
    guint32 weights_at, alphas_at, valid_at; /* where each part begins in indices */
    guint32 n;                               /* of each part */
} QtrSplit;

/* Of a list of `count` > 0 images. Each part has at least one batch or, where the list is shorter,
 * all of it; parts then coincide, which `log` is told. */
void qtr_split_init(QtrSplit *split, guint32 count, const QtrConfig *config, QtrLog *log);
/* Steps of an epoch: what it takes to show a part once. */
guint32 qtr_split_steps(const QtrSplit *split, const QtrConfig *config);
/* Which of the `count` images do what: "70 train weights, 70 others train alphas and validate, 60
 * are not used". Free with g_free. */
char *qtr_split_text(const QtrSplit *split, guint32 count);
void qtr_split_clear(QtrSplit *split);
