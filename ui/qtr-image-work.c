#include "qtr-image-work.h"

#include "base/error.h"
#include "image/metrics.h"
#include "image/resize.h"
#include "qtr-pyramid.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *qtr_slot_title(QtrSlot slot)
{
    static const char *const titles[] = {N_("LR, pixels"), N_("LR, bicubic"), N_("SR of network A"),
                                         N_("SR of network B"), N_("HR")};

    return _(titles[slot]);
}

/* One piece of work. */
typedef struct {
    char *lr, *hr;
    int scale;
    const QtrImage *a, *b;
    GObject *owners[2];
    double gain;
    QtrArea area;
    GCallback done;
    gpointer user_data;
} Work;

static void work_free(gpointer data)
{
    Work *work = data;

    g_free(work->lr);
    g_free(work->hr);
    g_clear_object(&work->owners[0]);
    g_clear_object(&work->owners[1]);
    g_free(work);
}

/* `work` is copied. */
static void start(const Work *work, GCancellable *cancellable, GAsyncReadyCallback finish,
                  GTaskThreadFunc run)
{
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, finish, NULL);

    g_task_set_task_data(task, g_memdup2(work, sizeof *work), work_free);
    g_task_run_in_thread(task, run);
}

/* The work whose result is to be told; NULL if nobody wants to know any more. */
static Work *work_of(GAsyncResult *result)
{
    GCancellable *cancellable = g_task_get_cancellable(G_TASK(result));

    return g_cancellable_is_cancelled(cancellable) ? NULL : g_task_get_task_data(G_TASK(result));
}

static QtrImage *enlarge_nearest(const QtrImage *from, int width, int height, GError **error)
{
    QtrImage *to = qtr_image_try_new(width, height, 3, 8, error);
    gsize stride = qtr_image_stride(from);
    guint8 *out;

    if (!to)
        return NULL;
    out = to->data;
    for (int y = 0; y < height; y++) {
        const guint8 *row =
            (const guint8 *)from->data + (gsize)((gint64)y * from->height / height) * stride;

        for (int x = 0; x < width; x++, out += 3)
            memcpy(out, row + 3 * (gsize)((gint64)x * from->width / width), 3);
    }
    return to;
}

static void free_images(gpointer data)
{
    QtrImage **images = data;

    for (int i = 0; i < QTR_SLOTS; i++)
        qtr_image_free(images[i]);
    g_free(images);
}

static gboolean check_size(const Work *work, gint64 width, gint64 height, GError **error)
{
    if (MAX(width, height) <= QTR_IMAGE_MAX_SIDE)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, _("%s is too large to be enlarged %d times"),
                work->lr, work->scale);
    return FALSE;
}

static void open_in_thread(GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
    const Work *work = data;
    QtrImage **images = g_new0(QtrImage *, QTR_SLOTS);
    g_autoptr(QtrImage) lr = NULL;
    GError *error = NULL;
    gint64 width, height;

    if (!(lr = qtr_pyramid_load_image(work->lr, &error)) ||
        (work->hr && !(images[QTR_SLOT_HR] = qtr_pyramid_load_image(work->hr, &error)))) {
        free_images(images);
        g_task_return_error(task, error);
        return;
    }
    width = images[QTR_SLOT_HR] ? images[QTR_SLOT_HR]->width : (gint64)lr->width * work->scale;
    height = images[QTR_SLOT_HR] ? images[QTR_SLOT_HR]->height : (gint64)lr->height * work->scale;
    if (!check_size(work, width, height, &error) ||
        !(images[QTR_SLOT_NEAREST] = enlarge_nearest(lr, (int)width, (int)height, &error)) ||
        !(images[QTR_SLOT_BICUBIC] =
              qtr_image_resize_bicubic(lr, (int)width, (int)height, &error))) {
        free_images(images);
        g_task_return_error(task, error);
        return;
    }
    g_task_return_pointer(task, images, free_images);
}

static void on_opened(GObject *object, GAsyncResult *result, gpointer user_data)
{
    Work *work = work_of(result);
    g_autoptr(GError) error = NULL;
    QtrImage **images = g_task_propagate_pointer(G_TASK(result), &error);

    if (work) {
        ((QtrImagesDone)work->done)(images, error, work->user_data);
        g_free(images);
    } else if (images) {
        free_images(images);
    }
}

void qtr_image_work_open(const char *lr, const char *hr, int scale, GCancellable *cancellable,
                         QtrImagesDone done, gpointer user_data)
{
    Work work = {.lr = g_strdup(lr),
                 .hr = g_strdup(hr),
                 .scale = scale,
                 .done = G_CALLBACK(done),
                 .user_data = user_data};

    start(&work, cancellable, on_opened, open_in_thread);
}

static void return_image(GTask *task, QtrImage *image, GError *error)
{
    if (image)
        g_task_return_pointer(task, image, (GDestroyNotify)qtr_image_free);
    else
        g_task_return_error(task, error);
}

static void load_in_thread(GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
    GError *error = NULL;
    QtrImage *image = qtr_pyramid_load_image(((Work *)data)->lr, &error);

    return_image(task, image, error);
}

static void on_image(GObject *object, GAsyncResult *result, gpointer user_data)
{
    Work *work = work_of(result);
    g_autoptr(GError) error = NULL;
    QtrImage *image = g_task_propagate_pointer(G_TASK(result), &error);

    if (work)
        ((QtrImageDone)work->done)(image, error, work->user_data);
    else
        qtr_image_free(image);
}

void qtr_image_work_load(const char *path, GCancellable *cancellable, QtrImageDone done,
                         gpointer user_data)
{
    Work work = {.lr = g_strdup(path), .done = G_CALLBACK(done), .user_data = user_data};

    start(&work, cancellable, on_image, load_in_thread);
}

/* Black, violet, orange, yellow, white: rising in lightness, so that it is read without colour. */
static void heat(double t, guint8 *out)
{
    static const double stops[][3] = {
        {0, 0, 0}, {80, 18, 123}, {200, 62, 76}, {250, 158, 59}, {252, 255, 164}};
    double at = CLAMP(t, 0.0, 1.0) * (G_N_ELEMENTS(stops) - 1);
    int i = MIN((int)at, (int)G_N_ELEMENTS(stops) - 2);

    for (int c = 0; c < 3; c++)
        out[c] = (guint8)(stops[i][c] + (at - i) * (stops[i + 1][c] - stops[i][c]) + 0.5);
}

static void difference_in_thread(GTask *task, gpointer object, gpointer data,
                                 GCancellable *cancellable)
{
    const Work *work = data;
    const guint8 *a = work->a->data, *b = work->b->data;
    gsize n = (gsize)work->a->width * (gsize)work->a->height;
    GError *error = NULL;
    QtrImage *image = qtr_image_try_new(work->a->width, work->a->height, 3, 8, &error);
    guint8 *out;
    guint8 colours[256][3];

    if (!image) {
        return_image(task, NULL, error);
        return;
    }
    out = image->data;
    for (int i = 0; i < 256; i++)
        heat(i * work->gain / 255, colours[i]);
    for (gsize i = 0; i < n; i++, a += 3, b += 3, out += 3) {
        int d = MAX(MAX(abs(a[0] - b[0]), abs(a[1] - b[1])), abs(a[2] - b[2]));

        memcpy(out, colours[d], 3);
    }
    return_image(task, image, NULL);
}

void qtr_image_work_difference(const QtrImage *a, const QtrImage *b, double gain, GObject *owner_a,
                               GObject *owner_b, GCancellable *cancellable, QtrImageDone done,
                               gpointer user_data)
{
    Work work = {.a = a,
                 .b = b,
                 .gain = gain,
                 .owners = {g_object_ref(owner_a), g_object_ref(owner_b)},
                 .done = G_CALLBACK(done),
                 .user_data = user_data};

    g_return_if_fail(a->width == b->width && a->height == b->height);
    start(&work, cancellable, on_image, difference_in_thread);
}

static void measure_in_thread(GTask *task, gpointer object, gpointer data,
                              GCancellable *cancellable)
{
    const Work *work = data;
    QtrArea area = work->area;
    QtrQuality *quality = g_new0(QtrQuality, 1);

    if (area.width > 0) {
        GError *error = NULL;
        g_autoptr(QtrImage) a =
            qtr_image_crop(work->a, area.x, area.y, area.width, area.height, &error);
        g_autoptr(QtrImage) b =
            a ? qtr_image_crop(work->b, area.x, area.y, area.width, area.height, &error) : NULL;

        if (!b) {
            g_free(quality);
            g_task_return_error(task, error);
            return;
        }
        *quality = (QtrQuality){qtr_image_psnr_y(a, b, 0), qtr_image_ssim_y(a, b, 0)};
    } else {
        *quality = (QtrQuality){qtr_image_psnr_y(work->a, work->b, QTR_METRICS_BORDER),
                                qtr_image_ssim_y(work->a, work->b, QTR_METRICS_BORDER)};
    }
    g_task_return_pointer(task, quality, g_free);
}

static void on_measured(GObject *object, GAsyncResult *result, gpointer user_data)
{
    Work *work = work_of(result);
    g_autofree QtrQuality *quality = g_task_propagate_pointer(G_TASK(result), NULL);

    if (work && quality)
        ((QtrQualityDone)work->done)(quality, work->user_data);
}

void qtr_image_work_measure(const QtrImage *image, const QtrImage *reference, QtrArea area,
                            GObject *owner_a, GObject *owner_b, GCancellable *cancellable,
                            QtrQualityDone done, gpointer user_data)
{
    Work work = {.a = image,
                 .b = reference,
                 .area = area,
                 .owners = {g_object_ref(owner_a), g_object_ref(owner_b)},
                 .done = G_CALLBACK(done),
                 .user_data = user_data};

    g_return_if_fail(image->width == reference->width && image->height == reference->height);
    start(&work, cancellable, on_measured, measure_in_thread);
}
