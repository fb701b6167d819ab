#include "qtr-pyramid.h"

#include "image/codec.h"

#include <gio/gio.h>
#include <math.h>

#define LEVELS_MAX 16
#define SIDE_MIN 256 /* smaller sizes are of no use */
#define TILES_MAX 96 /* textures kept */

/* The pixels of all sizes; shared with the thread and with textures. */
typedef struct {
    QtrImage *levels[LEVELS_MAX];
} Pixels;

struct _QtrPyramid {
    GObject parent_instance;

    Pixels *pixels;
    int n_levels; /* made so far */
    gboolean making;
    GHashTable *tiles; /* key -> Tile */
    guint frame;
};

typedef struct {
    GdkTexture *texture;
    guint frame; /* last used in */
} Tile;

G_DEFINE_FINAL_TYPE(QtrPyramid, qtr_pyramid, G_TYPE_OBJECT)

static guint changed_signal;

static void pixels_clear(gpointer data)
{
    Pixels *pixels = data;

    for (int i = 0; i < LEVELS_MAX; i++)
        qtr_image_free(pixels->levels[i]);
}

static void pixels_unref(gpointer pixels)
{
    g_atomic_rc_box_release_full(pixels, pixels_clear);
}

static void tile_free(gpointer data)
{
    Tile *tile = data;

    g_object_unref(tile->texture);
    g_free(tile);
}

QtrImage *qtr_pyramid_load_image(const char *path, GError **error)
{
    g_autoptr(QtrImage) image = qtr_image_load(path, error);
    QtrImage *rgb;

    if (!image)
        return NULL;
    if (image->channels == 3 && image->depth == 8)
        return g_steal_pointer(&image);
    rgb = qtr_image_to_rgb8(image, error);
    if (!rgb)
        g_prefix_error(error, "%s: ", path);
    return rgb;
}

/* Means of 2 x 2 pixels; an odd last row or column counts twice. NULL without memory. */
static QtrImage *halve(const QtrImage *from)
{
    QtrImage *to = qtr_image_try_new((from->width + 1) / 2, (from->height + 1) / 2, 3, 8, NULL);
    gsize stride = qtr_image_stride(from);
    guint8 *out;

    if (!to)
        return NULL;
    out = to->data;
    for (int y = 0; y < to->height; y++) {
        const guint8 *a = (const guint8 *)from->data + (gsize)(2 * y) * stride;
        const guint8 *b = 2 * y + 1 < from->height ? a + stride : a;

        for (int x = 0; x < to->width; x++) {
            int p = 6 * x, q = 2 * x + 1 < from->width ? p + 3 : p;

            for (int c = 0; c < 3; c++)
                *out++ = (guint8)((a[p + c] + a[q + c] + b[p + c] + b[q + c] + 2) / 4);
        }
    }
    return to;
}

static void make_in_thread(GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
    Pixels *pixels = data;
    int n = 1;

    /* A size that cannot be made is drawn from the next larger one, only slower. */
    while (n < LEVELS_MAX &&
           MAX(pixels->levels[n - 1]->width, pixels->levels[n - 1]->height) > SIDE_MIN &&
           (pixels->levels[n] = halve(pixels->levels[n - 1])))
        n++;
    g_task_return_int(task, n);
}

static void on_made(GObject *object, GAsyncResult *result, gpointer user_data)
{
    QtrPyramid *self = QTR_PYRAMID(object);

    self->n_levels = (int)g_task_propagate_int(G_TASK(result), NULL);
    g_signal_emit(self, changed_signal, 0);
}

static void make_levels(QtrPyramid *self)
{
    g_autoptr(GTask) task = NULL;

    if (self->making)
        return;
    self->making = TRUE;
    task = g_task_new(self, NULL, on_made, NULL);
    g_task_set_task_data(task, g_atomic_rc_box_acquire(self->pixels), pixels_unref);
    g_task_run_in_thread(task, make_in_thread);
}

int qtr_pyramid_level_for(QtrPyramid *self, double zoom)
{
    int wanted = zoom >= 1 ? 0 : (int)floor(log2(1 / zoom) + 0.01);

    if (wanted > 0)
        make_levels(self);
    return CLAMP(wanted, 0, self->n_levels - 1);
}

const QtrImage *qtr_pyramid_get_level(QtrPyramid *self, int level)
{
    g_return_val_if_fail(level >= 0 && level < self->n_levels, NULL);
    return self->pixels->levels[level];
}

static GdkTexture *make_tile(QtrPyramid *self, int level, int column, int row)
{
    const QtrImage *image = self->pixels->levels[level];
    gsize stride = qtr_image_stride(image);
    int x = column * QTR_PYRAMID_TILE, y = row * QTR_PYRAMID_TILE;
    int width = MIN(QTR_PYRAMID_TILE, image->width - x);
    int height = MIN(QTR_PYRAMID_TILE, image->height - y);
    const guint8 *data = (const guint8 *)image->data + (gsize)y * stride + (gsize)x * 3;
    gsize size = (gsize)(height - 1) * stride + (gsize)width * 3;
    g_autoptr(GBytes) bytes =
        g_bytes_new_with_free_func(data, size, pixels_unref, g_atomic_rc_box_acquire(self->pixels));

    return gdk_memory_texture_new(width, height, GDK_MEMORY_R8G8B8, bytes, stride);
}

GdkTexture *qtr_pyramid_get_tile(QtrPyramid *self, int level, int column, int row)
{
    gpointer key = GUINT_TO_POINTER((guint)level << 24 | (guint)row << 12 | (guint)column);
    Tile *tile = g_hash_table_lookup(self->tiles, key);

    if (!tile) {
        tile = g_new0(Tile, 1);
        tile->texture = make_tile(self, level, column, row);
        g_hash_table_insert(self->tiles, key, tile);
    }
    tile->frame = self->frame;
    return tile->texture;
}

static gboolean is_stale(gpointer key, gpointer value, gpointer self)
{
    return ((Tile *)value)->frame + 2 < ((QtrPyramid *)self)->frame;
}

void qtr_pyramid_trim(QtrPyramid *self)
{
    self->frame++;
    if (g_hash_table_size(self->tiles) > TILES_MAX)
        g_hash_table_foreach_remove(self->tiles, is_stale, self);
}

static void qtr_pyramid_finalize(GObject *object)
{
    QtrPyramid *self = QTR_PYRAMID(object);

    g_hash_table_unref(self->tiles);
    pixels_unref(self->pixels);
    G_OBJECT_CLASS(qtr_pyramid_parent_class)->finalize(object);
}

static void qtr_pyramid_class_init(QtrPyramidClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = qtr_pyramid_finalize;
    changed_signal = g_signal_new("changed", QTR_TYPE_PYRAMID, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void qtr_pyramid_init(QtrPyramid *self)
{
    self->pixels = g_atomic_rc_box_new0(Pixels);
    self->n_levels = 1;
    self->tiles = g_hash_table_new_full(NULL, NULL, NULL, tile_free);
}

QtrPyramid *qtr_pyramid_new(QtrImage *image)
{
    QtrPyramid *self = g_object_new(QTR_TYPE_PYRAMID, NULL);

    g_assert(image->channels == 3 && image->depth == 8);
    self->pixels->levels[0] = image;
    return self;
}

const QtrImage *qtr_pyramid_get_image(QtrPyramid *self)
{
    g_return_val_if_fail(QTR_IS_PYRAMID(self), NULL);
    return self->pixels->levels[0];
}
