#include "run/record.h"

#include "base/error.h"
#include "base/file.h"
#include "run/folder.h"
#include "run/infer.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define EVENT_USEC (G_USEC_PER_SEC / 4)
/* What ends sooner is not worth a child. */
#define KEEPER_REST_USEC (15 * G_USEC_PER_SEC)

static gboolean open_device(QtrRecord *record, GError **error)
{
    const QtrJob *job = record->job;
    const char *selector = job->device ? job->device : job->config->env.gpu;
    const QtrDeviceInfo *info;

    record->device =
        qtr_device_open(&(QtrDeviceParams){.selector = selector, .log = job->log}, error);
    if (!record->device)
        return FALSE;
    record->keeper = qtr_keeper_new(record->device, job->executable, KEEPER_REST_USEC, job->log);
    info = qtr_device_info(record->device);
    qtr_info(job->log, "device %d: %s", info->index, info->name);
    return TRUE;
}

static gboolean open_folder(QtrRecord *record, const char *prefix, GError **error)
{
    const QtrJob *job = record->job;
    const char *given = job->resume_dir ? job->resume_dir : job->run_dir;

    record->resumes = job->resume_dir != NULL;
    record->dir = given ? g_canonicalize_filename(given, NULL)
                        : qtr_folder_create(job->config->env.log_dir, prefix,
                                            job->config->env.run_name, error);
    return record->dir && qtr_folder_make(record->dir, error) &&
           qtr_folder_clear_failure(record->dir, error);
}

static gboolean write_config(const QtrRecord *record, GError **error)
{
    g_autoptr(QtrConfig) fixed = qtr_config_copy(record->job->config);
    g_autofree char *path = qtr_folder_path(record->dir, QTR_FOLDER_CONFIG);
    g_autofree char *text = NULL;

    /* A run may be resumed from any folder. */
    if (!qtr_config_make_absolute(fixed, error))
        return FALSE;
    text = qtr_config_to_yaml(fixed);
    return qtr_file_write(path, text, strlen(text), error);
}

/* Called under the log's lock: a failure to write the event cannot be logged. */
static void note_warning(QtrLogLevel level, const char *line, gpointer user_data)
{
    QtrRecord *record = user_data;

    if (level == QTR_LOG_WARNING && g_hash_table_add(record->warned, g_strdup(line)))
        (void)qtr_events_warning(record->events, line, NULL);
}

/* What was warned of before there was a folder, as of the configuration, belongs into it too. By a
 * log of its own, so before another thread can note warnings. */
static void note_early_warnings(QtrRecord *record)
{
    g_auto(GStrv) lines = qtr_log_take_warnings(record->job->log);
    QtrLog *log = qtr_log_new();

    qtr_log_add_stream(log, record->log_file, QTR_LOG_INFO, TRUE);
    qtr_log_add_sink(log, note_warning, QTR_LOG_WARNING, record);
    for (char **line = lines; *line; line++)
        qtr_warning(log, "%s", *line);
    qtr_log_free(log);
}

static gboolean open_log(QtrRecord *record, GError **error)
{
    g_autofree char *path = qtr_folder_path(record->dir, QTR_FOLDER_LOG);

    record->log_file = g_fopen(path, "ae");
    if (!record->log_file) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot open %s: %s", path, g_strerror(errno));
        return FALSE;
    }
    if (record->job->log) {
        record->warned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        note_early_warnings(record);
        qtr_log_add_stream(record->job->log, record->log_file, QTR_LOG_INFO, TRUE);
        qtr_log_add_sink(record->job->log, note_warning, QTR_LOG_WARNING, record);
    }
    return TRUE;
}

static gboolean open_events(QtrRecord *record, GError **error)
{
    g_autofree char *path = qtr_folder_path(record->dir, QTR_FOLDER_EVENTS);

    record->events = qtr_events_open(path, error);
    if (!record->events)
        return FALSE;
    /* The run is ours now: what it was writing when it was killed nobody finishes. */
    qtr_file_remove_temporary(record->dir);
    return TRUE;
}

static void drop(QtrRecord *record)
{
    if (record->log_file) {
        if (record->job->log) {
            qtr_log_remove_stream(record->job->log, record->log_file);
            qtr_log_remove_sink(record->job->log, note_warning, record);
            g_strfreev(qtr_log_take_warnings(record->job->log));
        }
        (void)fclose(record->log_file);
    }
    g_clear_pointer(&record->warned, g_hash_table_unref);
    g_clear_pointer(&record->board, qtr_tensorboard_close);
    g_clear_pointer(&record->events, qtr_events_close);
    g_clear_pointer(&record->keeper, qtr_keeper_free);
    g_clear_pointer(&record->device, qtr_device_close);
    g_clear_pointer(&record->dir, g_free);
    record->job = NULL;
}

gboolean qtr_record_open(QtrRecord *record, const QtrJob *job, const char *kind, const char *prefix,
                         GError **error)
{
    *record = (QtrRecord){.job = job, .kind = kind, .begin = g_get_monotonic_time(), .eta = NAN};
    /* The events file is locked while open, so it comes before anything is written. */
    if (qtr_config_check_paths(job->config, error) && open_device(record, error) &&
        open_folder(record, prefix, error) && open_events(record, error) &&
        write_config(record, error) && open_log(record, error)) {
        qtr_info(job->log, "%s: %s", kind, record->dir);
        return TRUE;
    }
    drop(record);
    return FALSE;
}

gboolean qtr_record_open_board(QtrRecord *record, gint64 step, GError **error)
{
    g_autofree char *path = qtr_folder_path(record->dir, QTR_FOLDER_TENSORBOARD);

    if (!qtr_folder_make(path, error))
        return FALSE;
    record->board = qtr_tensorboard_open(path, step, error);
    return record->board != NULL;
}

/* Into log.txt only: the caller shows the error itself. */
static void note_failure(const QtrRecord *record, const GError *failure)
{
    QtrLog *log = qtr_log_new();

    qtr_log_add_stream(log, record->log_file, QTR_LOG_ERROR, TRUE);
    qtr_log(log, QTR_LOG_ERROR, "%s", failure->message);
    qtr_log_free(log);
}

void qtr_record_close(QtrRecord *record, const GError *failure)
{
    gboolean cancelled = g_error_matches(failure, QTR_ERROR, QTR_ERROR_CANCELLED);
    double seconds = (double)(g_get_monotonic_time() - record->begin) / G_USEC_PER_SEC;
    g_autoptr(GError) error = NULL;

    if (!record->job)
        return;
    if (failure && !cancelled) {
        note_failure(record, failure);
        if (!qtr_folder_write_failure(record->dir, failure, &error)) {
            qtr_warning(record->job->log, "%s", error->message);
            g_clear_error(&error);
        }
    }
    if (!qtr_events_finished(record->events,
                             !failure    ? "done"
                             : cancelled ? "cancelled"
                                         : "failed",
                             failure ? failure->message : NULL, seconds, &error))
        qtr_warning(record->job->log, "%s", error->message);
    drop(record);
}

gboolean qtr_record_is_stopped(const QtrRecord *record)
{
    return record->job->stop && g_atomic_int_get(record->job->stop);
}

gboolean qtr_record_cancel(const QtrRecord *record, GError **error)
{
    g_set_error(error, QTR_ERROR, QTR_ERROR_CANCELLED,
                "stopped and saved; go on with --resume '%s'", record->dir);
    return FALSE;
}

gboolean qtr_record_event_due(QtrRecord *record)
{
    gint64 now = g_get_monotonic_time();

    if (now - record->last_event < EVENT_USEC)
        return FALSE;
    record->last_event = now;
    return TRUE;
}

gboolean qtr_record_fail_loss(guint epoch, int step, const char *keys, GError **error)
{
    g_autofree char *place =
        step < 0 ? g_strdup("validation") : g_strdup_printf("step %d", step + 1);
    char *text;

    if (!error || !g_error_matches(*error, QTR_ERROR, QTR_ERROR_NUMERIC))
        return FALSE;
    text = g_strdup_printf("epoch %u, %s: %s: training has diverged; a smaller %s may help",
                           epoch + 1, place, (*error)->message, keys);
    g_free((*error)->message);
    (*error)->message = text;
    return FALSE;
}

void qtr_record_progress(QtrRecord *record, double done, double total, const char *detail)
{
    const QtrJob *job = record->job;
    double now = (double)g_get_monotonic_time() / G_USEC_PER_SEC;

    qtr_keeper_tick(record->keeper);
    record->eta = qtr_rate_eta(&record->rate, now, done, total);
    if (job->progress)
        job->progress(&(QtrProgress){.phase = record->kind,
                                     .done = done,
                                     .total = total,
                                     .eta = isnan(record->eta) ? -1 : record->eta,
                                     .detail = detail},
                      job->progress_data);
}
