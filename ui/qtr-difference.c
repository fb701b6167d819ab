#include "qtr-difference.h"

#include "qtr-image-work.h"

struct _QtrDifference {
    GObject parent_instance;

    QtrPyramid *picture;
    GCancellable *making;
    QtrPyramid *a, *b; /* what it is made of */
    double gain;
};

G_DEFINE_FINAL_TYPE(QtrDifference, qtr_difference, G_TYPE_OBJECT)

static guint changed_signal;

static void on_made(QtrImage *image, const GError *error, gpointer user_data)
{
    QtrDifference *self = user_data;

    g_clear_object(&self->picture);
    if (image)
        self->picture = qtr_pyramid_new(image);
    g_signal_emit(self, changed_signal, 0);
}

/* Work that nobody waits for any more. */
static void drop_work(QtrDifference *self)
{
    if (self->making)
        g_cancellable_cancel(self->making);
    g_clear_object(&self->making);
}

QtrPyramid *qtr_difference_get(QtrDifference *self, QtrPyramid *a, QtrPyramid *b, double gain)
{
    gboolean is_other;

    g_return_val_if_fail(QTR_IS_DIFFERENCE(self), NULL);
    is_other = g_set_object(&self->a, a);
    is_other = g_set_object(&self->b, b) || is_other;
    if (!is_other && gain == self->gain)
        return self->picture;
    self->gain = gain;
    if (is_other)
        g_clear_object(&self->picture);
    drop_work(self);
    self->making = g_cancellable_new();
    qtr_image_work_difference(qtr_pyramid_get_image(a), qtr_pyramid_get_image(b), gain, G_OBJECT(a),
                              G_OBJECT(b), self->making, on_made, self);
    return self->picture;
}

static void qtr_difference_dispose(GObject *object)
{
    QtrDifference *self = QTR_DIFFERENCE(object);

    drop_work(self);
    g_clear_object(&self->picture);
    g_clear_object(&self->a);
    g_clear_object(&self->b);
    G_OBJECT_CLASS(qtr_difference_parent_class)->dispose(object);
}

static void qtr_difference_class_init(QtrDifferenceClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = qtr_difference_dispose;
    changed_signal = g_signal_new("changed", QTR_TYPE_DIFFERENCE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void qtr_difference_init(QtrDifference *self)
{
}

QtrDifference *qtr_difference_new(void)
{
    return g_object_new(QTR_TYPE_DIFFERENCE, NULL);
}
