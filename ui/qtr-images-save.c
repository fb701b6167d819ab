#include "qtr-images-save.h"

#include "base/error.h"
#include "image/codec.h"

#include <glib/gi18n.h>
#include <string.h>

#define GAP 8 /* pixels between the two */

static void blit(QtrImage *to, int x, const QtrImage *from, const QtrArea *area)
{
    for (int y = 0; y < area->height; y++)
        memcpy((guint8 *)to->data + (gsize)y * qtr_image_stride(to) + 3 * (gsize)x,
               (const guint8 *)from->data + (gsize)(area->y + y) * qtr_image_stride(from) +
                   3 * (gsize)area->x,
               3 * (gsize)area->width);
}

gboolean qtr_images_save_pair(QtrPyramid *left, QtrPyramid *right, QtrArea area, const char *path,
                              GError **error)
{
    QtrPyramid *pictures[] = {left, right};
    g_autoptr(QtrImage) out = NULL;
    int width, height, n = 0;

    if (!left && !right) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, _("There is no picture to save yet"));
        return FALSE;
    }
    width = qtr_pyramid_get_image(left ? left : right)->width;
    height = qtr_pyramid_get_image(left ? left : right)->height;
    if (area.width <= 0)
        area = (QtrArea){0, 0, width, height};
    out = qtr_image_try_new(left && right ? 2 * area.width + GAP : area.width, area.height, 3, 8,
                            error);
    if (!out)
        return FALSE;
    memset(out->data, 255, qtr_image_stride(out) * (gsize)out->height);
    for (int i = 0; i < 2; i++)
        if (pictures[i] && qtr_pyramid_get_image(pictures[i])->width == width &&
            qtr_pyramid_get_image(pictures[i])->height == height)
            blit(out, n++ * (area.width + GAP), qtr_pyramid_get_image(pictures[i]), &area);
    return qtr_image_save(out, path, error);
}

gboolean qtr_images_save_result(const char *result, const char *path, GError **error)
{
    g_autoptr(QtrImage) image = qtr_image_load(result, error);

    return image && qtr_image_save(image, path, error);
}
