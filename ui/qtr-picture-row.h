#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

/* The validation pictures of a run that has left a trained network, to choose from; invisible until
 * there are some. Signals: `offered` (run folder) when a run was read and has a network, `chosen`
 * (path of the LR image, of the HR image or NULL). */
#define QTR_TYPE_PICTURE_ROW (qtr_picture_row_get_type())
G_DECLARE_FINAL_TYPE(QtrPictureRow, qtr_picture_row, QTR, PICTURE_ROW, AdwComboRow)

/* Reads the run in a thread. Without a network nothing changes. */
void qtr_picture_row_offer(QtrPictureRow *self, const char *run_dir);
/* Selects the picture whose LR image this is, without a word; none if it is another (or NULL). */
void qtr_picture_row_show(QtrPictureRow *self, const char *lr);
/* Emits `chosen` for the picture that is selected. */
void qtr_picture_row_choose(QtrPictureRow *self);

G_END_DECLS
