#pragma once
#include "qtr-image-work.h"
#include "qtr-pyramid.h"

G_BEGIN_DECLS

/* What is compared: an image enlarged plainly, by up to two networks, and its original. Everything
 * is made in threads and child processes. Signals: `changed`, `failed` (message for people). */
#define QTR_TYPE_COMPARISON (qtr_comparison_get_type())
G_DECLARE_FINAL_TYPE(QtrComparison, qtr_comparison, QTR, COMPARISON, GObject)

QtrComparison *qtr_comparison_new(void);
/* NULL `hr`: without. Networks chosen before enlarge the new image. */
void qtr_comparison_open(QtrComparison *self, const char *lr, const char *hr);
const char *qtr_comparison_get_lr(QtrComparison *self); /* path or NULL */
const char *qtr_comparison_get_hr(QtrComparison *self);
/* Network 0 (A) or 1 (B): a run folder with best.safetensors; NULL: none. */
void qtr_comparison_set_network(QtrComparison *self, int index, const char *run_dir);
const char *qtr_comparison_get_network(QtrComparison *self, int index);

QtrPyramid *qtr_comparison_get(QtrComparison *self, QtrSlot slot); /* NULL: not there (yet) */
gboolean qtr_comparison_is_busy(QtrComparison *self);
/* Ends the enlarging under way; those networks are let go. */
void qtr_comparison_cancel(QtrComparison *self);

/* The area measured beside the whole; width 0: none. */
void qtr_comparison_set_area(QtrComparison *self, QtrArea area);
/* Against HR. NAN while unknown. */
QtrQuality qtr_comparison_get_quality(QtrComparison *self, QtrSlot slot, gboolean of_area);
/* Of network 0 or 1: seconds the last enlarging took, and BitOps at 32 x 32; NAN: unknown. */
double qtr_comparison_get_seconds(QtrComparison *self, int index);
double qtr_comparison_get_bitops(QtrComparison *self, int index);
/* The file of an SR image as the network left it; NULL: there is none. */
const char *qtr_comparison_get_result(QtrComparison *self, int index);

G_END_DECLS
