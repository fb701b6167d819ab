#pragma once
#include "qtr-document.h"
#include "stage.h"

/* A panel of the window alone on the stage, with a document of its own. */
typedef struct {
    QtrDocument *document;
    GtkWidget *panel;
    GtkWindow *window;
} Scene;

/* Shows a panel of this type with `document`, which it takes. */
Scene scene_open(GType panel, QtrDocument *document, int width, int height, gboolean dark);
/* Asserts that panel and document are freed. */
void scene_close(Scene *scene);
/* A screenshot of a scene that fits into `width`; closes it. */
void scene_picture(Scene *scene, int width, const char *name);
