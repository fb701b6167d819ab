#pragma once
#include "qtr-comparison.h"
#include "qtr-image-pair.h"
#include "qtr-panel.h"

G_BEGIN_DECLS

/* Compares enlargements of an image: by pixel, bicubic, by up to two trained networks, and HR. */
#define QTR_TYPE_IMAGES_PANEL (qtr_images_panel_get_type())
G_DECLARE_FINAL_TYPE(QtrImagesPanel, qtr_images_panel, QTR, IMAGES_PANEL, QtrPanel)

QtrComparison *qtr_images_panel_get_comparison(QtrImagesPanel *self);
QtrImagePair *qtr_images_panel_get_pair(QtrImagesPanel *self);
/* An image, its original or "", and the run whose network enlarges it or "". */
void qtr_images_panel_open(QtrImagesPanel *self, const char *run_dir, const char *lr,
                           const char *hr);

G_END_DECLS
