#include "hand.h"

#include "stage.h"

#include <gdk/x11/gdkx.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
/* cmocka needs the headers above */
#include <cmocka.h>

#define REST "2590" /* beyond every window of the tests */

gboolean hand_init(void)
{
    g_autofree char *path = g_find_program_in_path("xdotool");

    return path != NULL;
}

static void on_xdotool_exit(GObject *source, GAsyncResult *result, gpointer done)
{
    *(gboolean *)done = TRUE;
    assert_true(g_subprocess_wait_check_finish(G_SUBPROCESS(source), result, NULL));
}

static gboolean is_set(gpointer done)
{
    return *(gboolean *)done;
}

/* While it acts, the window lives on. */
static void xdotool(const char *const *words)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autoptr(GSubprocess) process = NULL;
    gboolean done = FALSE;

    g_ptr_array_add(argv, (gpointer) "xdotool");
    for (; *words; words++)
        g_ptr_array_add(argv, (gpointer)*words);
    g_ptr_array_add(argv, NULL);
    process = g_subprocess_newv((const char *const *)argv->pdata, G_SUBPROCESS_FLAGS_NONE, NULL);
    assert_non_null(process);
    g_subprocess_wait_async(process, NULL, on_xdotool_exit, &done);
    assert_true(stage_wait(is_set, &done, 30));
    stage_settle(0.1);
}

typedef struct {
    char window[32], x[32], y[32];
} Place;

static void find_window(GtkWidget *widget, Place *place)
{
    GdkSurface *surface = gtk_native_get_surface(gtk_widget_get_native(widget));

    (void)g_snprintf(place->window, sizeof place->window, "%lu",
                     (unsigned long)gdk_x11_surface_get_xid(surface));
}

static Place find_place(GtkWidget *widget, double x, double y)
{
    GtkNative *native = gtk_widget_get_native(widget);
    double left, top, in_x, in_y;
    Place place;

    assert_non_null(native);
    assert_true(gtk_widget_get_mapped(widget));
    assert_true(gtk_widget_translate_coordinates(widget, GTK_WIDGET(native), x, y, &in_x, &in_y));
    if (in_x < 0 || in_y < 0 || in_x >= gtk_widget_get_width(GTK_WIDGET(native)) ||
        in_y >= gtk_widget_get_height(GTK_WIDGET(native)))
        fail_msg("%s is out of its window", G_OBJECT_TYPE_NAME(widget));
    gtk_native_get_surface_transform(native, &left, &top);
    find_window(widget, &place);
    (void)g_snprintf(place.x, sizeof place.x, "%d", (int)(in_x + left));
    (void)g_snprintf(place.y, sizeof place.y, "%d", (int)(in_y + top));
    return place;
}

void hand_move(GtkWidget *widget, double x, double y)
{
    Place at = find_place(widget, x, y);

    xdotool((const char *const[]){"mousemove", "--window", at.window, at.x, at.y, NULL});
}

void hand_click_at(GtkWidget *widget, double x, double y)
{
    Place at;

    stage_settle(0.1); /* what just appeared finds its place */
    assert_true(gtk_widget_is_sensitive(widget));
    at = find_place(widget, x, y);
    xdotool((const char *const[]){"mousemove", "--window", at.window, at.x, at.y, "sleep", "0.03",
                                  "mousedown", "1", "sleep", "0.03", "mouseup", "1", NULL});
}

/* As the wheel would. */
static void scroll_to(GtkWidget *widget)
{
    GtkWidget *scroller = gtk_widget_get_ancestor(widget, GTK_TYPE_SCROLLED_WINDOW);
    GtkAdjustment *place;
    double x, y, height;

    if (!scroller || !gtk_widget_translate_coordinates(widget, scroller, 0,
                                                       gtk_widget_get_height(widget) / 2.0, &x, &y))
        return;
    height = gtk_widget_get_height(scroller);
    if (y > 20 && y < height - 20)
        return;
    place = gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scroller));
    gtk_adjustment_set_value(place, gtk_adjustment_get_value(place) + y - height / 2);
    stage_settle(0.3);
}

void hand_click(GtkWidget *widget)
{
    assert_non_null(widget);
    stage_settle(0.2);
    scroll_to(widget);
    hand_click_at(widget, gtk_widget_get_width(widget) / 2.0, gtk_widget_get_height(widget) / 2.0);
}

static void hold(const char *modifier, const char *verb)
{
    if (modifier)
        xdotool((const char *const[]){verb, modifier, NULL});
}

void hand_drag(GtkWidget *widget, graphene_point_t from, graphene_point_t to, const char *modifier)
{
    Place a = find_place(widget, from.x, from.y), b = find_place(widget, to.x, to.y);
    Place half = find_place(widget, (from.x + to.x) / 2, (from.y + to.y) / 2);

    hold(modifier, "keydown");
    xdotool((const char *const[]){"mousemove", "--window",  a.window, a.x,     a.y,     "sleep",
                                  "0.05",      "mousedown", "1",      "sleep", "0.05",  "mousemove",
                                  "--window",  half.window, half.x,   half.y,  "sleep", "0.05",
                                  "mousemove", "--window",  b.window, b.x,     b.y,     "sleep",
                                  "0.05",      "mouseup",   "1",      NULL});
    hold(modifier, "keyup");
}

void hand_drop(GtkWidget *from, GtkWidget *to)
{
    double width = gtk_widget_get_width(from), height = gtk_widget_get_height(from);
    Place a = find_place(from, width / 2, height / 2);
    Place b = find_place(from, width / 2 + 20, height / 2);
    Place c = find_place(to, gtk_widget_get_width(to) / 2.0 - 4, gtk_widget_get_height(to) / 2.0);
    Place d = find_place(to, gtk_widget_get_width(to) / 2.0, gtk_widget_get_height(to) / 2.0);

    xdotool((const char *const[]){
        "mousemove", "--window", a.window, a.x,   a.y,         "sleep",    "0.05",
        "mousedown", "1",        "sleep",  "0.1", "mousemove", "--window", b.window,
        b.x,         b.y,        "sleep",  "0.2", "mousemove", "--window", c.window,
        c.x,         c.y,        "sleep",  "0.3", "mousemove", "--window", d.window,
        d.x,         d.y,        "sleep",  "0.3", "mouseup",   "1",        NULL});
    stage_settle(0.3);
}

void hand_scroll(GtkWidget *widget, int notches, const char *modifier)
{
    g_autofree char *count = g_strdup_printf("%d", ABS(notches));

    hand_move(widget, gtk_widget_get_width(widget) / 2.0, gtk_widget_get_height(widget) / 2.0);
    hold(modifier, "keydown");
    xdotool((const char *const[]){"click", "--repeat", count, notches > 0 ? "4" : "5", NULL});
    hold(modifier, "keyup");
}

void hand_place(GtkWidget *widget, int x, int y)
{
    char left[16], top[16];
    Place place;

    find_window(GTK_WIDGET(gtk_widget_get_root(widget)), &place);
    (void)g_snprintf(left, sizeof left, "%d", x);
    (void)g_snprintf(top, sizeof top, "%d", y);
    xdotool((const char *const[]){"windowmove", place.window, left, top, NULL});
}

void hand_rest(void)
{
    xdotool((const char *const[]){"mousemove", REST, REST, NULL});
}

void hand_press(GtkWidget *widget, const char *keys)
{
    Place place;

    find_window(GTK_WIDGET(gtk_widget_get_root(widget)), &place);
    xdotool((const char *const[]){"windowfocus", "--sync", place.window, "key", keys, NULL});
}

/* xdotool's own ends of lines come before their time. */
void hand_type(GtkWidget *widget, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    Place place;

    find_window(GTK_WIDGET(gtk_widget_get_root(widget)), &place);
    for (char **line = lines; *line; line++) {
        if (**line)
            xdotool((const char *const[]){"windowfocus", "--sync", place.window, "type", "--delay",
                                          "4", *line, NULL});
        if (line[1])
            hand_press(widget, "Return");
    }
}

void hand_enter(GtkWidget *entry, const char *text)
{
    scroll_to(entry);
    hand_click_at(entry, 20, gtk_widget_get_height(entry) / 2.0);
    hand_press(entry, "ctrl+a");
    hand_type(entry, text);
    hand_press(entry, "Return");
}

void hand_choose(GtkWidget *widget, const char *text)
{
    GtkWidget *popover;

    hand_click(widget);
    popover = stage_find_type(widget, GTK_TYPE_POPOVER);
    assert_non_null(popover);
    assert_true(stage_comes_to_read(popover, text, 10));
    hand_click(stage_find(popover, stage_shows_text, text));
    stage_settle(0.3);
}
