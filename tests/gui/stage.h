#pragma once
#include <adwaita.h>

/* A real window to test widgets in: shown, waited for, clicked, photographed. */

/* Starts GTK and libadwaita; FALSE without a display or xdotool (then the test is to be skipped).
 */
gboolean stage_init(void);

/* Shows `widget` alone in a window, `width` x `height`, light or dark. */
GtkWindow *stage_show(GtkWidget *widget, int width, int height, gboolean dark);
void stage_resize(GtkWindow *window, int width, int height);
/* Destroys the window and asserts that `widget` (the one shown) is freed. */
void stage_close(GtkWindow *window, GtkWidget *widget);

/* Runs the main loop until `holds` says so, at most `seconds`; whether it came to hold. */
typedef gboolean (*StageCondition)(gpointer user_data);
gboolean stage_wait(StageCondition holds, gpointer user_data, double seconds);
/* Runs it so long, and until nothing is left that was due by then. */
void stage_settle(double seconds);

/* What the window shows, as screenshots/NAME.png in the current folder, or in QTR_SCREENSHOTS. */
void stage_shot(GtkWindow *window, const char *name);

/* The first widget below `root` for which `matches` holds, or NULL. */
typedef gboolean (*StageMatch)(GtkWidget *widget, gconstpointer what);
GtkWidget *stage_find(GtkWidget *root, StageMatch matches, gconstpointer what);
gboolean stage_shows_text(GtkWidget *widget, gconstpointer text);   /* a label with this in it */
gboolean stage_has_action(GtkWidget *widget, gconstpointer action); /* a button of an action */
GtkWidget *stage_find_type(GtkWidget *root, GType type);
/* Whether a mapped label below `root` has `text` in it. */
gboolean stage_reads(GtkWidget *root, const char *text);
/* Whether it does so within `seconds`. */
gboolean stage_comes_to_read(GtkWidget *root, const char *text, double seconds);
/* Gives the file dialog that opens `path` to save to, or to open. */
void stage_choose_file(const char *path);
/* Clicks a button with the mouse; it must be visible and sensitive. */
void stage_click(GtkWidget *button);
