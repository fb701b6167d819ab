#include "qtr-image-view-private.h"

#include <math.h>

#define LOUPE_SIDE 180
#define LOUPE_ZOOM 8.0
#define LARGE 16e6 /* pixels that are too many to be drawn small in one frame */

static graphene_rect_t rect(double x, double y, double w, double h)
{
    return GRAPHENE_RECT_INIT((float)x, (float)y, (float)w, (float)h);
}

/* Sharp pixels: only what is in the view, at the screen's own resolution. */
static void paint_enlarged(QtrImageView *self, GtkSnapshot *snapshot, QtrPyramid *picture,
                           const QtrViewPlace *p)
{
    int scale = gtk_widget_get_scale_factor(GTK_WIDGET(self));
    int x0 = (int)MAX(0, floor(p->left * scale)), y0 = (int)MAX(0, floor(p->top * scale));
    int x1 = (int)MIN(gtk_widget_get_width(GTK_WIDGET(self)) * scale,
                      ceil((p->left + p->width * p->zoom) * scale));
    int y1 = (int)MIN(gtk_widget_get_height(GTK_WIDGET(self)) * scale,
                      ceil((p->top + p->height * p->zoom) * scale));
    g_autoptr(GdkTexture) texture = NULL;
    graphene_rect_t bounds = rect((double)x0 / scale, (double)y0 / scale, (double)(x1 - x0) / scale,
                                  (double)(y1 - y0) / scale);

    if (x1 <= x0 || y1 <= y0)
        return;
    texture = qtr_pyramid_enlarge(picture, p->left * scale, p->top * scale, p->zoom * scale, x0, y0,
                                  x1 - x0, y1 - y0);
    gtk_snapshot_append_texture(snapshot, texture, &bounds);
}

static void paint_tiles(QtrImageView *self, GtkSnapshot *snapshot, QtrPyramid *picture,
                        const QtrViewPlace *p)
{
    double scale = gtk_widget_get_scale_factor(GTK_WIDGET(self));
    int level = qtr_pyramid_level_for(picture, p->zoom * scale);
    int width, height, c0, c1, r0, r1;
    double zx, zy;

    qtr_pyramid_level_size(picture, level, &width, &height);
    zx = p->width * p->zoom / width;
    zy = p->height * p->zoom / height;
    /* Until the smaller sizes are made, a picture much too large would hold up the window. */
    if (zx * scale < 0.24 && (double)width * height > LARGE)
        return;
    c0 = (int)MAX(0, floor(-p->left / zx / QTR_PYRAMID_TILE));
    r0 = (int)MAX(0, floor(-p->top / zy / QTR_PYRAMID_TILE));
    c1 = (int)ceil(MIN(width, (gtk_widget_get_width(GTK_WIDGET(self)) - p->left) / zx) /
                   QTR_PYRAMID_TILE);
    r1 = (int)ceil(MIN(height, (gtk_widget_get_height(GTK_WIDGET(self)) - p->top) / zy) /
                   QTR_PYRAMID_TILE);
    for (int r = r0; r < r1; r++)
        for (int c = c0; c < c1; c++) {
            GdkTexture *tile = qtr_pyramid_get_tile(picture, level, c, r);
            graphene_rect_t bounds =
                rect(p->left + c * QTR_PYRAMID_TILE * zx, p->top + r * QTR_PYRAMID_TILE * zy,
                     gdk_texture_get_width(tile) * zx, gdk_texture_get_height(tile) * zy);

            gtk_snapshot_append_texture(snapshot, tile, &bounds);
        }
    qtr_pyramid_trim(picture);
}

static void paint_picture(QtrImageView *self, GtkSnapshot *snapshot, QtrPyramid *picture,
                          const QtrViewPlace *place)
{
    if (place->zoom > 1)
        paint_enlarged(self, snapshot, picture, place);
    else
        paint_tiles(self, snapshot, picture, place);
}

/* A caption on a plate that is readable on any picture. */
static void paint_title(QtrImageView *self, GtkSnapshot *snapshot, const char *title, double left,
                        double right, gboolean at_right)
{
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(GTK_WIDGET(self), title);
    GskRoundedRect plate;
    graphene_rect_t bounds;
    int w, h;

    if (!title || right - left < 60)
        return;
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_width(layout, (int)(right - left - 36) * PANGO_SCALE);
    pango_layout_get_pixel_size(layout, &w, &h);
    bounds = rect(at_right ? right - w - 26 : left + 8, 8, w + 18, h + 8);
    gsk_rounded_rect_init_from_rect(&plate, &bounds, 6);
    gtk_snapshot_push_rounded_clip(snapshot, &plate);
    gtk_snapshot_append_color(snapshot, &(GdkRGBA){0, 0, 0, 0.65f}, &bounds);
    gtk_snapshot_pop(snapshot);
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot,
                           &GRAPHENE_POINT_INIT(bounds.origin.x + 9, bounds.origin.y + 4));
    gtk_snapshot_append_layout(snapshot, layout, &(GdkRGBA){1, 1, 1, 1});
    gtk_snapshot_restore(snapshot);
}

static void paint_divider(GtkSnapshot *snapshot, double x, double height)
{
    graphene_rect_t line = rect(x - 1, 0, 2, height), grip = rect(x - 5, height / 2 - 22, 10, 44);
    GskRoundedRect round;

    gtk_snapshot_append_color(snapshot, &(GdkRGBA){1, 1, 1, 0.95f}, &line);
    gsk_rounded_rect_init_from_rect(&round, &grip, 5);
    gtk_snapshot_append_outset_shadow(snapshot, &round, &(GdkRGBA){0, 0, 0, 0.5f}, 0, 0, 0, 4);
    gtk_snapshot_push_rounded_clip(snapshot, &round);
    gtk_snapshot_append_color(snapshot, &(GdkRGBA){1, 1, 1, 1}, &grip);
    gtk_snapshot_pop(snapshot);
}

static void paint_split(QtrImageView *self, GtkSnapshot *snapshot, const QtrViewPlace *place)
{
    double width = gtk_widget_get_width(GTK_WIDGET(self));
    double height = gtk_widget_get_height(GTK_WIDGET(self));
    double at = round(self->split * width);
    graphene_rect_t sides[2] = {rect(0, 0, at, height), rect(at, 0, width - at, height)};

    for (int i = 0; i < 2; i++) {
        if (!self->pictures[i])
            continue;
        gtk_snapshot_push_clip(snapshot, &sides[i]);
        paint_picture(self, snapshot, self->pictures[i], place);
        gtk_snapshot_pop(snapshot);
    }
    paint_title(self, snapshot, self->titles[0], 0, at, FALSE);
    paint_title(self, snapshot, self->titles[1], at, width, TRUE);
    paint_divider(snapshot, at, height);
}

static void paint_selection(QtrImageView *self, GtkSnapshot *snapshot, const QtrViewPlace *p)
{
    QtrArea a = qtr_viewport_get_selection(self->viewport);
    graphene_rect_t bounds = rect(p->left + a.x * p->zoom, p->top + a.y * p->zoom,
                                  a.width * p->zoom, a.height * p->zoom);
    GskRoundedRect outer, inner;

    if (a.width <= 0)
        return;
    gsk_rounded_rect_init_from_rect(&inner, &bounds, 0);
    graphene_rect_inset(&bounds, -1, -1);
    gsk_rounded_rect_init_from_rect(&outer, &bounds, 0);
    gtk_snapshot_append_border(snapshot, &outer, (float[]){1, 1, 1, 1},
                               (GdkRGBA[]){{0, 0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 1}});
    gtk_snapshot_append_border(snapshot, &inner, (float[]){2, 2, 2, 2},
                               (GdkRGBA[]){{1, 1, 0, 1}, {1, 1, 0, 1}, {1, 1, 0, 1}, {1, 1, 0, 1}});
}

/* Of the picture under the pointer. */
static QtrPyramid *picture_at(QtrImageView *self, double view_x)
{
    int index = self->mode == QTR_VIEW_SPLIT &&
                        view_x > self->split * gtk_widget_get_width(GTK_WIDGET(self))
                    ? 1
                : self->mode == QTR_VIEW_FLICKER ? self->shown
                                                 : 0;

    return self->pictures[index] ? self->pictures[index] : self->pictures[0];
}

static void paint_loupe(QtrImageView *self, GtkSnapshot *snapshot, const QtrViewPlace *p)
{
    double zoom = MAX(LOUPE_ZOOM, p->zoom * 2), px, py, vx, vy;
    QtrPyramid *picture;
    g_autoptr(GdkTexture) texture = NULL;
    graphene_rect_t bounds;
    GskRoundedRect round;

    qtr_viewport_get_pointer(self->viewport, &px, &py);
    if (isnan(px))
        return;
    vx = p->left + px * p->zoom;
    vy = p->top + py * p->zoom;
    picture = picture_at(self, vx);
    if (!picture)
        return;
    texture = qtr_pyramid_enlarge(picture, LOUPE_SIDE / 2.0 - px * zoom,
                                  LOUPE_SIDE / 2.0 - py * zoom, zoom, 0, 0, LOUPE_SIDE, LOUPE_SIDE);
    vx = CLAMP(vx + 24, 0, MAX(0, gtk_widget_get_width(GTK_WIDGET(self)) - LOUPE_SIDE));
    vy = CLAMP(vy + 24, 0, MAX(0, gtk_widget_get_height(GTK_WIDGET(self)) - LOUPE_SIDE));
    bounds = rect(vx, vy, LOUPE_SIDE, LOUPE_SIDE);
    gsk_rounded_rect_init_from_rect(&round, &bounds, 12);
    gtk_snapshot_append_outset_shadow(snapshot, &round, &(GdkRGBA){0, 0, 0, 0.6f}, 0, 1, 0, 8);
    gtk_snapshot_push_rounded_clip(snapshot, &round);
    gtk_snapshot_append_texture(snapshot, texture, &bounds);
    gtk_snapshot_append_color(
        snapshot, &(GdkRGBA){1, 1, 1, 0.5f},
        &GRAPHENE_RECT_INIT((float)vx + LOUPE_SIDE / 2 - 1, (float)vy + LOUPE_SIDE / 2 - 8, 1, 16));
    gtk_snapshot_append_color(
        snapshot, &(GdkRGBA){1, 1, 1, 0.5f},
        &GRAPHENE_RECT_INIT((float)vx + LOUPE_SIDE / 2 - 8, (float)vy + LOUPE_SIDE / 2 - 1, 16, 1));
    gtk_snapshot_pop(snapshot);
    gtk_snapshot_append_border(snapshot, &round, (float[]){2, 2, 2, 2},
                               (GdkRGBA[]){{1, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1}});
}

void qtr_image_view_paint(QtrImageView *self, GtkSnapshot *snapshot)
{
    double width = gtk_widget_get_width(GTK_WIDGET(self));
    int index = self->mode == QTR_VIEW_FLICKER && self->pictures[1] ? self->shown : 0;
    QtrViewPlace place;

    if (!qtr_image_view_place(self, &place))
        return;
    if (self->mode == QTR_VIEW_SPLIT) {
        paint_split(self, snapshot, &place);
    } else if (self->pictures[index]) {
        paint_picture(self, snapshot, self->pictures[index], &place);
        paint_title(self, snapshot, self->titles[index], 0, width, FALSE);
    }
    paint_selection(self, snapshot, &place);
    if (self->loupe)
        paint_loupe(self, snapshot, &place);
}
