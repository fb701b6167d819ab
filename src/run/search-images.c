#include "run/search-images.h"

#include "run/training-list.h"

/* Parts of the random counter. */
enum { PART_WEIGHTS, PART_ALPHAS, PART_VALID };

gboolean qtr_search_images_init(QtrSearchImages *images, const QtrConfig *config, QtrLog *log,
                                GError **error)
{
    g_autofree char *text = NULL;

    images->config = config;
    images->paths = qtr_training_list(config, log, error);
    if (!images->paths)
        return FALSE;
    qtr_split_init(&images->split, images->paths->len, config, log);
    images->steps = qtr_split_steps(&images->split, config);
    text = qtr_split_text(&images->split, images->paths->len);
    qtr_info(log, "%u images: %s\nsteps an epoch: %u, of %d crops each", images->paths->len, text,
             images->steps, config->dataset.batch_size);
    return TRUE;
}

static QtrLoader *loader_of(const QtrSearchImages *images, guint32 part, guint32 at, guint64 from)
{
    return qtr_training_loader(images->config, images->paths, images->split.indices + at,
                               images->split.n, part, part == PART_VALID, from);
}

void qtr_search_images_start(QtrSearchImages *images, guint64 weights_from, guint64 alphas_from)
{
    images->weights = loader_of(images, PART_WEIGHTS, images->split.weights_at, weights_from);
    images->alphas = loader_of(images, PART_ALPHAS, images->split.alphas_at, alphas_from);
}

QtrLoader *qtr_search_images_valid(QtrSearchImages *images)
{
    /* The same batches each time find their images decoded. */
    if (!images->valid)
        images->valid = loader_of(images, PART_VALID, images->split.valid_at, 0);
    return images->valid;
}

void qtr_search_images_clear(QtrSearchImages *images)
{
    g_clear_pointer(&images->weights, qtr_loader_free);
    g_clear_pointer(&images->alphas, qtr_loader_free);
    g_clear_pointer(&images->valid, qtr_loader_free);
    qtr_split_clear(&images->split);
    g_clear_pointer(&images->paths, g_ptr_array_unref);
}
