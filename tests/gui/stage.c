#include "stage.h"

#include "hand.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

#include "qtr-settings.h"

#define SETTLE_MOST 3 /* seconds */

gboolean stage_init(void)
{
    GdkDisplay *display;
    GtkCssProvider *style;

    if (!hand_init() || !gtk_init_check())
        return FALSE;
    adw_init();
    display = gdk_display_get_default();
    style = gtk_css_provider_new();
    gtk_css_provider_load_from_resource(style, QTR_RESOURCE_PATH "style.css");
    gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(style),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    g_object_unref(style);
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    return TRUE;
}

static gboolean is_mapped(gpointer widget)
{
    return gtk_widget_get_mapped(widget) && gtk_widget_get_width(widget) > 0;
}

GtkWindow *stage_show(GtkWidget *widget, int width, int height, gboolean dark)
{
    GtkWidget *window = adw_window_new();

    adw_style_manager_set_color_scheme(adw_style_manager_get_default(),
                                       dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                            : ADW_COLOR_SCHEME_FORCE_LIGHT);
    gtk_window_set_default_size(GTK_WINDOW(window), width, height);
    adw_window_set_content(ADW_WINDOW(window), widget);
    gtk_window_present(GTK_WINDOW(window));
    assert_true(stage_wait(is_mapped, widget, 10));
    stage_settle(0.2);
    return GTK_WINDOW(window);
}

void stage_resize(GtkWindow *window, int width, int height)
{
    gtk_window_set_default_size(window, width, height);
    stage_settle(0.4);
}

void stage_close(GtkWindow *window, GtkWidget *widget)
{
    g_object_add_weak_pointer(G_OBJECT(widget), (gpointer *)&widget);
    gtk_window_destroy(window);
    stage_settle(0.2);
    assert_null(widget);
}

static gboolean set_true(gpointer flag)
{
    *(gboolean *)flag = TRUE;
    return G_SOURCE_REMOVE;
}

static gboolean never(gpointer unused)
{
    return FALSE;
}

gboolean stage_wait(StageCondition holds, gpointer user_data, double seconds)
{
    gboolean over = FALSE;
    guint timer = g_timeout_add((guint)(seconds * 1000), set_true, &over);

    while (!over && !holds(user_data))
        g_main_context_iteration(NULL, TRUE);
    if (!over)
        g_source_remove(timer);
    return holds(user_data);
}

void stage_settle(double seconds)
{
    gint64 end;

    (void)stage_wait(never, NULL, seconds);
    /* A busy machine has not got to all that was due by then. */
    end = g_get_monotonic_time() + SETTLE_MOST * G_USEC_PER_SEC;
    while (g_main_context_pending(NULL) && g_get_monotonic_time() < end)
        (void)g_main_context_iteration(NULL, FALSE);
}

/* NULL while the window has something left to lay out. */
static GskRenderNode *snapshot_window(GtkWidget *widget)
{
    g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(widget);
    GtkSnapshot *snapshot = gtk_snapshot_new();

    gdk_paintable_snapshot(paintable, snapshot, gtk_widget_get_width(widget),
                           gtk_widget_get_height(widget));
    return gtk_snapshot_free_to_node(snapshot);
}

void stage_shot(GtkWindow *window, const char *name)
{
    GtkWidget *widget = GTK_WIDGET(window);
    const char *folder = g_getenv("QTR_SCREENSHOTS") ? g_getenv("QTR_SCREENSHOTS") : "screenshots";
    g_autofree char *path = g_strdup_printf("%s/%s.png", folder, name);
    GskRenderNode *node = NULL;
    GdkTexture *texture;
    gboolean saved;

    (void)g_mkdir_with_parents(folder, 0755);
    hand_rest();
    for (int tries = 0; tries < 100 && !(node = snapshot_window(widget)); tries++)
        stage_settle(0.1);
    assert_non_null(node);
    texture =
        gsk_renderer_render_texture(gtk_native_get_renderer(GTK_NATIVE(window)), node,
                                    &GRAPHENE_RECT_INIT(0, 0, (float)gtk_widget_get_width(widget),
                                                        (float)gtk_widget_get_height(widget)));
    saved = gdk_texture_save_to_png(texture, path);
    g_object_unref(texture);
    gsk_render_node_unref(node);
    assert_true(saved);
}

GtkWidget *stage_find(GtkWidget *root, StageMatch matches, gconstpointer what)
{
    if (matches(root, what))
        return root;
    for (GtkWidget *child = gtk_widget_get_first_child(root); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = stage_find(child, matches, what);

        if (found)
            return found;
    }
    return NULL;
}

gboolean stage_shows_text(GtkWidget *widget, gconstpointer text)
{
    return GTK_IS_LABEL(widget) && gtk_widget_get_mapped(widget) &&
           strstr(gtk_label_get_label(GTK_LABEL(widget)), text) != NULL;
}

gboolean stage_has_action(GtkWidget *widget, gconstpointer action)
{
    return GTK_IS_BUTTON(widget) &&
           g_strcmp0(gtk_actionable_get_action_name(GTK_ACTIONABLE(widget)), action) == 0;
}

static gboolean is_of_type(GtkWidget *widget, gconstpointer type)
{
    return G_TYPE_CHECK_INSTANCE_TYPE(widget, GPOINTER_TO_SIZE(type));
}

GtkWidget *stage_find_type(GtkWidget *root, GType type)
{
    return stage_find(root, is_of_type, GSIZE_TO_POINTER(type));
}

gboolean stage_reads(GtkWidget *root, const char *text)
{
    return stage_find(root, stage_shows_text, text) != NULL;
}

typedef struct {
    GtkWidget *root;
    const char *text;
} Reading;

static gboolean reads(gpointer user_data)
{
    const Reading *reading = user_data;

    return stage_reads(reading->root, reading->text);
}

gboolean stage_comes_to_read(GtkWidget *root, const char *text, double seconds)
{
    return stage_wait(reads, &(Reading){root, text}, seconds);
}

void stage_click(GtkWidget *button)
{
    assert_non_null(button);
    assert_true(gtk_widget_get_mapped(button));
    assert_true(gtk_widget_is_sensitive(button));
    hand_click(button);
}

static GtkWidget *find_chooser(void)
{
    GListModel *windows = gtk_window_get_toplevels();

    for (guint i = 0; i < g_list_model_get_n_items(windows); i++) {
        g_autoptr(GtkWidget) window = g_list_model_get_item(windows, i);

        if (GTK_IS_FILE_CHOOSER_DIALOG(window) && gtk_widget_get_mapped(window))
            return window;
    }
    return NULL;
}

static gboolean has_chooser(gpointer wanted)
{
    return (find_chooser() != NULL) == GPOINTER_TO_INT(wanted);
}

void stage_choose_file(const char *path)
{
    assert_true(stage_wait(has_chooser, GINT_TO_POINTER(TRUE), 10));
    stage_settle(0.5);
    hand_press(find_chooser(), "ctrl+a");
    hand_type(find_chooser(), path);
    hand_press(find_chooser(), "Return");
    assert_true(stage_wait(has_chooser, GINT_TO_POINTER(FALSE), 20));
}
