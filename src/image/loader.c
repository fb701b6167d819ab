#include "image/loader.h"

#include "base/error.h"
#include "base/rng.h"
#include "image/cache.h"
#include "image/sample.h"

#include <sys/resource.h>
#include <unistd.h>

#define READER_NICE 5 /* above what the step has */

/* Samples are numbered from the run's start; number / batch is the batch, number % batch the place
 * in it. Readers take the numbers in order and fill a ring of batches, of which the consumer's is
 * the oldest. */

typedef struct {
    QtrCrops batch;
    guint missing; /* samples still to be filled */
    GError *error; /* of its earliest failing sample, so that messages do not depend on timing */
    guint64 error_sample;
} Slot;

struct QtrLoader {
    QtrLoaderParams params;
    guint32 *indices;
    QtrResize *shrink;
    QtrImageCache *cache;
    GThread **readers;

    GMutex mutex;      /* guards all below */
    GCond work, ready; /* a slot became free; a batch became whole */
    Slot *slots;
    guint n_slots;
    guint64 batch;  /* the one qtr_loader_next gives out next */
    guint64 sample; /* the next number to be taken by a reader */
    guint32 *order; /* the split in the order of `epoch` */
    guint64 epoch;  /* G_MAXUINT64: none yet */
    gboolean given; /* the consumer holds batch - 1 */
    gboolean stop;
};

typedef struct {
    guint64 number;
    guint32 image; /* position in paths */
    guint64 draw;  /* what its crop is drawn with */
} Task;

guint32 qtr_loader_steps(const QtrLoader *loader)
{
    guint32 batch = (guint32)loader->params.batch;

    return loader->params.n_indices / batch + (loader->params.n_indices % batch != 0);
}

static void shuffle_for(QtrLoader *loader, guint64 epoch)
{
    const QtrLoaderParams *p = &loader->params;

    if (loader->epoch == epoch)
        return;
    loader->epoch = epoch;
    for (guint32 i = 0; i < p->n_indices; i++)
        loader->order[i] = loader->indices[i];
    qtr_rng_shuffle(p->seed, QTR_RNG_SHUFFLE, (guint32)(epoch * 4 + p->split), loader->order,
                    p->n_indices);
}

/* Called locked. */
static Task take(QtrLoader *loader)
{
    const QtrLoaderParams *p = &loader->params;
    Task task = {.number = loader->sample++};

    if (p->fixed) {
        task.draw = task.number % ((guint64)qtr_loader_steps(loader) * (guint64)p->batch);
        task.image = loader->indices[task.draw % p->n_indices];
    } else {
        shuffle_for(loader, task.number / p->n_indices);
        task.draw = task.number;
        task.image = loader->order[task.number % p->n_indices];
    }
    return task;
}

static Slot *slot_of(QtrLoader *loader, guint64 batch)
{
    return &loader->slots[batch % loader->n_slots];
}

static gboolean fill(QtrLoader *loader, const Task *task, GError **error)
{
    const QtrLoaderParams *p = &loader->params;
    const char *path = g_ptr_array_index(p->paths, task->image);
    int hr = p->crop * p->scale;
    gsize hr_size = 3 * (gsize)hr * (gsize)hr, lr_size = 3 * (gsize)p->crop * (gsize)p->crop;
    gsize place = task->number % (guint64)p->batch;
    QtrCrops *batch = &slot_of(loader, task->number / (guint64)p->batch)->batch;
    QtrRng4 draw = qtr_rng_at(p->seed, QTR_RNG_CROP, p->split, task->draw);
    const QtrImage *image = qtr_image_cache_get(loader->cache, task->image, path, error);
    gboolean fits;

    if (!image)
        return FALSE;
    fits = image->width >= hr && image->height >= hr;
    if (fits)
        qtr_sample_cut(image, draw.v, loader->shrink, hr, p->crop, batch->hr + place * hr_size,
                       batch->lr + place * lr_size);
    else
        g_set_error(
            error, QTR_ERROR, QTR_ERROR_FORMAT,
            "%s: %d x %d pixels are smaller than the crop of %d x %d; remove it from the list",
            path, image->width, image->height, hr, hr);
    qtr_image_cache_release(loader->cache, task->image, image);
    return fits;
}

/* Called locked; unlocks while it works. */
static void do_one(QtrLoader *loader)
{
    Task task = take(loader);
    Slot *slot = slot_of(loader, task.number / (guint64)loader->params.batch);
    GError *error = NULL;

    g_mutex_unlock(&loader->mutex);
    (void)fill(loader, &task, &error);
    g_mutex_lock(&loader->mutex);
    if (error && (!slot->error || task.number < slot->error_sample)) {
        g_clear_error(&slot->error);
        slot->error = g_steal_pointer(&error);
        slot->error_sample = task.number;
    }
    g_clear_error(&error);
    if (--slot->missing == 0)
        g_cond_signal(&loader->ready);
}

static gboolean may_read(const QtrLoader *loader)
{
    guint64 oldest = loader->batch - (loader->given ? 1 : 0);

    return loader->sample / (guint64)loader->params.batch < oldest + loader->n_slots;
}

static gpointer reader_main(gpointer user_data)
{
    QtrLoader *loader = user_data;
    id_t thread = (id_t)gettid();

    /* Reading ahead gives way to the step at work; a step that waits leaves the processor to it. */
    (void)setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + READER_NICE);
    g_mutex_lock(&loader->mutex);
    while (!loader->stop) {
        if (may_read(loader))
            do_one(loader);
        else
            g_cond_wait(&loader->work, &loader->mutex);
    }
    g_mutex_unlock(&loader->mutex);
    return NULL;
}

static void make_slots(QtrLoader *loader)
{
    const QtrLoaderParams *p = &loader->params;
    gsize n = (gsize)p->batch, lr = 3 * (gsize)p->crop * (gsize)p->crop;
    gsize hr = lr * (gsize)p->scale * (gsize)p->scale;

    loader->n_slots = p->threads > 0 ? 4 : 1;
    loader->slots = g_new0(Slot, loader->n_slots);
    for (guint i = 0; i < loader->n_slots; i++) {
        Slot *slot = &loader->slots[i];

        slot->batch = (QtrCrops){p->batch, p->crop, p->scale, NULL, NULL};
        slot->batch.lr = g_malloc_n(n, lr);
        slot->batch.hr = g_malloc_n(n, hr);
        slot->missing = (guint)p->batch;
    }
}

QtrLoader *qtr_loader_new(const QtrLoaderParams *params, guint64 first_batch)
{
    QtrLoader *loader;

    g_assert(params->n_indices > 0 && params->batch > 0 && params->crop > 0 && params->scale > 0);
    g_assert(params->threads >= 0 && params->split < 4);
    for (guint32 i = 0; i < params->n_indices; i++)
        g_assert(params->indices[i] < params->paths->len);

    loader = g_new0(QtrLoader, 1);
    loader->params = *params;
    loader->indices = g_memdup2(params->indices, params->n_indices * sizeof *params->indices);
    loader->params.indices = loader->indices;
    loader->order = g_new(guint32, params->n_indices);
    loader->epoch = G_MAXUINT64;
    loader->batch = first_batch;
    loader->sample = first_batch * (guint64)params->batch;
    loader->shrink = qtr_resize_new(params->crop * params->scale, params->crop * params->scale,
                                    params->crop, params->crop);
    loader->cache = qtr_image_cache_new(params->cache_bytes);
    g_mutex_init(&loader->mutex);
    g_cond_init(&loader->work);
    g_cond_init(&loader->ready);
    make_slots(loader);
    loader->readers = g_new0(GThread *, params->threads);
    for (int i = 0; i < params->threads; i++)
        loader->readers[i] = g_thread_new("qtr-reader", reader_main, loader);
    return loader;
}

void qtr_loader_free(QtrLoader *loader)
{
    if (!loader)
        return;
    g_mutex_lock(&loader->mutex);
    loader->stop = TRUE;
    g_cond_broadcast(&loader->work);
    g_mutex_unlock(&loader->mutex);
    for (int i = 0; i < loader->params.threads; i++)
        g_thread_join(loader->readers[i]);
    for (guint i = 0; i < loader->n_slots; i++) {
        g_free(loader->slots[i].batch.lr);
        g_free(loader->slots[i].batch.hr);
        g_clear_error(&loader->slots[i].error);
    }
    g_mutex_clear(&loader->mutex);
    g_cond_clear(&loader->work);
    g_cond_clear(&loader->ready);
    qtr_image_cache_free(loader->cache);
    qtr_resize_free(loader->shrink);
    g_free(loader->readers);
    g_free(loader->slots);
    g_free(loader->order);
    g_free(loader->indices);
    g_free(loader);
}

/* Called locked: the batch the consumer had may be overwritten. */
static void give_back(QtrLoader *loader)
{
    if (!loader->given)
        return;
    loader->given = FALSE;
    slot_of(loader, loader->batch - 1)->missing = (guint)loader->params.batch;
    g_cond_broadcast(&loader->work);
}

const QtrCrops *qtr_loader_next(QtrLoader *loader, GError **error)
{
    const QtrCrops *batch = NULL;
    Slot *slot;

    g_mutex_lock(&loader->mutex);
    give_back(loader);
    slot = slot_of(loader, loader->batch);
    while (slot->missing > 0) {
        if (loader->params.threads == 0)
            do_one(loader);
        else
            g_cond_wait(&loader->ready, &loader->mutex);
    }
    if (slot->error) {
        g_propagate_error(error, g_error_copy(slot->error));
    } else {
        batch = &slot->batch;
        loader->batch++;
        loader->given = TRUE;
    }
    g_mutex_unlock(&loader->mutex);
    return batch;
}
