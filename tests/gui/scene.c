#include "scene.h"

#include "qtr-panel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
/* cmocka needs the headers above */
#include <cmocka.h>

Scene scene_open(GType panel, QtrDocument *document, int width, int height, gboolean dark)
{
    Scene scene = {.document = document, .panel = g_object_new(panel, NULL)};

    qtr_panel_set_document(QTR_PANEL(scene.panel), document);
    scene.window = stage_show(scene.panel, width, height, dark);
    return scene;
}

void scene_close(Scene *scene)
{
    stage_close(scene->window, scene->panel);
    g_object_add_weak_pointer(G_OBJECT(scene->document), (gpointer *)&scene->document);
    g_object_unref(scene->document);
    assert_null(scene->document);
}

void scene_picture(Scene *scene, int width, const char *name)
{
    assert_true(gtk_widget_get_width(scene->panel) <= width);
    stage_settle(0.5);
    stage_shot(scene->window, name);
    scene_close(scene);
}
