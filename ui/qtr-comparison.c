#include "qtr-comparison.h"

#include "qtr-enlarger.h"

#include <math.h>
#include <string.h>

#define DEFAULT_SCALE 4

/* Where a measurement goes. */
typedef struct {
    QtrComparison *self;
    QtrSlot slot;
    int of_area;
} Target;

struct _QtrComparison {
    GObject parent_instance;

    char *lr, *hr;
    QtrPyramid *slots[QTR_SLOTS];
    QtrEnlarger *networks[2];
    QtrQuality quality[QTR_SLOTS][2]; /* of the whole, of the area */
    Target targets[QTR_SLOTS][2];
    QtrArea area;
    GCancellable *opening, *measuring; /* of images, all qualities */
    GCancellable *loading[2];          /* of each network's result */
    gboolean is_opening;
};

G_DEFINE_FINAL_TYPE(QtrComparison, qtr_comparison, G_TYPE_OBJECT)

enum { CHANGED, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void emit_changed(QtrComparison *self)
{
    g_signal_emit(self, signals[CHANGED], 0);
}

static void emit_failed(QtrComparison *self, const char *message)
{
    g_signal_emit(self, signals[FAILED], 0, message);
}

/* Work that nobody waits for any more. */
static void drop_work(GCancellable **cancellable)
{
    if (*cancellable)
        g_cancellable_cancel(*cancellable);
    g_clear_object(cancellable);
}

static void renew(GCancellable **cancellable)
{
    drop_work(cancellable);
    *cancellable = g_cancellable_new();
}

static void on_measured(const QtrQuality *quality, gpointer user_data)
{
    const Target *target = user_data;

    target->self->quality[target->slot][target->of_area] = *quality;
    emit_changed(target->self);
}

static gboolean have_same_size(QtrPyramid *a, QtrPyramid *b)
{
    const QtrImage *x = qtr_pyramid_get_image(a), *y = qtr_pyramid_get_image(b);

    return x->width == y->width && x->height == y->height;
}

static void measure(QtrComparison *self, QtrSlot slot, int of_area)
{
    QtrPyramid *picture = self->slots[slot], *hr = self->slots[QTR_SLOT_HR];
    QtrArea whole = {0};
    Target *target = &self->targets[slot][of_area];

    self->quality[slot][of_area] = (QtrQuality){NAN, NAN};
    if (!picture || !hr || slot == QTR_SLOT_HR || !have_same_size(picture, hr) ||
        (of_area && self->area.width == 0))
        return;
    *target = (Target){self, slot, of_area};
    qtr_image_work_measure(qtr_pyramid_get_image(picture), qtr_pyramid_get_image(hr),
                           of_area ? self->area : whole, G_OBJECT(picture), G_OBJECT(hr),
                           self->measuring, on_measured, target);
}

static void measure_all(QtrComparison *self)
{
    renew(&self->measuring);
    for (int slot = 0; slot < QTR_SLOTS; slot++)
        for (int of_area = 0; of_area < 2; of_area++)
            measure(self, (QtrSlot)slot, of_area);
}

static void take(QtrComparison *self, QtrSlot slot, QtrImage *image)
{
    g_clear_object(&self->slots[slot]);
    if (image)
        self->slots[slot] = qtr_pyramid_new(image);
}

static void on_opened(QtrImage **images, const GError *error, gpointer user_data)
{
    QtrComparison *self = user_data;

    self->is_opening = FALSE;
    if (!images) {
        g_clear_pointer(&self->lr, g_free);
        g_clear_pointer(&self->hr, g_free);
        emit_changed(self);
        emit_failed(self, error->message);
        return;
    }
    take(self, QTR_SLOT_NEAREST, images[QTR_SLOT_NEAREST]);
    take(self, QTR_SLOT_BICUBIC, images[QTR_SLOT_BICUBIC]);
    take(self, QTR_SLOT_HR, images[QTR_SLOT_HR]);
    measure_all(self);
    emit_changed(self);
}

static void on_loaded_a(QtrImage *image, const GError *error, gpointer user_data)
{
    QtrComparison *self = user_data;

    take(self, QTR_SLOT_A, image);
    measure_all(self);
    emit_changed(self);
    if (error)
        emit_failed(self, error->message);
}

static void on_loaded_b(QtrImage *image, const GError *error, gpointer user_data)
{
    QtrComparison *self = user_data;

    take(self, QTR_SLOT_B, image);
    measure_all(self);
    emit_changed(self);
    if (error)
        emit_failed(self, error->message);
}

static void load_result(QtrComparison *self, int index, const char *path)
{
    qtr_image_work_load(path, self->loading[index], index ? on_loaded_b : on_loaded_a, self);
}

static int index_of(QtrComparison *self, QtrEnlarger *network)
{
    return network == self->networks[1];
}

static void on_enlarged(QtrComparison *self, const char *path, QtrEnlarger *network)
{
    load_result(self, index_of(self, network), path);
    emit_changed(self);
}

static void on_not_enlarged(QtrComparison *self, const char *message)
{
    if (message)
        emit_failed(self, message);
    emit_changed(self);
}

/* What is still loading is of the image or network before. */
static void enlarge(QtrComparison *self, int index)
{
    renew(&self->loading[index]);
    g_clear_object(&self->slots[QTR_SLOT_A + index]);
    qtr_enlarger_enlarge(self->networks[index], self->lr);
}

static int scale_of(QtrComparison *self)
{
    for (int i = 0; i < 2; i++)
        if (qtr_enlarger_get_scale(self->networks[i]) > 0)
            return qtr_enlarger_get_scale(self->networks[i]);
    return DEFAULT_SCALE;
}

static void open_images(QtrComparison *self)
{
    renew(&self->opening);
    self->is_opening = TRUE;
    qtr_image_work_open(self->lr, self->hr, scale_of(self), self->opening, on_opened, self);
}

void qtr_comparison_open(QtrComparison *self, const char *lr, const char *hr)
{
    g_autofree char *lr_path = g_strdup(lr);
    g_autofree char *hr_path = g_strdup(hr);

    g_return_if_fail(QTR_IS_COMPARISON(self) && lr);
    for (int slot = 0; slot < QTR_SLOTS; slot++)
        g_clear_object(&self->slots[slot]);
    g_free(self->lr);
    g_free(self->hr);
    self->lr = g_steal_pointer(&lr_path);
    self->hr = g_steal_pointer(&hr_path);
    self->area = (QtrArea){0};
    measure_all(self);
    open_images(self);
    enlarge(self, 0);
    enlarge(self, 1);
    emit_changed(self);
}

void qtr_comparison_set_network(QtrComparison *self, int index, const char *run_dir)
{
    int before = scale_of(self);

    g_return_if_fail(QTR_IS_COMPARISON(self));
    if (g_strcmp0(run_dir, qtr_enlarger_get_network(self->networks[index])) == 0)
        return;
    qtr_enlarger_set_network(self->networks[index], run_dir);
    enlarge(self, index);
    /* The plain enlargements are to be as large. */
    if (self->lr && !self->hr && scale_of(self) != before)
        open_images(self);
    measure_all(self);
    emit_changed(self);
}

const char *qtr_comparison_get_network(QtrComparison *self, int index)
{
    return qtr_enlarger_get_network(self->networks[index]);
}

const char *qtr_comparison_get_lr(QtrComparison *self)
{
    return self->lr;
}

const char *qtr_comparison_get_hr(QtrComparison *self)
{
    return self->hr;
}

QtrPyramid *qtr_comparison_get(QtrComparison *self, QtrSlot slot)
{
    g_return_val_if_fail(QTR_IS_COMPARISON(self), NULL);
    return self->slots[slot];
}

gboolean qtr_comparison_is_busy(QtrComparison *self)
{
    return self->is_opening || qtr_enlarger_is_busy(self->networks[0]) ||
           qtr_enlarger_is_busy(self->networks[1]);
}

void qtr_comparison_cancel(QtrComparison *self)
{
    for (int i = 0; i < 2; i++)
        qtr_enlarger_cancel(self->networks[i]);
}

void qtr_comparison_set_area(QtrComparison *self, QtrArea area)
{
    if (memcmp(&area, &self->area, sizeof area) == 0)
        return;
    self->area = area;
    measure_all(self);
    emit_changed(self);
}

QtrQuality qtr_comparison_get_quality(QtrComparison *self, QtrSlot slot, gboolean of_area)
{
    return self->quality[slot][of_area ? 1 : 0];
}

double qtr_comparison_get_seconds(QtrComparison *self, int index)
{
    return qtr_enlarger_get_seconds(self->networks[index]);
}

double qtr_comparison_get_bitops(QtrComparison *self, int index)
{
    return qtr_enlarger_get_bitops(self->networks[index]);
}

const char *qtr_comparison_get_result(QtrComparison *self, int index)
{
    return self->slots[QTR_SLOT_A + index] ? qtr_enlarger_get_result(self->networks[index]) : NULL;
}

static void qtr_comparison_dispose(GObject *object)
{
    QtrComparison *self = QTR_COMPARISON(object);

    drop_work(&self->opening);
    drop_work(&self->measuring);
    for (int i = 0; i < 2; i++) {
        drop_work(&self->loading[i]);
        if (self->networks[i])
            g_signal_handlers_disconnect_by_data(self->networks[i], self);
        g_clear_object(&self->networks[i]);
    }
    for (int slot = 0; slot < QTR_SLOTS; slot++)
        g_clear_object(&self->slots[slot]);
    g_clear_pointer(&self->lr, g_free);
    g_clear_pointer(&self->hr, g_free);
    G_OBJECT_CLASS(qtr_comparison_parent_class)->dispose(object);
}

static void qtr_comparison_class_init(QtrComparisonClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = qtr_comparison_dispose;
    signals[CHANGED] = g_signal_new("changed", QTR_TYPE_COMPARISON, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
    signals[FAILED] = g_signal_new("failed", QTR_TYPE_COMPARISON, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void qtr_comparison_init(QtrComparison *self)
{
    for (int i = 0; i < 2; i++) {
        self->networks[i] = qtr_enlarger_new();
        g_signal_connect_swapped(self->networks[i], "done", G_CALLBACK(on_enlarged), self);
        g_signal_connect_swapped(self->networks[i], "failed", G_CALLBACK(on_not_enlarged), self);
    }
    for (int slot = 0; slot < QTR_SLOTS; slot++)
        self->quality[slot][0] = self->quality[slot][1] = (QtrQuality){NAN, NAN};
}

QtrComparison *qtr_comparison_new(void)
{
    return g_object_new(QTR_TYPE_COMPARISON, NULL);
}
