#pragma once
#include <adwaita.h>

/* One page of the window. Subclasses set `title` and `icon-name` (in their class's init or
 * template) and are listed in the table of qtr-window.c. What panels ask of the window goes through
 * its actions, so that a panel works (silently) without one:
 *   win.toast 's'     shows a message
 *   win.show-run 's'  shows the run folder in the Monitor panel
 *   win.show-panel 's' by its name in the table ("space", "config", "batch", "monitor", ...)
 * and everything an editor of the configuration needs through `document`. */

#define QTR_TYPE_PANEL (qtr_panel_get_type())
G_DECLARE_DERIVABLE_TYPE(QtrPanel, qtr_panel, QTR, PANEL, AdwBin)

typedef struct _QtrDocument QtrDocument; /* qtr-document.h */

struct _QtrPanelClass {
    AdwBinClass parent_class;

    /* The window's document, given once before the panel is shown; borrowed for the panel's life.
     */
    void (*set_document)(QtrPanel *panel, QtrDocument *document);
    /* Shows what is in a run folder; only for panels that can. */
    void (*show_run)(QtrPanel *panel, const char *folder);
};

const char *qtr_panel_get_title(QtrPanel *panel);
const char *qtr_panel_get_icon_name(QtrPanel *panel);
void qtr_panel_set_document(QtrPanel *panel, QtrDocument *document);
void qtr_panel_show_run(QtrPanel *panel, const char *folder);

/* Shows a message at the bottom of the widget's window. */
void qtr_toast(GtkWidget *widget, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Shows there that a file was saved to `path`, or with an error (may be NULL) why it was not. */
void qtr_toast_saved(GtkWidget *widget, const char *path, const GError *error);
