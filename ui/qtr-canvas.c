#include "qtr-canvas.h"

#include <string.h>

/* GTK 4.8 is ten times slower with any of the formats of four bytes. */
#define FORMAT GDK_MEMORY_R8G8B8
#define PIXEL 3

struct QtrCanvas {
    QtrSampler sampler;
    GdkRectangle area;
    GBytes *pixels; /* of the texture */
    GdkTexture *texture;
};

QtrCanvas *qtr_canvas_new(void)
{
    return g_new0(QtrCanvas, 1);
}

void qtr_canvas_clear(QtrCanvas *canvas)
{
    g_clear_object(&canvas->texture);
    g_clear_pointer(&canvas->pixels, g_bytes_unref);
}

void qtr_canvas_free(QtrCanvas *canvas)
{
    if (!canvas)
        return;
    qtr_canvas_clear(canvas);
    g_free(canvas);
}

/* Pixels under way, of an area. */
typedef struct {
    guint8 *data;
    gsize stride;
    GdkRectangle area;
} Target;

static guint8 *pixel_at(const Target *target, int x, int y)
{
    return target->data + (gsize)(y - target->area.y) * target->stride +
           (gsize)(x - target->area.x) * PIXEL;
}

static void fill(const Target *target, const QtrSampler *sampler, int x0, int y0, int x1, int y1)
{
    if (x1 > x0 && y1 > y0)
        qtr_sampler_fill(sampler, x0, y0, x1 - x0, y1 - y0, pixel_at(target, x0, y0),
                         target->stride);
}

static void copy(const Target *target, const QtrCanvas *from, const GdkRectangle *part)
{
    gsize stride = (gsize)from->area.width * PIXEL;
    const guint8 *data = g_bytes_get_data(from->pixels, NULL);

    data += (gsize)(part->y - from->area.y) * stride + (gsize)(part->x - from->area.x) * PIXEL;
    for (int j = 0; j < part->height; j++)
        memcpy(pixel_at(target, part->x, part->y + j), data + (gsize)j * stride,
               (gsize)part->width * PIXEL);
}

static gboolean same_picture(const QtrSampler *a, const QtrSampler *b)
{
    return a->image == b->image && a->step_x == b->step_x && a->step_y == b->step_y;
}

/* What is seen again, and around it what is new. */
static void fill_around(const Target *target, const QtrCanvas *from, const QtrSampler *sampler)
{
    const GdkRectangle *all = &target->area;
    int right = all->x + all->width, bottom = all->y + all->height;
    GdkRectangle again;

    if (!from->pixels || !same_picture(&from->sampler, sampler) ||
        !gdk_rectangle_intersect(&from->area, all, &again)) {
        fill(target, sampler, all->x, all->y, right, bottom);
        return;
    }
    copy(target, from, &again);
    fill(target, sampler, all->x, all->y, right, again.y);
    fill(target, sampler, all->x, again.y, again.x, again.y + again.height);
    fill(target, sampler, again.x + again.width, again.y, right, again.y + again.height);
    fill(target, sampler, all->x, again.y + again.height, right, bottom);
}

GdkTexture *qtr_canvas_show(QtrCanvas *canvas, const QtrSampler *sampler, const GdkRectangle *area)
{
    Target target = {.stride = (gsize)area->width * PIXEL, .area = *area};
    gsize size = target.stride * (gsize)area->height;

    if (canvas->texture && same_picture(&canvas->sampler, sampler) &&
        gdk_rectangle_equal(&canvas->area, area))
        return canvas->texture;
    target.data = g_malloc(size);
    fill_around(&target, canvas, sampler);
    qtr_canvas_clear(canvas);
    canvas->sampler = *sampler;
    canvas->area = *area;
    canvas->pixels = g_bytes_new_take(target.data, size);
    canvas->texture =
        gdk_memory_texture_new(area->width, area->height, FORMAT, canvas->pixels, target.stride);
    return canvas->texture;
}
