#include "run/batch-private.h"

#include "base/error.h"

#include <gio/gio.h>

#define POLL_MS 200
#define FAILURES_TO_RETIRE 3

/* A place to run trials: one entry of -g. */
typedef struct {
    const char *device;
    QtrChild *child; /* or NULL */
    guint failed_in_row;
    gboolean retired;
} Slot;

typedef struct {
    QtrBatch *batch;
    Slot *slots;
    guint n_slots;
    guint finished, failed, total; /* trials of this start */
    gboolean stopping;
    gint64 start;
    GError *error; /* of the batch itself, not of a trial */
} Queue;

static void check_stop(Queue *queue)
{
    if (queue->batch->stop && g_atomic_int_get(queue->batch->stop))
        queue->stopping = TRUE;
}

static QtrTrial *next_trial(const Queue *queue)
{
    const GPtrArray *trials = queue->batch->trials;

    for (guint i = 0; i < trials->len; i++) {
        QtrTrial *trial = g_ptr_array_index(trials, i);

        if (trial->state == QTR_TRIAL_QUEUED &&
            g_hash_table_contains(queue->batch->selected, trial))
            return trial;
    }
    return NULL;
}

static guint busy_slots(const Queue *queue)
{
    guint n = 0;

    for (guint i = 0; i < queue->n_slots; i++)
        n += queue->slots[i].child != NULL;
    return n;
}

static guint usable_slots(const Queue *queue)
{
    guint n = 0;

    for (guint i = 0; i < queue->n_slots; i++)
        n += !queue->slots[i].retired;
    return n;
}

static void save(Queue *queue)
{
    if (!queue->error && !qtr_batch_save(queue->batch, &queue->error))
        queue->stopping = TRUE;
}

/* A broken device must not use up the queue while others could still do the work. */
static void judge_slot(Queue *queue, Slot *slot, const QtrTrial *trial)
{
    slot->failed_in_row = trial->state == QTR_TRIAL_FAILED ? slot->failed_in_row + 1 : 0;
    if (slot->failed_in_row < FAILURES_TO_RETIRE || usable_slots(queue) < 2)
        return;
    slot->retired = TRUE;
    qtr_warning(queue->batch->log,
                "device %s is left out from here on: %d trials in a row failed on it", slot->device,
                FAILURES_TO_RETIRE);
}

static void note_end(Queue *queue, const QtrTrial *trial)
{
    QtrLog *log = queue->batch->log;

    if (trial->state == QTR_TRIAL_QUEUED) {
        qtr_info(log, "%s: stopped, will go on when the batch is started again", trial->id);
        return;
    }
    queue->finished++;
    if (trial->state == QTR_TRIAL_FAILED) {
        queue->failed++;
        qtr_warning(log, "%s failed: %s", trial->id, trial->reason);
    } else {
        qtr_info(log, "%s: done in %.0f s", trial->id, trial->seconds);
    }
}

static void on_child_done(QtrChild *child, gpointer user_data)
{
    Queue *queue = user_data;

    for (guint i = 0; i < queue->n_slots; i++) {
        Slot *slot = &queue->slots[i];

        if (slot->child != child)
            continue;
        slot->child = NULL;
        note_end(queue, qtr_child_trial(child));
        judge_slot(queue, slot, qtr_child_trial(child));
        break;
    }
    qtr_child_free(child);
    save(queue);
}

static void start_on(Queue *queue, Slot *slot, QtrTrial *trial)
{
    g_autoptr(GError) error = NULL;

    slot->child = qtr_child_start(queue->batch, trial, slot->device, on_child_done, queue, &error);
    if (slot->child) {
        qtr_info(queue->batch->log, "%s: begun on device %s", trial->id, slot->device);
    } else {
        trial->state = QTR_TRIAL_FAILED;
        g_free(trial->reason);
        trial->reason = g_strdup(error->message);
        note_end(queue, trial);
        judge_slot(queue, slot, trial);
    }
    save(queue);
}

static void fill_slots(Queue *queue)
{
    if (qtr_batch_is_paused(queue->batch->dir))
        return;
    for (guint i = 0; i < queue->n_slots && !queue->stopping; i++) {
        Slot *slot = &queue->slots[i];

        while (!slot->child && !slot->retired && !queue->stopping) {
            QtrTrial *trial = next_trial(queue);

            if (!trial)
                return;
            start_on(queue, slot, trial);
        }
    }
}

static void report(const Queue *queue)
{
    g_autoptr(GString) detail = g_string_new(NULL);
    double done = queue->finished;
    double elapsed = (double)(g_get_monotonic_time() - queue->start) / G_USEC_PER_SEC;

    if (!queue->batch->progress)
        return;
    g_string_append_printf(detail, "%u of %u trials", queue->finished, queue->total);
    if (queue->failed)
        g_string_append_printf(detail, ", %u failed", queue->failed);
    for (guint i = 0; i < queue->n_slots; i++) {
        const QtrChild *child = queue->slots[i].child;

        if (!child)
            continue;
        done += qtr_child_fraction(child);
        g_string_append_printf(detail, "  %s: %s %d%%", qtr_child_trial(child)->id,
                               qtr_child_phase(child), (int)(100 * qtr_child_fraction(child)));
    }
    queue->batch->progress(
        &(QtrProgress){.phase = "batch",
                       .done = done,
                       .total = queue->total,
                       .eta = done > 0.01 ? elapsed * (queue->total - done) / done : -1,
                       .detail = detail->str},
        queue->batch->progress_data);
}

static gboolean on_tick(gpointer user_data)
{
    Queue *queue = user_data;

    check_stop(queue);
    for (guint i = 0; queue->stopping && i < queue->n_slots; i++)
        if (queue->slots[i].child)
            qtr_child_stop(queue->slots[i].child);
    report(queue);
    return G_SOURCE_CONTINUE;
}

static void run_loop(Queue *queue)
{
    GMainContext *context = g_main_context_new();
    GSource *tick = g_timeout_source_new(POLL_MS);

    g_main_context_push_thread_default(context);
    g_source_set_callback(tick, on_tick, queue, NULL);
    g_source_attach(tick, context);
    do {
        check_stop(queue);
        fill_slots(queue);
        if (busy_slots(queue) || (!queue->stopping && next_trial(queue)))
            g_main_context_iteration(context, TRUE);
    } while (busy_slots(queue) || (!queue->stopping && next_trial(queue)));
    report(queue);
    g_source_destroy(tick);
    g_source_unref(tick);
    while (g_main_context_iteration(context, FALSE))
        ; /* what was cancelled lets go of its data */
    g_main_context_pop_thread_default(context);
    g_main_context_unref(context);
}

static guint count_state(const QtrBatch *batch, QtrTrialState state)
{
    guint n = 0;

    for (guint i = 0; i < batch->trials->len; i++) {
        QtrTrial *trial = g_ptr_array_index(batch->trials, i);

        n += trial->state == state && g_hash_table_contains(batch->selected, trial);
    }
    return n;
}

static void note_nothing_to_do(const QtrBatch *batch, guint done)
{
    g_autofree char *summary = g_build_filename(batch->dir, QTR_BATCH_SUMMARY, NULL);
    guint failed = count_state(batch, QTR_TRIAL_FAILED);

    if (failed == 0)
        qtr_info(batch->log, "all %u trials were done before; their summary is %s", done, summary);
    else
        qtr_info(batch->log, "%u of %u trials were done before and the rest failed; summary: %s",
                 done, done + failed, summary);
}

gboolean qtr_batch_run_queue(QtrBatch *batch, GError **error)
{
    guint before = count_state(batch, QTR_TRIAL_DONE);
    Queue queue = {.batch = batch,
                   .n_slots = g_strv_length(batch->devices),
                   .total = count_state(batch, QTR_TRIAL_QUEUED),
                   .start = g_get_monotonic_time()};
    guint failed;

    if (queue.total > 0) {
        if (before)
            qtr_info(batch->log, "%u trials were done before", before);
        queue.slots = g_new0(Slot, queue.n_slots);
        for (guint i = 0; i < queue.n_slots; i++)
            queue.slots[i].device = batch->devices[i];
        run_loop(&queue);
        g_free(queue.slots);
    } else if (before) {
        note_nothing_to_do(batch, before);
    }
    if (queue.error) {
        g_propagate_error(error, queue.error);
        return FALSE;
    }
    if (count_state(batch, QTR_TRIAL_QUEUED)) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_CANCELLED,
                    "stopped; the same command goes on with the %u trials left",
                    count_state(batch, QTR_TRIAL_QUEUED));
        return FALSE;
    }
    failed = count_state(batch, QTR_TRIAL_FAILED);
    if (failed == 0)
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_PARTIAL,
                "%u of %u trials failed; see ERROR.txt in their folders in %s, --retry-failed runs "
                "them again",
                failed, failed + count_state(batch, QTR_TRIAL_DONE), batch->dir);
    return FALSE;
}
