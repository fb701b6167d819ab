#include "qtr-batch-reading.h"

#include "qtr-run-builder.h"
#include "run/folder.h"

#include <glib/gi18n.h>

static void unref_snapshot(gpointer snapshot)
{
    if (snapshot)
        qtr_run_snapshot_unref(snapshot);
}

void qtr_batch_reading_free(QtrBatchReading *reading)
{
    if (!reading)
        return;
    g_free(reading->dir);
    g_free(reading->failure);
    g_clear_pointer(&reading->trials, g_ptr_array_unref);
    g_clear_pointer(&reading->snapshots, g_ptr_array_unref);
    g_free(reading);
}

/* The snapshot of a folder if its run has begun. */
static QtrRunSnapshot *load_folder(const char *batch_dir, const char *folder)
{
    g_autofree char *dir = folder ? g_build_filename(batch_dir, folder, NULL) : NULL;
    g_autofree char *events = dir ? qtr_folder_path(dir, QTR_FOLDER_EVENTS) : NULL;

    return events && g_file_test(events, G_FILE_TEST_EXISTS) ? qtr_run_snapshot_load(dir) : NULL;
}

static QtrRunSnapshot *load_trial(const char *dir, const QtrTrial *trial)
{
    QtrRunSnapshot *s = load_folder(dir, trial->train_dir);

    return s ? s : load_folder(dir, trial->search_dir);
}

static void read_snapshots(QtrBatchReading *reading, const QtrBatchReading *before)
{
    reading->snapshots = g_ptr_array_new_with_free_func(unref_snapshot);
    for (guint i = 0; i < reading->trials->len; i++) {
        const QtrTrial *trial = g_ptr_array_index(reading->trials, i);
        const QtrTrial *old =
            before && i < before->trials->len ? g_ptr_array_index(before->trials, i) : NULL;
        QtrRunSnapshot *known = old ? g_ptr_array_index(before->snapshots, i) : NULL;

        /* What is done does not change any more. */
        if (known && trial->state == QTR_TRIAL_DONE && old->state == QTR_TRIAL_DONE)
            g_ptr_array_add(reading->snapshots, qtr_run_snapshot_ref(known));
        else
            g_ptr_array_add(reading->snapshots, load_trial(reading->dir, trial));
    }
}

static gpointer acquire(gconstpointer snapshot, gpointer unused)
{
    return snapshot ? qtr_run_snapshot_ref((QtrRunSnapshot *)snapshot) : NULL;
}

static void keep(QtrBatchReading *reading, const QtrBatchReading *before)
{
    reading->trials = g_ptr_array_ref(before->trials);
    reading->snapshots = g_ptr_array_copy(before->snapshots, acquire, NULL);
    g_ptr_array_set_free_func(reading->snapshots, unref_snapshot);
}

QtrBatchReading *qtr_batch_reading_new(const char *dir, const QtrBatchReading *before)
{
    QtrBatchReading *reading = g_new0(QtrBatchReading, 1);
    g_autoptr(GError) error = NULL;

    reading->dir = g_strdup(dir);
    /* Before the batch has made it there is nothing to keep. */
    if (before && before->trials->len > 0 && !g_file_test(dir, G_FILE_TEST_IS_DIR)) {
        reading->failure = g_strdup(_("The folder is gone; this is what was in it"));
        keep(reading, before);
        return reading;
    }
    reading->runner = qtr_batch_runner(reading->dir, &reading->pid);
    reading->paused = qtr_batch_is_paused(reading->dir);
    reading->trials = qtr_batch_read(reading->dir, &error);
    if (!reading->trials) {
        reading->failure = g_strdup(error ? error->message : NULL);
        reading->trials = g_ptr_array_new();
    }
    read_snapshots(reading, before);
    return reading;
}

QtrBatchReading *qtr_batch_reading_copy(const QtrBatchReading *reading)
{
    QtrBatchReading *copy = g_new0(QtrBatchReading, 1);

    copy->dir = g_strdup(reading->dir);
    keep(copy, reading);
    return copy;
}
