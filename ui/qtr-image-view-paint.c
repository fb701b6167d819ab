#include "qtr-image-view-private.h"

#include <math.h>

#define LOUPE_SIDE 180
#define LOUPE_ZOOM 8.0

static graphene_rect_t rect(double x, double y, double w, double h)
{
    return GRAPHENE_RECT_INIT((float)x, (float)y, (float)w, (float)h);
}

/* Whether pixels are scaled by the processor, and so better by the canvas, which does it once. */
static gboolean is_software(QtrImageView *self)
{
    return GSK_IS_CAIRO_RENDERER(gtk_native_get_renderer(gtk_widget_get_native(GTK_WIDGET(self))));
}

/* Only what is in the view, between `from` and `to` across, at the screen's own resolution and
 * place. */
static void paint_canvas(QtrImageView *self, GtkSnapshot *snapshot, int index, int level,
                         const QtrViewPlace *p, double from, double to)
{
    double scale = gtk_widget_get_scale_factor(GTK_WIDGET(self));
    double width = p->width * p->zoom * scale, height = p->height * p->zoom * scale;
    int left = (int)round(p->left * scale), top = (int)round(p->top * scale);
    int bottom = gtk_widget_get_height(GTK_WIDGET(self)) * (int)scale;
    const QtrImage *image = qtr_pyramid_get_level(self->pictures[index], level);
    QtrSampler sampler = {image, image->width / width, image->height / height};
    int x0 = MAX((int)(from * scale), left), y0 = MAX(0, top);
    int x1 = MIN((int)ceil(to * scale), left + MAX(1, (int)round(width)));
    int y1 = MIN(bottom, top + MAX(1, (int)round(height)));
    GdkRectangle area = {x0 - left, y0 - top, x1 - x0, y1 - y0};
    graphene_rect_t bounds = rect(x0 / scale, y0 / scale, (x1 - x0) / scale, (y1 - y0) / scale);

    if (x1 > x0 && y1 > y0)
        gtk_snapshot_append_texture(
            snapshot, qtr_canvas_show(self->canvases[index], &sampler, &area), &bounds);
}

static void paint_tiles(QtrImageView *self, GtkSnapshot *snapshot, int index, int level,
                        const QtrViewPlace *p)
{
    QtrPyramid *picture = self->pictures[index];
    const QtrImage *image = qtr_pyramid_get_level(picture, level);
    double zx = p->width * p->zoom / image->width, zy = p->height * p->zoom / image->height;
    int c0 = (int)MAX(0, floor(-p->left / zx / QTR_PYRAMID_TILE));
    int r0 = (int)MAX(0, floor(-p->top / zy / QTR_PYRAMID_TILE));
    int c1 = (int)ceil(MIN(image->width, (gtk_widget_get_width(GTK_WIDGET(self)) - p->left) / zx) /
                       QTR_PYRAMID_TILE);
    int r1 = (int)ceil(MIN(image->height, (gtk_widget_get_height(GTK_WIDGET(self)) - p->top) / zy) /
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

/* The part between `from` and `to` across, at least. */
static void paint_picture(QtrImageView *self, GtkSnapshot *snapshot, int index,
                          const QtrViewPlace *place, double from, double to)
{
    double zoom = place->zoom * gtk_widget_get_scale_factor(GTK_WIDGET(self));
    int level = qtr_pyramid_level_for(self->pictures[index], zoom);
    /* Until the smaller sizes are made, a picture much too large would hold up the window. */
    gboolean is_large =
        place->width * zoom < 0.24 * qtr_pyramid_get_level(self->pictures[index], level)->width;

    if (zoom > 1 || is_large || is_software(self))
        paint_canvas(self, snapshot, index, level, place, from, to);
    else
        paint_tiles(self, snapshot, index, level, place);
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
        paint_picture(self, snapshot, i, place, i ? at : 0, i ? width : at);
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

/* LOUPE_SIDE pixels of the screen each way, about a pixel of the image. */
static GdkTexture *magnify(const QtrImage *image, double px, double py, double zoom)
{
    const gsize stride = LOUPE_SIDE * 3;
    guint8 *out = g_malloc(stride * LOUPE_SIDE);
    g_autoptr(GBytes) bytes = g_bytes_new_take(out, stride * LOUPE_SIDE);

    qtr_sampler_fill(&(QtrSampler){image, 1 / zoom, 1 / zoom},
                     (int)round(px * zoom - LOUPE_SIDE / 2.0),
                     (int)round(py * zoom - LOUPE_SIDE / 2.0), LOUPE_SIDE, LOUPE_SIDE, out, stride);
    return gdk_memory_texture_new(LOUPE_SIDE, LOUPE_SIDE, GDK_MEMORY_R8G8B8, bytes, stride);
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
    texture = magnify(qtr_pyramid_get_image(picture), px, py, zoom);
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
        paint_picture(self, snapshot, index, &place, 0, width);
        paint_title(self, snapshot, self->titles[index], 0, width, FALSE);
    }
    paint_selection(self, snapshot, &place);
    if (self->loupe)
        paint_loupe(self, snapshot, &place);
}
