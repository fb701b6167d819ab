#include "run/batch-private.h"

#include "base/error.h"
#include "base/file.h"
#include "run/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Who holds the lock, for qtr_batch_runner. */
static gboolean note_process(int fd, const char *path, GError **error)
{
    g_autofree char *text = g_strdup_printf("%d %s\n", (int)getpid(), g_get_host_name());

    if (ftruncate(fd, 0) == 0)
        return qtr_file_write_all(fd, text, strlen(text), error);
    g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot write %s: %s", path, g_strerror(errno));
    return FALSE;
}

static gboolean lock_folder(QtrBatch *batch, GError **error)
{
    g_autofree char *path = g_build_filename(batch->dir, QTR_BATCH_LOCK, NULL);

    batch->lock = g_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (batch->lock < 0) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_IO, "cannot open %s: %s", path, g_strerror(errno));
        return FALSE;
    }
    if (flock(batch->lock, LOCK_EX | LOCK_NB) != 0) {
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "another process is running the batch in %s; wait for it or choose another -d",
                    batch->dir);
        return FALSE;
    }
    batch->locked = TRUE;
    return note_process(batch->lock, path, error);
}

/* Without a name in it nobody need try the lock to learn that it is free. */
static void release_lock(const QtrBatch *batch)
{
    if (batch->lock < 0)
        return;
    if (batch->locked && ftruncate(batch->lock, 0) != 0)
        qtr_warning(batch->log, "cannot empty %s in %s: %s", QTR_BATCH_LOCK, batch->dir,
                    g_strerror(errno));
    (void)close(batch->lock);
}

/* Results of different configurations must not end up in one summary as if they were alike. Where
 * folders and devices are may change: a batch can be moved. */
static gboolean check_config(const QtrBatch *batch, const char *path, const char *text,
                             GError **error)
{
    g_autofree char *before = qtr_file_read(path, QTR_FILE_TEXT_MAX, NULL, error);
    g_autoptr(QtrConfig) old =
        before ? qtr_config_load_text(before, strlen(before), path, NULL, NULL, NULL, NULL, error)
               : NULL;
    g_autoptr(QtrConfig) new = old ? qtr_config_load_text(text, strlen(text), "the configuration",
                                                          NULL, NULL, NULL, NULL, error)
                                   : NULL;
    g_autofree char *advice = g_strdup_printf(
        "The trials named '%s' in %s ran with another configuration (%s); choose another name (-n) "
        "or folder (-d)",
        batch->name, batch->dir, path);

    return new &&qtr_config_check_change(old, new, QTR_CHANGE_FREE, advice, error);
}

static gboolean fix_config(QtrBatch *batch, const char *text, GError **error)
{
    g_autofree char *path = qtr_batch_config_path(batch->dir, batch->name);

    if (g_file_test(path, G_FILE_TEST_EXISTS) && !check_config(batch, path, text, error))
        return FALSE;
    return qtr_file_write(path, text, strlen(text), error);
}

static gboolean check_name(const char *name, GError **error)
{
    if (qtr_batch_is_name(name))
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                "'%s' cannot be the name of a batch: it becomes part of folder names", name);
    return FALSE;
}

static gboolean check_batch(const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, QTR_BATCH_STATE, NULL);

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE, "there is no batch in %s: it has no %s", dir,
                QTR_BATCH_STATE);
    return FALSE;
}

QtrBatch *qtr_batch_new(const QtrBatchParams *params, GError **error)
{
    g_autoptr(QtrBatch) batch = g_new0(QtrBatch, 1);

    g_assert(params->devices && params->devices[0]);
    batch->lock = -1;
    batch->dir = g_canonicalize_filename(params->dir, NULL);
    batch->name = g_strdup(params->name);
    batch->executable = g_strdupv((char **)params->executable);
    batch->devices = g_strdupv((char **)params->devices);
    batch->retry_failed = params->retry_failed;
    batch->log = params->log;
    batch->progress = params->progress;
    batch->progress_data = params->progress_data;
    batch->stop = params->stop;
    batch->trials = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_trial_free);
    batch->selected = g_hash_table_new(NULL, NULL);
    if (params->name ? !check_name(params->name, error) : !check_batch(batch->dir, error))
        return NULL;
    if (!qtr_folder_make(batch->dir, error) || !lock_folder(batch, error) ||
        (params->name && !fix_config(batch, params->config_text, error)) ||
        !qtr_batch_load(batch, error))
        return NULL;
    return g_steal_pointer(&batch);
}

void qtr_batch_free(QtrBatch *batch)
{
    if (!batch)
        return;
    release_lock(batch);
    g_ptr_array_unref(batch->trials);
    g_hash_table_unref(batch->selected);
    g_strfreev(batch->executable);
    g_strfreev(batch->devices);
    g_free(batch->dir);
    g_free(batch->name);
    g_free(batch);
}

const GPtrArray *qtr_batch_trials(const QtrBatch *batch)
{
    return batch->trials;
}

char *qtr_batch_config_path(const char *dir, const char *name)
{
    g_autofree char *leaf = g_strdup_printf("config_%s.yaml", name);

    return g_build_filename(dir, leaf, NULL);
}

const char *qtr_batch_dir(const QtrBatch *batch)
{
    return batch->dir;
}

gboolean qtr_batch_run(QtrBatch *batch, GError **error)
{
    g_autoptr(GError) summary_error = NULL;
    gboolean ok;

    if (!qtr_batch_set_paused(batch->dir, FALSE, error) || !qtr_batch_save(batch, error))
        return FALSE;
    ok = qtr_batch_run_queue(batch, error);
    if (qtr_batch_summarize(batch, &summary_error))
        return ok;
    if (ok)
        g_propagate_error(error, g_steal_pointer(&summary_error));
    else
        qtr_warning(batch->log, "%s", summary_error->message);
    return FALSE;
}
