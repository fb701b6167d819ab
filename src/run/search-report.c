#include "run/search-report.h"

#include "nn/cost.h"
#include "run/draw.h"
#include "run/folder.h"

#include <math.h>
#include <string.h>

static int layer_size(const QtrArch *arch, int index, QtrBlock *block, int *layer)
{
    qtr_arch_layer_at(arch, index, block, layer);
    return arch->n_primitives[*block] * arch->n_bits;
}

static void softmax(const float *a, int n, double *p)
{
    double sum = 0, max = a[0];

    for (int i = 1; i < n; i++)
        max = MAX(max, (double)a[i]);
    for (int i = 0; i < n; i++)
        sum += p[i] = exp((double)a[i] - max);
    for (int i = 0; i < n; i++)
        p[i] /= sum;
}

/* alpha/body.1/simple_3x3_8 and alpha_softmax/...: layers from 1, as everywhere people read. */
static gboolean board_layer(QtrTensorboard *board, const QtrArch *arch, int index,
                            const float *alphas, gint64 epoch, GError **error)
{
    QtrBlock block;
    int layer, n = layer_size(arch, index, &block, &layer);
    g_autofree double *p = g_new(double, n);

    softmax(alphas, n, p);
    for (int i = 0; i < n; i++) {
        const QtrPrimitive *primitive = arch->primitives[block][i / arch->n_bits];
        g_autofree char *name =
            g_strdup_printf("%s.%d/%s_%d", qtr_block_name(block), layer + 1,
                            qtr_primitive_name(primitive), arch->bits[i % arch->n_bits]);
        g_autofree char *raw = g_strconcat("alpha/", name, NULL);
        g_autofree char *share = g_strconcat("alpha_softmax/", name, NULL);

        if (!qtr_tensorboard_scalar(board, raw, epoch, (double)alphas[i], error) ||
            !qtr_tensorboard_scalar(board, share, epoch, p[i], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean board_epoch(QtrTensorboard *board, const QtrArch *arch, const float *const *alphas,
                            const QtrSearchFigures *f, GError **error)
{
    const struct {
        const char *tag;
        double value;
    } scalars[] = {
        {"search/loss/train", f->train_loss},
        {"search/loss/val", f->val_loss},
        {"search/loss/sparse", f->results.sparse},
        {"search/loss/penalty", f->results.penalty},
        {"search/lr", f->lr},
        {"search/temperature", f->temperature},
        {"search/cost/weighted", f->results.cost},
        {"search/memory/weighted", f->results.memory},
        {"search/cost/best_current", f->results.best_cost},
        {"search/memory/best_current", f->results.best_memory},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(scalars); i++)
        if (!qtr_tensorboard_scalar(board, scalars[i].tag, f->epoch, scalars[i].value, error))
            return FALSE;
    for (int i = 0; i < qtr_arch_layer_count(arch); i++)
        if (!board_layer(board, arch, i, alphas[i], f->epoch, error))
            return FALSE;
    return qtr_tensorboard_flush(board, error);
}

static gboolean save_genotype(const QtrRecord *record, const QtrGenotype *genotype,
                              const QtrSearchFigures *f, GError **error)
{
    g_autofree char *path = qtr_folder_epoch_genotype(record->dir, f->epoch);
    g_autofree char *best = qtr_folder_path(record->dir, QTR_FOLDER_GENOTYPE);

    return qtr_genotype_save(genotype, path, error) &&
           (!f->is_best || qtr_genotype_save(genotype, best, error));
}

static gboolean draw(const QtrRecord *record, const QtrArch *arch, const QtrGenotype *genotype,
                     const QtrSearchFigures *f, GError **error)
{
    QtrDrawCaption caption = {.epoch = (int)f->epoch + 1, .loss = f->val_loss};
    g_autoptr(QtrDrawing) drawing = qtr_drawing_new_genotype(genotype, arch, &caption);
    g_autofree char *relative = qtr_folder_epoch_drawing(record->job->config->env.im_dir, f->epoch);
    g_autofree char *path = g_build_filename(record->dir, relative, NULL);
    g_autofree char *leaf = g_path_get_basename(path);

    return qtr_folder_make_for(path, error) && qtr_drawing_save(drawing, path, error) &&
           qtr_events_picture(record->events, "architecture", NULL, leaf, relative, error);
}

static gboolean write_event(const QtrRecord *record, const QtrArch *arch,
                            const float *const *alphas, const char *genotype, double bitops,
                            const QtrSearchFigures *f, GError **error)
{
    return qtr_events_epoch(record->events,
                            &(QtrEventEpoch){.phase = f->phase,
                                             .epoch = f->epoch,
                                             .epochs = f->epochs,
                                             .train_loss = f->train_loss,
                                             .alpha_loss = f->alpha_loss,
                                             .val_loss = f->val_loss,
                                             .psnr = NAN,
                                             .lr = f->lr,
                                             .temperature = f->temperature,
                                             .cost = f->results.cost,
                                             .memory = f->results.memory,
                                             .best_cost = f->results.best_cost,
                                             .best_memory = f->results.best_memory,
                                             .bitops_32 = bitops,
                                             .seconds = f->seconds,
                                             .is_best = f->is_best,
                                             .genotype = genotype,
                                             .arch = arch,
                                             .alphas = alphas},
                            error);
}

static int changed_layers(const QtrGenotype *a, const QtrGenotype *b)
{
    int changed = 0;

    for (int block = 0; block < QTR_BLOCKS; block++)
        for (int i = 0; i < b->layers[block]; i++)
            changed += a->genes[block][i].primitive != b->genes[block][i].primitive ||
                       a->genes[block][i].bits != b->genes[block][i].bits;
    return changed;
}

void qtr_search_report_legend(QtrLog *log)
{
    qtr_info(log, "a line an epoch: losses of training and validation (* the lowest yet), BitOps\n"
                  "(32x32) of the likeliest architecture, layers that choose anew");
}

/* One line that fits 80 columns, its columns below each other. */
static void log_epoch(const QtrRecord *record, const QtrSearchFigures *f, const QtrGenotype *now,
                      double bitops)
{
    g_autofree char *last = g_strdup_printf("%u", f->epochs);
    g_autofree char *anew = f->has_genotype
                                ? g_strdup_printf("%2d anew", changed_layers(&f->genotype, now))
                                : g_strdup("       ");

    qtr_info(record->job->log, "epoch %*u/%s  loss %.5f  valid %.5f%c %7.3g GBitOps  %s  %.*f s",
             (int)strlen(last), f->epoch + 1, last, f->train_loss, f->val_loss,
             f->is_best ? '*' : ' ', bitops * 1e-9, anew, f->seconds < 100 ? 1 : 0, f->seconds);
}

gboolean qtr_search_report_epoch(QtrRecord *record, QtrNet *net, QtrSearchFigures *f,
                                 GError **error)
{
    const QtrArch *arch = &qtr_net_params(net)->arch;
    int n_layers = qtr_arch_layer_count(arch);
    g_autofree float *values = g_new(float, qtr_net_alpha_count(net));
    g_autofree const float **alphas = g_new(const float *, n_layers);
    g_autofree char *text = NULL;
    const float *next = values;
    QtrGenotype genotype;
    double bitops;

    if (!qtr_net_read_alphas(net, values, error) || !qtr_net_genotype(net, &genotype, error))
        return FALSE;
    for (int i = 0; i < n_layers; i++) {
        QtrBlock block;
        int layer;

        alphas[i] = next;
        next += layer_size(arch, i, &block, &layer);
    }
    text = qtr_genotype_format(&genotype);
    bitops = qtr_genotype_cost(&genotype, arch, QTR_COST_SIDE, QTR_COST_SIDE).bitops;
    log_epoch(record, f, &genotype, bitops);
    qtr_debug(record->job->log, "%s", text);
    f->genotype = genotype;
    f->has_genotype = TRUE;
    return save_genotype(record, &genotype, f, error) && draw(record, arch, &genotype, f, error) &&
           board_epoch(record->board, arch, alphas, f, error) &&
           write_event(record, arch, alphas, text, bitops, f, error);
}
