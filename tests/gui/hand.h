#pragma once
#include <gtk/gtk.h>

/* Mouse and keyboard of the X server, as a user has them: what is not on screen, covered or without
 * the focus gets nothing. By xdotool. */

/* FALSE if there is no xdotool (then the test is to be skipped). */
gboolean hand_init(void);

/* Clicks the middle of a widget, scrolled to first where it is in something that scrolls, or the
 * place (x, y) in it. It must be mapped, sensitive and within its window. */
void hand_click(GtkWidget *widget);
void hand_click_at(GtkWidget *widget, double x, double y);
void hand_move(GtkWidget *widget, double x, double y);
/* From place to place in a widget with the first button, with `modifier` ("shift") held if not
 * NULL. */
void hand_drag(GtkWidget *widget, graphene_point_t from, graphene_point_t to, const char *modifier);
/* Takes what `from` offers to be dragged and drops it on the middle of `to`, maybe in another
 * window. */
void hand_drop(GtkWidget *from, GtkWidget *to);
/* Turns the wheel over the middle of the widget; up for positive `notches`. */
void hand_scroll(GtkWidget *widget, int notches, const char *modifier);
/* Moves the widget's window to this place of the screen. */
void hand_place(GtkWidget *widget, int x, int y);
/* Puts the pointer where it touches nothing. */
void hand_rest(void);

/* Keys go to the window of `widget`, to whatever has the focus in it. */
void hand_type(GtkWidget *widget, const char *text);
void hand_press(GtkWidget *widget, const char *keys); /* "Return", "ctrl+s" */

/* Clicks into an entry or a spin button, replaces its text and presses Return. */
void hand_enter(GtkWidget *entry, const char *text);
/* Opens what a button or row drops down and clicks the entry that reads so. */
void hand_choose(GtkWidget *widget, const char *text);
