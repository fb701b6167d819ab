#pragma once
#include "qtr-document.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Buttons to choose bit widths by, for a key that is a list of them. What is pressed is written
 * into the document. */
#define QTR_TYPE_BITS_BOX (qtr_bits_box_get_type())
G_DECLARE_FINAL_TYPE(QtrBitsBox, qtr_bits_box, QTR, BITS_BOX, AdwBin)

GtkWidget *qtr_bits_box_new(const char *key, QtrDocument *document); /* borrows both */
void qtr_bits_box_refresh(QtrBitsBox *self);                         /* shows arch.bits */

G_END_DECLS
