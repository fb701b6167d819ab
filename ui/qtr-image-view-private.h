#pragma once
#include "qtr-canvas.h"
#include "qtr-image-view.h"

/* What the files of QtrImageView share. */
struct _QtrImageView {
    GtkWidget parent_instance;

    QtrViewport *viewport;
    QtrPyramid *pictures[2]; /* either may be NULL */
    QtrCanvas *canvases[2];  /* of them */
    char *titles[2];
    QtrViewMode mode;
    double split; /* of the width */
    gboolean loupe;
    guint flicker, sized; /* sources */
    int shown;            /* of flicker: 0 or 1 */

    /* while dragging */
    enum { DRAG_NONE, DRAG_PAN, DRAG_SPLIT, DRAG_SELECT } drag;
    double from_x, from_y; /* centre, or pixel of the image, where it began */
};

/* Where the picture lies in the view. */
typedef struct {
    double left, top, zoom;
    int width, height; /* of the picture */
} QtrViewPlace;

/* FALSE without a picture. */
gboolean qtr_image_view_place(QtrImageView *self, QtrViewPlace *place);
void qtr_image_view_paint(QtrImageView *self, GtkSnapshot *snapshot);
void qtr_image_view_add_controllers(QtrImageView *self);
