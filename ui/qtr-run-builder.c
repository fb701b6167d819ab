#include "qtr-run-builder.h"

#include "cli/stop.h"
#include "qtr-run-files.h"
#include "qtr-run-space.h"
#include "run/folder.h"

#include <math.h>
#include <string.h>

#define ALPHA_EPOCHS_MAX 4096
#define PICTURES_MAX 10000
#define WARNINGS_MAX 100

struct QtrRunBuilder {
    QtrRunSnapshot *now; /* owned by this thread, never given away */
    QtrRunJob job;
    GHashTable *pictures; /* key -> place among those of `now` */
    gboolean config_read;
};

QtrRunBuilder *qtr_run_builder_new(const char *dir)
{
    QtrRunBuilder *builder = g_new0(QtrRunBuilder, 1);

    builder->now = qtr_run_snapshot_new(dir);
    builder->now->name = g_path_get_basename(dir);
    builder->job = QTR_RUN_JOBS;
    builder->pictures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int job = 0; job < QTR_RUN_JOBS; job++)
        for (int c = 0; c < QTR_CURVES; c++)
            builder->now->curves[job][c] = qtr_series_new();
    return builder;
}

void qtr_run_builder_free(QtrRunBuilder *builder)
{
    if (!builder)
        return;
    qtr_run_snapshot_unref(builder->now);
    g_hash_table_unref(builder->pictures);
    g_free(builder);
}

/* 0 where there is none; wild numbers are held to what a guint can say. */
static guint count_of(const QtrEvent *event, const char *name)
{
    double value = qtr_event_number(event, name);

    return isfinite(value) ? (guint)CLAMP(value, 0.0, (double)G_MAXINT) : 0;
}

static void set_text(char **field, const QtrEvent *event, const char *name)
{
    const char *value = qtr_event_string(event, name);

    if (!value)
        return;
    g_free(*field);
    *field = g_strdup(value);
}

static void add_to(QtrRunBuilder *builder, QtrCurve curve, double x, const QtrEvent *event,
                   const char *name)
{
    if (builder->job != QTR_RUN_JOBS)
        qtr_series_add(builder->now->curves[builder->job][curve], x, qtr_event_number(event, name));
}

static void choose_job(QtrRunBuilder *builder, const QtrEvent *event)
{
    QtrRunSnapshot *s = builder->now;

    set_text(&s->kind, event, "kind");
    builder->job = g_strcmp0(s->kind, "search") == 0  ? QTR_RUN_SEARCH
                   : g_strcmp0(s->kind, "train") == 0 ? QTR_RUN_TRAIN
                                                      : QTR_RUN_JOBS;
    set_text(&s->device, event, "device");
    set_text(&s->host, event, "host");
    s->pid = count_of(event, "pid");
    s->state = QTR_RUN_RUNNING;
    s->stopping = FALSE;
    s->eta = NAN;
    g_clear_pointer(&s->message, g_free);
    g_clear_pointer(&s->phase, g_free);
}

static void forget_from(QtrRunBuilder *builder, guint epoch, double x)
{
    QtrRunSnapshot *s = builder->now;

    if (builder->job == QTR_RUN_JOBS)
        return;
    for (int c = 0; c < QTR_CURVES; c++) {
        gboolean by_step = c <= QTR_CURVE_STEP_LR;

        qtr_series_truncate(s->curves[builder->job][c], by_step ? x : epoch + 1);
    }
    while (builder->job == QTR_RUN_SEARCH && s->alphas->len > 0 &&
           ((QtrRunAlphas *)g_ptr_array_index(s->alphas, s->alphas->len - 1))->epoch >= epoch)
        g_ptr_array_set_size(s->alphas, (int)s->alphas->len - 1);
}

static void on_started(QtrRunBuilder *builder, const QtrEvent *event)
{
    QtrRunSnapshot *s = builder->now;

    choose_job(builder, event);
    set_text(&s->name, event, "name");
    if (isnan(s->begun))
        s->begun = event->time;
    s->epochs = count_of(event, "epochs");
    s->epoch = s->step = 0;
    s->steps = count_of(event, "epoch_steps");
    forget_from(builder, 0, 0);
}

static void on_resumed(QtrRunBuilder *builder, const QtrEvent *event)
{
    QtrRunSnapshot *s = builder->now;
    guint epoch = count_of(event, "epoch"), step = count_of(event, "step");

    choose_job(builder, event);
    s->epoch = epoch;
    s->step = step;
    forget_from(builder, epoch, s->steps ? epoch + (double)step / s->steps : epoch);
}

static void on_space(QtrRunBuilder *builder, const QtrEvent *event)
{
    QtrRunSpace *space = qtr_run_space_parse(event->object);

    if (!space)
        return;
    g_clear_pointer(&builder->now->space, qtr_run_space_unref);
    builder->now->space = space;
    g_ptr_array_set_size(builder->now->alphas, 0);
}

static void on_step(QtrRunBuilder *builder, const QtrEvent *event)
{
    QtrRunSnapshot *s = builder->now;
    double x;

    s->epoch = count_of(event, "epoch");
    s->step = count_of(event, "step");
    s->steps = count_of(event, "steps");
    s->eta = qtr_event_number(event, "eta");
    set_text(&s->phase, event, "phase");
    x = s->epoch + (s->steps ? (double)s->step / s->steps : 0);
    if (isnan(qtr_event_number(event, "loss")))
        s->bad_losses++;
    add_to(builder, QTR_CURVE_STEP_LOSS, x, event, "loss");
    add_to(builder, QTR_CURVE_STEP_ALPHA_LOSS, x, event, "alpha_loss");
    add_to(builder, QTR_CURVE_STEP_LR, x, event, "lr");
}

static void on_epoch(QtrRunBuilder *builder, const QtrEvent *event)
{
    static const struct {
        QtrCurve curve;
        const char *name;
    } curves[] = {{QTR_CURVE_TRAIN_LOSS, "train_loss"},
                  {QTR_CURVE_ALPHA_LOSS, "alpha_loss"},
                  {QTR_CURVE_VAL_LOSS, "val_loss"},
                  {QTR_CURVE_PSNR, "psnr"},
                  {QTR_CURVE_LR, "lr"},
                  {QTR_CURVE_TEMPERATURE, "temperature"},
                  {QTR_CURVE_COST, "cost"},
                  {QTR_CURVE_BEST_COST, "best_cost"},
                  {QTR_CURVE_BITOPS, "bitops_32"}};
    QtrRunSnapshot *s = builder->now;
    guint epoch = count_of(event, "epoch"), epochs = count_of(event, "epochs");

    for (gsize i = 0; i < G_N_ELEMENTS(curves); i++)
        add_to(builder, curves[i].curve, epoch + 1.0, event, curves[i].name);
    if (epochs)
        s->epochs = epochs;
    s->epoch = epoch + 1;
    s->step = 0;
    if (qtr_event_string(event, "genotype")) {
        set_text(&s->genotype, event, "genotype");
        s->genotype_epoch = (int)epoch;
        if (json_object_get_boolean_member_with_default(event->object, "is_best", FALSE)) {
            set_text(&s->best_genotype, event, "genotype");
            s->best_epoch = (int)epoch;
        }
    }
    if (s->space && s->alphas->len < ALPHA_EPOCHS_MAX) {
        QtrRunAlphas *alphas = qtr_run_space_parse_alphas(s->space, event->object, epoch);

        if (alphas)
            g_ptr_array_add(s->alphas, alphas);
    }
}

static void on_validation(QtrRunBuilder *builder, const QtrEvent *event)
{
    GPtrArray *rows = builder->now->rows;
    QtrValidationRow *row;
    const char *set = qtr_event_string(event, "set");

    if (!set)
        return;
    for (guint i = 0; i < rows->len; i++)
        if (strcmp(((QtrValidationRow *)g_ptr_array_index(rows, i))->set, set) == 0) {
            g_ptr_array_remove_index(rows, i);
            break;
        }
    row = g_new0(QtrValidationRow, 1);
    row->set = g_strdup(set);
    row->images = count_of(event, "images");
    row->packed_bytes = count_of(event, "packed_bytes");
    row->model_size = qtr_event_number(event, "model_size");
    row->bitops_32 = qtr_event_number(event, "bitops_32");
    row->bitops_256 = qtr_event_number(event, "bitops_256");
    row->psnr = qtr_event_number(event, "psnr");
    row->ssim = qtr_event_number(event, "ssim");
    row->psnr_bicubic = qtr_event_number(event, "psnr_bicubic");
    row->seconds_per_megapixel = qtr_event_number(event, "seconds_per_megapixel");
    g_ptr_array_add(rows, row);
}

/* Where the picture of this kind is, or the end of the list: a validation repeated makes it anew.
 */
static guint place_of(QtrRunBuilder *builder, const char *what, const char *set, const char *name)
{
    g_autofree char *key = qtr_run_picture_key(what, set, name);
    guint end = builder->now->pictures->len;
    gpointer known;

    if (g_hash_table_lookup_extended(builder->pictures, key, NULL, &known))
        return GPOINTER_TO_UINT(known);
    if (end < PICTURES_MAX)
        (void)g_hash_table_insert(builder->pictures, g_steal_pointer(&key), GUINT_TO_POINTER(end));
    return end;
}

static void on_picture(QtrRunBuilder *builder, const QtrEvent *event)
{
    const char *path = qtr_event_string(event, "path"), *what = qtr_event_string(event, "what");
    GPtrArray *pictures = builder->now->pictures;
    QtrRunPicture *picture;
    guint at;

    if (!path || !what)
        return;
    at = place_of(builder, what, qtr_event_string(event, "set"), qtr_event_string(event, "name"));
    if (at >= PICTURES_MAX)
        return;
    picture = g_atomic_rc_box_new0(QtrRunPicture);
    picture->what = g_strdup(what);
    picture->set = g_strdup(qtr_event_string(event, "set"));
    picture->name = g_strdup(qtr_event_string(event, "name"));
    picture->path =
        g_path_is_absolute(path) ? g_strdup(path) : g_build_filename(builder->now->dir, path, NULL);
    builder->now->pictures_made++;
    g_ptr_array_add(pictures, picture);
    if (at + 1 < pictures->len) /* the last takes its place */
        g_ptr_array_remove_index_fast(pictures, at);
}

static void on_warning(QtrRunBuilder *builder, const QtrEvent *event)
{
    const char *message = qtr_event_string(event, "message");

    if (message && g_str_has_prefix(message, QTR_STOP_WARNING))
        builder->now->stopping = TRUE;
    if (message && builder->now->warnings->len < WARNINGS_MAX)
        g_ptr_array_add(builder->now->warnings, g_strdup(message));
}

static void on_finished(QtrRunBuilder *builder, const QtrEvent *event)
{
    QtrRunSnapshot *s = builder->now;
    const char *state = qtr_event_string(event, "state");

    s->state = g_strcmp0(state, "done") == 0        ? QTR_RUN_DONE
               : g_strcmp0(state, "cancelled") == 0 ? QTR_RUN_STOPPED
                                                    : QTR_RUN_FAILED;
    set_text(&s->message, event, "message");
    s->eta = NAN;
    s->pid = 0;
}

void qtr_run_builder_add(QtrRunBuilder *builder, const QtrEvent *event)
{
    static const struct {
        const char *type;
        void (*handle)(QtrRunBuilder *builder, const QtrEvent *event);
    } handlers[] = {{"step", on_step},       {"epoch", on_epoch},     {"started", on_started},
                    {"resumed", on_resumed}, {"space", on_space},     {"validation", on_validation},
                    {"picture", on_picture}, {"warning", on_warning}, {"finished", on_finished}};

    for (gsize i = 0; i < G_N_ELEMENTS(handlers); i++)
        if (strcmp(event->type, handlers[i].type) == 0) {
            builder->now->updated = event->time;
            handlers[i].handle(builder, event);
            return;
        }
}

void qtr_run_builder_inspect(QtrRunBuilder *builder, guint skipped_lines)
{
    builder->now->skipped_lines = skipped_lines;
    qtr_run_files_read(builder->now, &builder->config_read);
}

QtrRunSnapshot *qtr_run_builder_snapshot(const QtrRunBuilder *builder)
{
    return qtr_run_snapshot_copy(builder->now);
}

QtrRunSnapshot *qtr_run_snapshot_load(const char *dir)
{
    g_autoptr(QtrRunBuilder) builder = qtr_run_builder_new(dir);
    g_autofree char *path = qtr_folder_path(dir, QTR_FOLDER_EVENTS);
    g_autoptr(QtrEventsReader) reader = qtr_events_reader_new(path);

    for (;;) {
        g_autoptr(QtrEvent) event = qtr_events_reader_next(reader, NULL);

        if (!event)
            break;
        qtr_run_builder_add(builder, event);
    }
    qtr_run_builder_inspect(builder, qtr_events_reader_skipped(reader));
    return qtr_run_builder_snapshot(builder);
}
