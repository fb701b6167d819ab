#pragma once
#include "qtr-window.h"

/* What the files of QtrWindow share. */
struct _QtrWindow {
    AdwApplicationWindow parent_instance;

    GSettings *settings;

    /* template widgets */
    AdwToastOverlay *toasts;
    AdwWindowTitle *window_title;
    GtkWidget *sidebar_button;
    GtkMenuButton *menu_button;
    GtkStack *pages;
    AdwFlap *flap;
    GtkListBox *sidebar;
    GtkStack *panels;
};

void qtr_window_install_run_actions(GtkWidgetClass *klass);
/* FALSE: the window stays, to ask about the runs that still go. */
gboolean qtr_window_close_with_runs(QtrWindow *self);
/* Leaves the first-start page. */
void qtr_window_show_panel(QtrWindow *self, const char *name);
