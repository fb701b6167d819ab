#pragma once
#include <gtk/gtk.h>

/* The actions of QtrImagesPanel that ask for a file: images.open, images.open-hr and images.save,
 * whose target says what ("result-a", "result-b", "comparison", "selection"). */
void qtr_images_actions_install(GtkWidgetClass *klass);
