#pragma once
#include "image/image.h"
#include "qtr-viewport.h"

#include <gio/gio.h>

/* Work on pictures that would hold up the window: each runs in a thread and calls `done` in the
 * main thread, unless cancelled. */

/* What is compared. */
typedef enum {
    QTR_SLOT_NEAREST, /* the LR image, enlarged */
    QTR_SLOT_BICUBIC,
    QTR_SLOT_A, /* what the networks make of it */
    QTR_SLOT_B,
    QTR_SLOT_HR,
    QTR_SLOTS
} QtrSlot;
const char *qtr_slot_title(QtrSlot slot); /* translated */

/* Reads an LR image and, unless NULL, its HR image, and enlarges the former by `scale`, with HR to
 * its size. `done` takes `images` of QTR_SLOTS (each may be NULL) or an error. */
typedef void (*QtrImagesDone)(QtrImage **images, const GError *error, gpointer user_data);
void qtr_image_work_open(const char *lr, const char *hr, int scale, GCancellable *cancellable,
                         QtrImagesDone done, gpointer user_data);
/* Reads one image. */
typedef void (*QtrImageDone)(QtrImage *image, const GError *error, gpointer user_data);
void qtr_image_work_load(const char *path, GCancellable *cancellable, QtrImageDone done,
                         gpointer user_data);
/* The difference of two images of one size as a heat map: `gain` times the largest difference of a
 * pixel's channels. `owner` keeps both alive until then. */
void qtr_image_work_difference(const QtrImage *a, const QtrImage *b, double gain, GObject *owner_a,
                               GObject *owner_b, GCancellable *cancellable, QtrImageDone done,
                               gpointer user_data);

typedef struct {
    double psnr, ssim; /* NAN: cannot be measured */
} QtrQuality;
/* Of the area of two images of one size; an area of width 0 is the whole, less 4 pixels a side. */
typedef void (*QtrQualityDone)(const QtrQuality *quality, gpointer user_data);
void qtr_image_work_measure(const QtrImage *image, const QtrImage *reference, QtrArea area,
                            GObject *owner_a, GObject *owner_b, GCancellable *cancellable,
                            QtrQualityDone done, gpointer user_data);
