#pragma once
#include "run/job.h"

/* Progress as one line of text. */

typedef struct {
    int columns;     /* width of the terminal; the line is one shorter */
    gboolean colour; /* ANSI colours */
    gboolean utf8;   /* line-drawing characters */
} QtrBarStyle;

/* "search ━━━━━━━━──────  53%  0:01:23 left  epoch 3/20 loss 0.0421", cut to the width; g_free. */
char *qtr_bar_render(const QtrProgress *progress, const QtrBarStyle *style);

/* The same without a bar, for logs: "search 53%, 0:01:23 left, epoch 3/20 loss 0.0421". */
char *qtr_bar_plain(const QtrProgress *progress);

/* "0:01:23" of seconds; g_free. */
char *qtr_bar_time(double seconds);
