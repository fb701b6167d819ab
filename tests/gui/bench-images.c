/* Whether a picture of 100 megapixels pans and zooms smoothly, and what memory it takes:
 * bench-images [MEGAPIXELS [STEPS]]. */
#include "frames.h"
#include "qtr-image-view.h"
#include "stage.h"

#include <math.h>
#include <stdlib.h>

static QtrImage *make_picture(double megapixels)
{
    int width = (int)sqrt(megapixels * 1e6 * 1.5), height = width * 2 / 3;
    QtrImage *image = qtr_image_new(width, height, 3, 8);
    guint32 noise = 1;

    for (gsize i = 0; i < (gsize)width * (gsize)height * 3; i++) {
        noise = noise * 1664525u + 1013904223u;
        ((guint8 *)image->data)[i] = (guint8)((i / 3000) + (noise >> 27));
    }
    return image;
}

static gboolean has_small_sizes(gpointer pyramid)
{
    return qtr_pyramid_level_for(pyramid, 0.05) >= 4;
}

/* Across the picture and back while it is enlarged by and by, as with the mouse. */
static void travel(QtrViewport *viewport, const QtrImage *image, double zoom, double larger,
                   int steps)
{
    for (int i = 0; i < steps; i++) {
        double t = (double)i / steps;

        qtr_viewport_set(viewport, image->width * (0.5 + 0.4 * sin(9 * t)),
                         image->height * (0.5 + 0.4 * cos(7 * t)), zoom * pow(larger, t));
        stage_settle(1.0 / 60);
    }
}

static void measure(GtkWidget *view, QtrViewport *viewport, const QtrImage *image, double zoom,
                    double larger, int steps)
{
    Frames *frames = frames_new(view);

    travel(viewport, image, zoom, larger, steps);
    g_print("moved, from %.0f %% to %.0f %%:\n", 100 * zoom, 100 * zoom * larger);
    frames_print(frames);
    frames_free(frames);
}

int main(int argc, char **argv)
{
    double megapixels = argc > 1 ? atof(argv[1]) : 100;
    int steps = argc > 2 ? atoi(argv[2]) : 600;
    QtrImage *image;
    QtrPyramid *pyramid;
    QtrViewport *viewport;
    GtkWidget *view;
    GtkWindow *window;
    Frames *frames;
    gint64 begun;
    double before;

    if (!stage_init()) {
        g_print("skipped: there is no display\n");
        return 77;
    }
    before = frames_resident_mib();
    image = make_picture(megapixels);
    viewport = qtr_viewport_new();
    view = g_object_new(QTR_TYPE_IMAGE_VIEW, NULL);
    qtr_image_view_set_viewport(QTR_IMAGE_VIEW(view), viewport);
    window = stage_show(view, 1400, 900, FALSE);
    begun = g_get_monotonic_time();
    pyramid = qtr_pyramid_new(image);
    qtr_image_view_set_pictures(QTR_IMAGE_VIEW(view), pyramid, "100 megapixels", NULL, NULL);
    qtr_viewport_fit(viewport, image->width, image->height);
    frames = frames_new(view);
    if (!stage_wait(has_small_sizes, pyramid, 60))
        g_print("the smaller sizes did not come within a minute\n");
    g_print("%d x %d pixels, smaller sizes after %.2f s; until then:\n", image->width,
            image->height, (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC);
    frames_print(frames);
    frames_free(frames);
    measure(view, viewport, image, 0.06, 60, steps);
    measure(view, viewport, image, 0.7, 1, steps / 2);
    g_print("memory, MiB: %.0f before, %.0f now; the picture itself %.0f\n", before,
            frames_resident_mib(), image->width * 3.0 * image->height / (1 << 20));
    gtk_window_destroy(window);
    g_object_unref(pyramid);
    g_object_unref(viewport);
    return 0;
}
