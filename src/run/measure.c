#include "run/measure.h"

#include "base/error.h"
#include "run/config-net.h"
#include "run/split.h"
#include "run/training-list.h"

#include <stdlib.h>

#define SECONDS 4.0 /* of steps; more do not make a better estimate */
#define ROUNDS_MIN 2
#define ROUNDS_MAX 20

typedef struct {
    QtrNet *net;
    QtrRates rates;
    double alphas[ROUNDS_MAX], weights[ROUNDS_MAX], evaluations[ROUNDS_MAX];
} Run;

static double now(void)
{
    return (double)g_get_monotonic_time() / G_USEC_PER_SEC;
}

/* Grain that is the same in every run, and nothing a step could blow up on. */
static guint8 *make_images(const QtrConfig *config, int side)
{
    gsize n = 3 * (gsize)config->dataset.batch_size * (gsize)side * (gsize)side;
    guint8 *images = g_malloc(n);

    for (gsize i = 0; i < n; i++)
        images[i] = (guint8)(i * 7 % 251);
    return images;
}

static gboolean set_images(QtrNet *net, const QtrConfig *config, GError **error)
{
    int side = config->dataset.crop_size;
    g_autofree guint8 *lr = make_images(config, side);
    g_autofree guint8 *hr = make_images(config, side * config->dataset.scale);

    return qtr_net_set_images_u8(net, lr, hr, error);
}

static gboolean time_one(Run *run, gboolean (*enqueue)(QtrNet *, const QtrRates *, GError **),
                         double *seconds, GError **error)
{
    double begin = now();
    QtrNetResults results;

    if (!enqueue(run->net, &run->rates, error) || !qtr_net_results(run->net, &results, error))
        return FALSE;
    *seconds = now() - begin;
    return TRUE;
}

static gboolean time_round(Run *run, int i, GError **error)
{
    return time_one(run, qtr_net_alpha_step, &run->alphas[i], error) &&
           time_one(run, qtr_net_weight_step, &run->weights[i], error) &&
           time_one(run, qtr_net_evaluate, &run->evaluations[i], error);
}

static gboolean check_stop(const gint *stop, GError **error)
{
    if (!stop || !g_atomic_int_get(stop))
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_CANCELLED, "the measurement was stopped");
    return FALSE;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *values, int n)
{
    qsort(values, (gsize)n, sizeof *values, compare_doubles);
    return values[n / 2];
}

static gboolean time_rounds(Run *run, const gint *stop, QtrMeasurement *m, GError **error)
{
    double begin = now();
    int n = 0;

    while (n < ROUNDS_MIN || (n < ROUNDS_MAX && now() - begin < SECONDS)) {
        run->rates.step++;
        if (!check_stop(stop, error) || !time_round(run, n++, error))
            return FALSE;
    }
    m->warm_up = median(run->weights, n);
    m->step = m->warm_up + median(run->alphas, n);
    m->evaluate = median(run->evaluations, n);
    return TRUE;
}

/* Without a list of images there are no epochs to speak of. */
static gboolean count_steps(const QtrConfig *config, QtrMeasurement *m, GError **error)
{
    QtrSplit split;

    if (!config->dataset.files_list || !*config->dataset.files_list)
        return TRUE;
    if (!qtr_training_count(config, &m->images, error))
        return FALSE;
    qtr_split_init(&split, m->images, config, NULL);
    m->steps = qtr_split_steps(&split, config);
    qtr_split_clear(&split);
    return TRUE;
}

static void add_epochs(const QtrConfig *config, QtrMeasurement *m)
{
    double validation = m->steps * m->evaluate;

    m->epoch = m->steps * m->step + validation;
    m->search = config->search.warm_up * (m->steps * m->warm_up + validation) +
                (config->search.epochs - config->search.warm_up) * m->epoch;
}

gboolean qtr_measure_search(QtrDevice *device, const QtrConfig *config, const gint *stop,
                            QtrMeasurement *measurement, GError **error)
{
    guint64 before = qtr_device_allocated(device);
    double begin = now();
    Run run = {.rates = {.lr = 1e-4, .alpha_lr = 1e-4, .temperature = 1.0}};
    QtrNetParams params;
    gboolean ok;

    *measurement = (QtrMeasurement){0};
    if (!count_steps(config, measurement, error))
        return FALSE;
    qtr_config_get_supernet(config, &params);
    run.net = qtr_net_new(device, &params, error);
    if (!run.net)
        return FALSE;
    measurement->memory = qtr_device_allocated(device) - before;
    ok = set_images(run.net, config, error) && time_round(&run, 0, error);
    measurement->compile = now() - begin;
    ok = ok && time_rounds(&run, stop, measurement, error);
    add_epochs(config, measurement);
    qtr_net_free(run.net);
    return ok;
}
