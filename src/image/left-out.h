#pragma once
#include "base/log.h"

/* Images left out for one reason: all are named at debug level, one warning tells how many they
 * are and names the first. A plain value that starts as zeros; of one thread. */
typedef struct {
    guint n;
    GString *first;
} QtrLeftOut;

/* Takes `description`, which begins with the path. */
void qtr_left_out_add(QtrLeftOut *out, char *description, QtrLog *log);
/* "3 images left out: <why>: <the first of them>"; nothing if there is none. Clears `out`. */
void qtr_left_out_warn(QtrLeftOut *out, const char *why, QtrLog *log);
