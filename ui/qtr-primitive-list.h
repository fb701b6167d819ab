#pragma once
#include "qtr-document.h"
#include "search/space.h"

#include <adwaita.h>

/* The primitives of one block, to be ticked, each with its cost per bit width as a bar; the costs
 * are of all layers of the block, as often as they stand in the network. */
#define QTR_TYPE_PRIMITIVE_LIST (qtr_primitive_list_get_type())
G_DECLARE_FINAL_TYPE(QtrPrimitiveList, qtr_primitive_list, QTR, PRIMITIVE_LIST, AdwExpanderRow)

/* `document` is borrowed for the list's life. */
GtkWidget *qtr_primitive_list_new(QtrBlock block, QtrDocument *document);

/* `space`: of `arch` with every primitive offered to every block. */
void qtr_primitive_list_show(QtrPrimitiveList *list, const QtrArch *arch, const QtrSpace *space);

/* The check button of a primitive. */
GtkWidget *qtr_primitive_list_get_check(QtrPrimitiveList *list, const char *primitive);
