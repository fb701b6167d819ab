#pragma once
#include "qtr-document.h"
#include "qtr-window.h"

/* What the files of QtrWindow share. */
struct _QtrWindow {
    AdwApplicationWindow parent_instance;

    GSettings *settings;
    QtrDocument *document;
    GtkFileChooserNative *chooser; /* while it is open */
    guint folding;                 /* source, 0: none */

    /* template widgets */
    AdwToastOverlay *toasts;
    AdwWindowTitle *window_title;
    GtkWidget *sidebar_button;
    GMenu *recent_menu;
    GtkWidget *open_button;
    GtkWidget *run_button;
    GtkMenuButton *menu_button;
    GtkStack *pages;
    AdwFlap *flap;
    GtkListBox *sidebar;
    GtkStack *panels;
};

void qtr_window_install_run_actions(GtkWidgetClass *klass);
void qtr_window_install_image_actions(GtkWidgetClass *klass);
/* FALSE: the window stays, to ask about the runs that still go. */
gboolean qtr_window_close_with_runs(QtrWindow *self);
/* Runs a configuration file as a child process, `cwd` its working folder (NULL: ours). */
void qtr_window_start_run(QtrWindow *self, const char *config, const char *name, const char *cwd);

/* Shows the run or the batch in a folder, or says why it cannot. */
void qtr_window_open_folder(QtrWindow *self, const char *path);

void qtr_window_install_document_actions(GtkWidgetClass *klass);
/* FALSE: the window stays, to ask about unsaved changes. */
gboolean qtr_window_close_document(QtrWindow *self);
void qtr_window_accept_drops(QtrWindow *self);
/* Title, buttons and actions as the document and the panel are. */
void qtr_window_update_document(QtrWindow *self);

/* The files of this application used last, as a menu; and one more of them. */
void qtr_window_update_recent(QtrWindow *self);
void qtr_window_remember(QtrWindow *self, const char *path);

/* What is done once the text is saved, or need not be. */
typedef void (*QtrContinuation)(QtrWindow *self, const char *parameter);
/* Goes on once nothing unsaved would be lost. */
void qtr_window_when_saved(QtrWindow *self, QtrContinuation go_on, const char *parameter);
/* Saves where it belongs, asking where that is if need be, then goes on; NULL: there is no more. */
void qtr_window_save_then(QtrWindow *self, QtrContinuation go_on, const char *parameter);
void qtr_window_save_as_then(QtrWindow *self, QtrContinuation go_on, const char *parameter);
/* For a configuration. */
GtkFileChooserNative *qtr_window_make_chooser(QtrWindow *self, GtkFileChooserAction action);
/* The path chosen, NULL if none; done with the window's chooser. Free with g_free. */
char *qtr_window_take_chosen(QtrWindow *self, int response);

/* Leaves the first-start page. */
void qtr_window_show_panel(QtrWindow *self, const char *name);
