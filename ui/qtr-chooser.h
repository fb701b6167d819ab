#pragma once
#include <gtk/gtk.h>

/* Asking for a file or folder, with the desktop's own dialog. `done` gets local paths, is not
 * called if nothing was chosen, and neither once `widget` is gone. */
typedef void (*QtrChooserDone)(GtkWidget *widget, const char *const *paths, gpointer user_data);

typedef struct {
    const char *title; /* NULL: as the action says */
    GtkFileChooserAction action;
    const char *name;            /* suggested, of a file to save */
    const char *folder;          /* to begin in; NULL: the last one */
    const char *filter_title;    /* NULL: all files */
    const char *const *patterns; /* of the filter, NULL-terminated: "*.png" */
    gboolean many;
} QtrChooserParams;

/* `user_data` is freed by `free_data` (may be NULL) in any case. */
void qtr_chooser_ask(GtkWidget *widget, const QtrChooserParams *params, QtrChooserDone done,
                     gpointer user_data, GDestroyNotify free_data);
/* For one folder, beginning where runs are kept (preferences). */
void qtr_chooser_ask_run_folder(GtkWidget *widget, const char *title, QtrChooserDone done);
