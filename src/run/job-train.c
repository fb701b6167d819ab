#include "run/job.h"

#include "run/checkpoint.h"
#include "run/draw.h"
#include "run/folder.h"
#include "run/infer.h"
#include "run/record.h"
#include "run/resume.h"
#include "run/schedule.h"
#include "run/train-genotype.h"
#include "run/train-report.h"
#include "run/training-list.h"
#include "run/validation-psnr.h"

#include <math.h>

typedef struct {
    QtrRecord record;
    const QtrConfig *config;
    QtrGenotype genotype;
    QtrArch arch;
    GPtrArray *paths, *valid_paths;
    guint32 *indices;
    QtrNet *net;
    QtrInfer *infer;
    QtrLoader *loader;
    QtrCheckpoint at;
    guint32 steps; /* of an epoch */
    gint64 last_save, epoch_begin;
} Train;

static guint epochs_of(const Train *t)
{
    return (guint)t->config->train.epochs;
}

static guint32 epoch_steps(const QtrConfig *config, guint images)
{
    guint batch = (guint)config->dataset.batch_size;

    return (images + batch - 1) / batch;
}

static guint64 global_step(const Train *t)
{
    return (guint64)t->at.epoch * t->steps + t->at.step;
}

static QtrRates rates_of(const Train *t)
{
    const QtrConfig *c = t->config;

    return (QtrRates){.step = (guint32)global_step(t),
                      .lr = qtr_schedule_lr(c->train.lr_scheduler, c->train.lr,
                                            QTR_LINEAR_FACTOR_TRAIN, t->at.epoch, epochs_of(t))};
}

static QtrNet *make_net(const Train *t, GError **error)
{
    const QtrConfig *c = t->config;
    QtrNetParams params;

    qtr_net_params_init(&params);
    params.arch = t->arch;
    params.genotype = &t->genotype;
    params.batch = c->dataset.batch_size;
    params.height = params.width = c->dataset.crop_size;
    params.seed = (guint64)c->env.seed;
    params.optimizer = QTR_OPTIMIZER_ADAM;
    params.weight_decay = c->train.weight_decay;
    return qtr_net_new(t->record.device, &params, error);
}

static gboolean save_checkpoint(Train *t, GError **error)
{
    g_autofree char *path = qtr_folder_path(t->record.dir, QTR_FOLDER_CHECKPOINT);

    t->last_save = g_get_monotonic_time();
    return qtr_checkpoint_save(t->net, &t->at, path, error) &&
           qtr_events_checkpoint(t->record.events, qtr_folder_item_name(QTR_FOLDER_CHECKPOINT),
                                 t->at.epoch, t->at.step, FALSE, error);
}

static gboolean set_weights(Train *t, GError **error)
{
    g_autofree char *path = qtr_folder_path(t->record.dir, QTR_FOLDER_CHECKPOINT);
    const QtrCheckpointBasis basis = qtr_training_basis(t->config, t->paths, t->steps);

    t->at = (QtrCheckpoint){.kind = QTR_CHECKPOINT_TRAIN, .basis = basis};
    return !t->record.resumes || !g_file_test(path, G_FILE_TEST_EXISTS) ||
           (qtr_checkpoint_load(t->net, &t->at, path, error) &&
            qtr_checkpoint_check(&t->at, &basis, error));
}

/* The genotype is kept in the folder, first of all: a resumed run needs no other file and knows by
 * it what it is, and a viewer shows it. */
static gboolean keep_genotype(Train *t, GError **error)
{
    g_autofree char *path = qtr_folder_path(t->record.dir, QTR_FOLDER_GENOTYPE);
    g_autofree char *image =
        g_build_filename(t->record.dir, t->config->env.im_dir, "trained.png", NULL);
    g_autoptr(QtrDrawing) drawing = qtr_drawing_new_genotype(&t->genotype, &t->arch, NULL);

    return qtr_genotype_save(&t->genotype, path, error) && qtr_folder_make_for(image, error) &&
           qtr_drawing_save(drawing, image, error);
}

static gboolean note_start(Train *t, GError **error)
{
    const char *device = qtr_device_info(t->record.device)->name;

    if (global_step(t) > 0)
        return qtr_events_resumed(
            t->record.events,
            &(QtrEventResumed){
                .kind = "train", .device = device, .epoch = t->at.epoch, .step = t->at.step},
            error);
    return qtr_events_started(t->record.events,
                              &(QtrEventStarted){.kind = "train",
                                                 .name = t->config->env.run_name,
                                                 .device = device,
                                                 .config_path = "config.yaml",
                                                 .epochs = epochs_of(t),
                                                 .epoch_steps = t->steps},
                              error);
}

static gboolean prepare(Train *t, GError **error)
{
    const QtrConfig *c = t->config;
    QtrLog *log = t->record.job->log;

    if (!keep_genotype(t, error))
        return FALSE;
    t->paths = qtr_training_list(c, log, error);
    if (!t->paths)
        return FALSE;
    t->valid_paths = qtr_validation_list(c, log, error);
    if (!t->valid_paths)
        return FALSE;
    t->indices = g_new(guint32, t->paths->len);
    for (guint i = 0; i < t->paths->len; i++)
        t->indices[i] = i;
    t->steps = epoch_steps(c, t->paths->len);
    qtr_train_report_start(log, t->paths->len, t->valid_paths->len, t->steps,
                           c->dataset.batch_size);
    t->net = make_net(t, error);
    if (!t->net || !set_weights(t, error))
        return FALSE;
    t->infer = qtr_infer_new(t->record.device, &t->arch, &t->genotype);
    t->loader =
        qtr_training_loader(c, t->paths, t->indices, t->paths->len, 0, FALSE, global_step(t));
    return qtr_record_open_board(&t->record, global_step(t) ? (gint64)global_step(t) : -1, error) &&
           note_start(t, error);
}

/* Full precision during the warm-up; after it the quantizers start from the weights as they are. */
static gboolean set_precision(Train *t, GError **error)
{
    gboolean quantized = t->at.epoch >= (guint)t->config->train.warm_up;

    return qtr_net_is_quantized(t->net) == quantized ||
           qtr_net_set_quantized(t->net, quantized, error);
}

static gboolean take_step(Train *t, double *loss, GError **error)
{
    const QtrCrops *batch = qtr_loader_next(t->loader, error);
    QtrRates rates = rates_of(t);
    QtrNetResults results;

    if (!batch || !qtr_net_set_images_u8(t->net, batch->lr, batch->hr, error) ||
        !qtr_net_weight_step(t->net, &rates, error) || !qtr_net_results(t->net, &results, error))
        return FALSE;
    *loss = results.loss;
    return TRUE;
}

static gboolean report_step(Train *t, double loss, GError **error)
{
    double done = (double)global_step(t), total = (double)epochs_of(t) * t->steps;
    g_autofree char *detail = g_strdup_printf("epoch %u/%u step %u/%u loss %.4f", t->at.epoch + 1,
                                              epochs_of(t), t->at.step, t->steps, loss);
    QtrEventStep event = {.phase = "train",
                          .epoch = t->at.epoch,
                          .step = t->at.step,
                          .steps = t->steps,
                          .loss = loss,
                          .alpha_loss = NAN,
                          .lr = rates_of(t).lr};

    qtr_record_progress(&t->record, done, total, detail);
    event.eta = t->record.eta;
    if (t->at.step % (guint)t->config->train.print_freq == 0 || t->at.step == t->steps)
        qtr_debug(t->record.job->log, "%s", detail);
    return qtr_tensorboard_scalar(t->record.board, "train/step/loss", (gint64)done, loss, error) &&
           ((!qtr_record_event_due(&t->record) && t->at.step < t->steps) ||
            qtr_events_step(t->record.events, &event, error));
}

/* A network in full precision is never the best: it is not what was asked for. The best is written
 * before the checkpoint that knows of it. */
static gboolean finish_epoch(Train *t, GError **error)
{
    g_autofree char *best = qtr_folder_path(t->record.dir, QTR_FOLDER_BEST);
    QtrTrainFigures f = {.epoch = t->at.epoch,
                         .epochs = epochs_of(t),
                         .loss = t->at.loss_sum / t->steps,
                         .lr = rates_of(t).lr,
                         .full_precision = !qtr_net_is_quantized(t->net)};

    if (!qtr_infer_set_net(t->infer, t->net, error) ||
        !qtr_validation_psnr(t->infer, t->valid_paths, &f.psnr, error))
        return FALSE;
    /* Where no image could be measured (NaN) the last epoch counts. */
    f.is_best = !f.full_precision && (!t->at.has_best || !(f.psnr <= t->at.best));
    if (f.is_best) {
        t->at.has_best = TRUE;
        t->at.best = f.psnr;
    }
    f.seconds = (double)(g_get_monotonic_time() - t->epoch_begin) / G_USEC_PER_SEC;
    if (!qtr_train_report_epoch(&t->record, &f, error) ||
        (f.is_best && !qtr_weights_save(t->net, QTR_CHECKPOINT_TRAIN, best, error)))
        return FALSE;
    t->at.epoch++;
    t->at.step = 0;
    t->at.loss_sum = 0;
    return save_checkpoint(t, error);
}

static gboolean run_epoch(Train *t, GError **error)
{
    t->epoch_begin = g_get_monotonic_time();
    if (!set_precision(t, error))
        return FALSE;
    while (t->at.step < t->steps) {
        double loss;

        if (!take_step(t, &loss, error))
            return qtr_record_fail_loss(t->at.epoch, (int)t->at.step, "train.lr", error);
        t->at.step++;
        t->at.loss_sum += loss;
        if (!report_step(t, loss, error))
            return FALSE;
        if (t->at.step == t->steps)
            break; /* the epoch's end is saved with it */
        if (qtr_record_is_stopped(&t->record))
            return save_checkpoint(t, error) && qtr_record_cancel(&t->record, error);
        if (qtr_checkpoint_is_due(t->last_save) && !save_checkpoint(t, error))
            return FALSE;
    }
    return finish_epoch(t, error);
}

static gboolean run(Train *t, GError **error)
{
    if (!prepare(t, error))
        return FALSE;
    t->last_save = g_get_monotonic_time();
    while (t->at.epoch < epochs_of(t)) {
        if (qtr_record_is_stopped(&t->record))
            return save_checkpoint(t, error) && qtr_record_cancel(&t->record, error);
        if (!run_epoch(t, error))
            return FALSE;
    }
    return TRUE;
}

/* A list of other images is refused while the folder is as it was. */
static gboolean check_resume(const QtrJob *job, GError **error)
{
    g_autoptr(GPtrArray) paths = NULL;
    QtrCheckpointBasis basis;

    if (!job->resume_dir)
        return TRUE;
    paths = qtr_training_list(job->config, NULL, error);
    if (!paths)
        return FALSE;
    basis = qtr_training_basis(job->config, paths, epoch_steps(job->config, paths->len));
    return qtr_resume_check(job, QTR_CHECKPOINT_TRAIN, &basis, error);
}

gboolean qtr_job_train(const QtrJob *job, const char *genotype_path, char **run_dir, GError **error)
{
    Train t = {.config = job->config};
    g_autoptr(GError) failure = NULL;
    gboolean ok, finished;

    if (!qtr_resume_is_finished(job, QTR_CHECKPOINT_TRAIN, epochs_of(&t), &finished, error))
        return FALSE;
    if (finished) {
        *run_dir = g_canonicalize_filename(job->resume_dir, NULL);
        return TRUE;
    }
    qtr_config_get_arch(job->config, &t.arch);
    if (!qtr_training_check(job->config, error) ||
        !qtr_train_genotype_load(job, genotype_path, &t.arch, &t.genotype, error) ||
        !check_resume(job, error) || !qtr_record_open(&t.record, job, "train", "TUNE", error))
        return FALSE;
    *run_dir = g_strdup(t.record.dir);
    ok = run(&t, &failure);
    qtr_loader_free(t.loader);
    qtr_infer_free(t.infer);
    qtr_net_free(t.net);
    g_free(t.indices);
    g_clear_pointer(&t.paths, g_ptr_array_unref);
    g_clear_pointer(&t.valid_paths, g_ptr_array_unref);
    qtr_record_close(&t.record, failure);
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&failure));
    return ok;
}
