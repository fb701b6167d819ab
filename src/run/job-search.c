#include "run/job.h"

#include "base/error.h"
#include "run/checkpoint.h"
#include "run/config-net.h"
#include "run/folder.h"
#include "run/record.h"
#include "run/resume.h"
#include "run/schedule.h"
#include "run/search-images.h"
#include "run/search-report.h"
#include "run/training-list.h"

#include <math.h>

#define WHAT_MAY_HELP "search.w_lr, search.alpha_lr or search.w_grad_clip"

typedef struct {
    QtrRecord record;
    const QtrConfig *config;
    QtrSearchImages images;
    QtrNet *net;
    QtrCheckpoint at;
    guint32 steps; /* of an epoch, and batches of its validation */
    gint64 last_save;
    gint64 epoch_begin;
    QtrSearchFigures figures;
} Search;

static guint epochs_of(const Search *s)
{
    return (guint)s->config->search.epochs;
}

static guint warm_up_of(const Search *s)
{
    return (guint)s->config->search.warm_up;
}

static guint64 global_step(const Search *s)
{
    return (guint64)s->at.epoch * s->steps + s->at.step;
}

/* Alpha steps stand in every epoch after the warm-up, one before each weight step. */
static guint64 alpha_batches(const Search *s)
{
    return s->at.epoch < warm_up_of(s)
               ? 0
               : (guint64)(s->at.epoch - warm_up_of(s)) * s->steps + s->at.step;
}

static QtrRates rates_of(const Search *s)
{
    const QtrConfig *c = s->config;
    guint epoch = s->at.epoch, epochs = epochs_of(s);

    return (QtrRates){
        .step = (guint32)global_step(s),
        .lr = qtr_schedule_lr(c->search.lr_scheduler, c->search.w_lr, QTR_LINEAR_FACTOR_SEARCH,
                              epoch, epochs),
        .alpha_lr = c->search.alpha_lr,
        .temperature = qtr_schedule_temperature(c->search.temp_max, c->search.temp_min,
                                                warm_up_of(s), epoch, epochs),
        .sparse = qtr_schedule_sparse(c->search.sparse_type, c->search.sparse_coef, epoch, epochs),
    };
}

static QtrNet *make_net(const Search *s, GError **error)
{
    QtrNetParams params;

    qtr_config_get_supernet(s->config, &params);
    return qtr_net_new(s->record.device, &params, error);
}

static gboolean save_checkpoint(Search *s, GError **error)
{
    g_autofree char *path = qtr_folder_path(s->record.dir, QTR_FOLDER_CHECKPOINT);

    s->last_save = g_get_monotonic_time();
    return qtr_checkpoint_save(s->net, &s->at, path, error) &&
           qtr_events_checkpoint(s->record.events, qtr_folder_item_name(QTR_FOLDER_CHECKPOINT),
                                 s->at.epoch, s->at.step, FALSE, error);
}

/* From the run's checkpoint, from search.load_path, or as the seed says. */
static gboolean set_weights(Search *s, GError **error)
{
    g_autofree char *path = qtr_folder_path(s->record.dir, QTR_FOLDER_CHECKPOINT);
    const char *load_path = s->config->search.load_path;
    const QtrCheckpointBasis basis = qtr_training_basis(s->config, s->images.paths, s->steps);

    s->at = (QtrCheckpoint){.kind = QTR_CHECKPOINT_SEARCH, .basis = basis};
    if (s->record.resumes && g_file_test(path, G_FILE_TEST_EXISTS))
        return qtr_checkpoint_load(s->net, &s->at, path, error) &&
               qtr_checkpoint_check(&s->at, &basis, error);
    return !load_path || !*load_path || qtr_weights_load(s->net, load_path, error);
}

static gboolean note_start(Search *s, GError **error)
{
    const char *device = qtr_device_info(s->record.device)->name;
    QtrArch arch;

    if (global_step(s) > 0)
        return qtr_events_resumed(
            s->record.events,
            &(QtrEventResumed){
                .kind = "search", .device = device, .epoch = s->at.epoch, .step = s->at.step},
            error);
    qtr_config_get_arch(s->config, &arch);
    return qtr_events_started(s->record.events,
                              &(QtrEventStarted){.kind = "search",
                                                 .name = s->config->env.run_name,
                                                 .device = device,
                                                 .config_path = "config.yaml",
                                                 .epochs = epochs_of(s),
                                                 .epoch_steps = s->steps},
                              error) &&
           qtr_events_space(s->record.events, &arch, error);
}

static gboolean prepare(Search *s, GError **error)
{
    const QtrConfig *c = s->config;
    QtrLog *log = s->record.job->log;

    if (!qtr_search_images_init(&s->images, c, log, error))
        return FALSE;
    s->steps = s->images.steps;
    qtr_search_report_legend(log);
    s->net = make_net(s, error);
    if (!s->net || !set_weights(s, error))
        return FALSE;
    qtr_search_images_start(&s->images, global_step(s), alpha_batches(s));
    return qtr_record_open_board(&s->record, global_step(s) ? (gint64)global_step(s) : -1, error) &&
           note_start(s, error);
}

static gboolean put_batch(Search *s, QtrLoader *loader, GError **error)
{
    const QtrCrops *batch = qtr_loader_next(loader, error);

    return batch && qtr_net_set_images_u8(s->net, batch->lr, batch->hr, error);
}

/* Alphas, then weights. The alphas' figures are read only when they are shown: reading waits. */
static gboolean take_step(Search *s, gboolean shown, double *alpha_loss, QtrNetResults *results,
                          GError **error)
{
    QtrRates rates = rates_of(s);
    QtrNetResults alpha_results;

    *alpha_loss = NAN;
    if (s->at.epoch >= warm_up_of(s)) {
        if (!put_batch(s, s->images.alphas, error) || !qtr_net_alpha_step(s->net, &rates, error))
            return FALSE;
        if (shown) {
            if (!qtr_net_results(s->net, &alpha_results, error))
                return FALSE;
            *alpha_loss = alpha_results.loss;
        }
    }
    return put_batch(s, s->images.weights, error) && qtr_net_weight_step(s->net, &rates, error) &&
           qtr_net_results(s->net, results, error);
}

/* Work in passes over a batch: one a step of the warm-up, later one for the alphas too. */
static double work_until(const Search *s, guint epoch, guint32 step)
{
    guint warm = MIN(epoch, warm_up_of(s));
    double steps = (double)epoch * s->steps + step;

    return 2 * steps - (double)warm * s->steps - (epoch < warm_up_of(s) ? step : 0);
}

static gboolean report_step(Search *s, gboolean shown, double alpha_loss,
                            const QtrNetResults *results, GError **error)
{
    double done = work_until(s, s->at.epoch, s->at.step);
    double total = work_until(s, epochs_of(s), 0);
    g_autofree char *detail = g_strdup_printf("epoch %u/%u step %u/%u loss %.4f", s->at.epoch + 1,
                                              epochs_of(s), s->at.step, s->steps, results->loss);
    QtrEventStep event = {.phase = s->at.epoch < warm_up_of(s) ? "warm-up" : "search",
                          .epoch = s->at.epoch,
                          .step = s->at.step,
                          .steps = s->steps,
                          .loss = results->loss,
                          .alpha_loss = alpha_loss,
                          .lr = rates_of(s).lr};

    qtr_record_progress(&s->record, done, total, detail);
    event.eta = s->record.eta;
    if (s->at.step % (guint)s->config->env.print_freq == 0 || s->at.step == s->steps)
        qtr_debug(s->record.job->log, "%s", detail);
    return qtr_tensorboard_scalar(s->record.board, "search/step/loss", (gint64)global_step(s),
                                  results->loss, error) &&
           (!shown || qtr_events_step(s->record.events, &event, error));
}

/* The loss of the mixed network on the validation part. */
static gboolean validate(Search *s, double *loss, GError **error)
{
    QtrLoader *valid = qtr_search_images_valid(&s->images);
    QtrRates rates = rates_of(s);
    double sum = 0;
    gboolean ok = TRUE;

    for (guint32 i = 0; ok && i < s->steps; i++) {
        QtrNetResults results;

        /* The phase keeps these draws apart from those of steps. */
        rates.step = s->at.epoch * s->steps + i;
        ok = put_batch(s, valid, error) && qtr_net_evaluate(s->net, &rates, error) &&
             qtr_net_results(s->net, &results, error);
        if (ok)
            sum += results.loss;
    }
    *loss = sum / s->steps;
    return ok || qtr_record_fail_loss(s->at.epoch, -1, WHAT_MAY_HELP, error);
}

/* The best weights are written before the checkpoint that knows of them: a process killed in
 * between writes them again. */
static gboolean finish_epoch(Search *s, GError **error)
{
    g_autofree char *best = qtr_folder_path(s->record.dir, QTR_FOLDER_BEST);
    QtrSearchFigures *f = &s->figures;
    QtrRates rates = rates_of(s);

    f->epoch = s->at.epoch;
    f->epochs = epochs_of(s);
    f->phase = s->at.epoch < warm_up_of(s) ? "warm-up" : "search";
    f->train_loss = s->at.loss_sum / s->steps;
    f->lr = rates.lr;
    f->temperature = rates.temperature;
    if (!validate(s, &f->val_loss, error))
        return FALSE;
    f->is_best = !s->at.has_best || f->val_loss < s->at.best;
    if (f->is_best) {
        s->at.has_best = TRUE;
        s->at.best = f->val_loss;
    }
    f->seconds = (double)(g_get_monotonic_time() - s->epoch_begin) / G_USEC_PER_SEC;
    if (!qtr_search_report_epoch(&s->record, s->net, f, error) ||
        (f->is_best && !qtr_weights_save(s->net, QTR_CHECKPOINT_SEARCH, best, error)))
        return FALSE;
    s->at.epoch++;
    s->at.step = 0;
    s->at.loss_sum = 0;
    return save_checkpoint(s, error);
}

static gboolean run_epoch(Search *s, GError **error)
{
    s->epoch_begin = g_get_monotonic_time();
    while (s->at.step < s->steps) {
        gboolean shown = qtr_record_event_due(&s->record) || s->at.step + 1 == s->steps;
        QtrNetResults results;
        double alpha_loss;

        if (!take_step(s, shown, &alpha_loss, &results, error))
            return qtr_record_fail_loss(s->at.epoch, (int)s->at.step, WHAT_MAY_HELP, error);
        s->at.step++;
        s->at.loss_sum += results.loss;
        s->figures.results = results;
        if (!isnan(alpha_loss))
            s->figures.alpha_loss = alpha_loss;
        if (!report_step(s, shown, alpha_loss, &results, error))
            return FALSE;
        if (s->at.step == s->steps)
            break; /* the epoch's end is saved with it */
        if (qtr_record_is_stopped(&s->record))
            return save_checkpoint(s, error) && qtr_record_cancel(&s->record, error);
        if (qtr_checkpoint_is_due(s->last_save) && !save_checkpoint(s, error))
            return FALSE;
    }
    return finish_epoch(s, error);
}

static gboolean run(Search *s, GError **error)
{
    if (!prepare(s, error))
        return FALSE;
    s->last_save = g_get_monotonic_time();
    s->figures.alpha_loss = NAN;
    while (s->at.epoch < epochs_of(s)) {
        if (qtr_record_is_stopped(&s->record))
            return save_checkpoint(s, error) && qtr_record_cancel(&s->record, error);
        if (!run_epoch(s, error))
            return FALSE;
    }
    return TRUE;
}

/* A list of other images is refused while the folder is as it was. */
static gboolean check_resume(const QtrJob *job, GError **error)
{
    QtrSearchImages images = {0};
    QtrCheckpointBasis basis;

    if (!job->resume_dir)
        return TRUE;
    if (!qtr_search_images_init(&images, job->config, NULL, error))
        return FALSE;
    basis = qtr_training_basis(job->config, images.paths, images.steps);
    qtr_search_images_clear(&images);
    return qtr_resume_check(job, QTR_CHECKPOINT_SEARCH, &basis, error);
}

gboolean qtr_job_search(const QtrJob *job, char **run_dir, GError **error)
{
    Search s = {.config = job->config};
    g_autoptr(GError) failure = NULL;
    gboolean ok, finished;
    guint images;

    if (!qtr_resume_is_finished(job, QTR_CHECKPOINT_SEARCH, epochs_of(&s), &finished, error))
        return FALSE;
    if (finished) {
        *run_dir = g_canonicalize_filename(job->resume_dir, NULL);
        return TRUE;
    }
    if (!qtr_training_count(job->config, &images, error) || !check_resume(job, error) ||
        !qtr_record_open(&s.record, job, "search", "SEARCH", error))
        return FALSE;
    *run_dir = g_strdup(s.record.dir);
    ok = run(&s, &failure);
    qtr_search_images_clear(&s.images);
    qtr_net_free(s.net);
    qtr_record_close(&s.record, failure);
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&failure));
    return ok;
}
