#pragma once
#include "qtr-application.h"
#include "qtr-panel.h"

/* The window: a sidebar of panels, listed in one table in qtr-window.c. */
#define QTR_TYPE_WINDOW (qtr_window_get_type())
G_DECLARE_FINAL_TYPE(QtrWindow, qtr_window, QTR, WINDOW, AdwApplicationWindow)

QtrWindow *qtr_window_new(QtrApplication *application);

/* The panel of a name ("space"), NULL if there is none; borrowed. */
QtrPanel *qtr_window_get_panel(QtrWindow *window, const char *name);
/* Opens a configuration, after asking about unsaved changes, an image, or the run or batch in a
 * folder. */
void qtr_window_open(QtrWindow *window, GFile *file);
