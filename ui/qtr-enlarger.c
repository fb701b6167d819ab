#include "qtr-enlarger.h"

#include "nn/cost.h"
#include "qtr-run-builder.h"
#include "qtr-upscale.h"
#include "run/folder.h"

#include <math.h>
#include <string.h>

struct _QtrEnlarger {
    GObject parent_instance;

    char *dir;
    int scale;
    double bitops, seconds;
    QtrUpscale *upscale; /* also keeps the file */
    char *ready;         /* a file the run has left of this very image; NULL: none */
};

G_DEFINE_FINAL_TYPE(QtrEnlarger, qtr_enlarger, G_TYPE_OBJECT)

enum { DONE, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void let_go(QtrEnlarger *self)
{
    g_clear_pointer(&self->dir, g_free);
    self->scale = 0;
    self->bitops = NAN;
}

static void on_upscaled(QtrEnlarger *self, QtrUpscale *upscale)
{
    const char *failure = qtr_upscale_get_failure(upscale);

    if (failure || qtr_upscale_is_cancelled(upscale)) {
        let_go(self);
        g_signal_emit(self, signals[FAILED], 0, qtr_upscale_is_cancelled(upscale) ? NULL : failure);
        return;
    }
    self->seconds = qtr_upscale_get_seconds(upscale);
    g_signal_emit(self, signals[DONE], 0, qtr_upscale_get_result(upscale));
}

static void drop_work(QtrEnlarger *self)
{
    if (self->upscale)
        g_signal_handlers_disconnect_by_data(self->upscale, self);
    g_clear_object(&self->upscale);
    g_clear_pointer(&self->ready, g_free);
    self->seconds = NAN;
}

void qtr_enlarger_set_network(QtrEnlarger *self, const char *run_dir)
{
    g_autofree char *dir = g_strdup(run_dir);
    g_autoptr(QtrRunSnapshot) s = dir ? qtr_run_snapshot_load(dir) : NULL;
    QtrGenotype genotype;
    QtrArch arch;

    g_return_if_fail(QTR_IS_ENLARGER(self));
    drop_work(self);
    let_go(self);
    self->dir = g_steal_pointer(&dir);
    if (s && s->has_arch)
        self->scale = s->arch.scale;
    if (s && qtr_run_snapshot_get_genotype(s, TRUE, &genotype, &arch) &&
        qtr_genotype_check(&genotype, &arch, NULL))
        self->bitops = qtr_genotype_cost(&genotype, &arch, QTR_COST_SIDE, QTR_COST_SIDE).bitops;
}

/* "images/Set5/baby_LR.png" of the network's own run: it has left "baby_SR.png" beside. */
static char *find_ready(QtrEnlarger *self, const char *lr)
{
    g_autofree char *images = qtr_folder_path(self->dir, QTR_FOLDER_IMAGES);
    g_autofree char *stem = NULL;
    g_autofree char *path = NULL;

    if (!g_str_has_prefix(lr, images) || lr[strlen(images)] != G_DIR_SEPARATOR ||
        !g_str_has_suffix(lr, "_LR.png"))
        return NULL;
    stem = g_strndup(lr, strlen(lr) - strlen("_LR.png"));
    path = g_strconcat(stem, "_SR.png", NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}

void qtr_enlarger_enlarge(QtrEnlarger *self, const char *lr)
{
    g_autofree char *weights = NULL;
    g_autoptr(GError) error = NULL;

    g_return_if_fail(QTR_IS_ENLARGER(self));
    drop_work(self);
    if (!self->dir || !lr)
        return;
    self->ready = find_ready(self, lr);
    if (self->ready) {
        g_signal_emit(self, signals[DONE], 0, self->ready);
        return;
    }
    weights = qtr_folder_path(self->dir, QTR_FOLDER_BEST);
    self->upscale = qtr_upscale_new(weights, lr, &error);
    if (self->upscale) {
        g_signal_connect_swapped(self->upscale, "done", G_CALLBACK(on_upscaled), self);
        return;
    }
    let_go(self);
    g_signal_emit(self, signals[FAILED], 0, error->message);
}

gboolean qtr_enlarger_is_busy(QtrEnlarger *self)
{
    return self->upscale && qtr_upscale_is_running(self->upscale);
}

void qtr_enlarger_cancel(QtrEnlarger *self)
{
    if (qtr_enlarger_is_busy(self))
        qtr_upscale_cancel(self->upscale);
}

const char *qtr_enlarger_get_network(QtrEnlarger *self)
{
    return self->dir;
}

int qtr_enlarger_get_scale(QtrEnlarger *self)
{
    return self->scale;
}

double qtr_enlarger_get_bitops(QtrEnlarger *self)
{
    return self->bitops;
}

double qtr_enlarger_get_seconds(QtrEnlarger *self)
{
    return self->seconds;
}

const char *qtr_enlarger_get_result(QtrEnlarger *self)
{
    return self->ready ? self->ready : self->upscale ? qtr_upscale_get_result(self->upscale) : NULL;
}

static void qtr_enlarger_dispose(GObject *object)
{
    QtrEnlarger *self = QTR_ENLARGER(object);

    drop_work(self);
    let_go(self);
    G_OBJECT_CLASS(qtr_enlarger_parent_class)->dispose(object);
}

static void qtr_enlarger_class_init(QtrEnlargerClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = qtr_enlarger_dispose;
    signals[DONE] = g_signal_new("done", QTR_TYPE_ENLARGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
    signals[FAILED] = g_signal_new("failed", QTR_TYPE_ENLARGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void qtr_enlarger_init(QtrEnlarger *self)
{
    self->bitops = self->seconds = NAN;
}

QtrEnlarger *qtr_enlarger_new(void)
{
    return g_object_new(QTR_TYPE_ENLARGER, NULL);
}
