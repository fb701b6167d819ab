#include "qtr-batch-control.h"

#include "qtr-panel.h"
#include "qtr-run-control.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <signal.h>

gboolean qtr_batch_control_is_batch(const char *dir)
{
    g_autofree char *path = g_build_filename(dir, "batch.json", NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

char **qtr_batch_control_arguments(QtrBatchModel *model, gboolean retry_failed)
{
    const char *const args[] = {"batch",
                                "-q",
                                "--resume",
                                qtr_batch_model_get_dir(model),
                                retry_failed ? "--retry-failed" : NULL,
                                NULL};

    if (g_list_model_get_n_items(G_LIST_MODEL(model)) == 0)
        return NULL;
    return g_strdupv((char **)args);
}

gboolean qtr_batch_control_resume(GtkWidget *widget, QtrBatchModel *model, gboolean retry_failed)
{
    g_auto(GStrv) args = qtr_batch_control_arguments(model, retry_failed);
    g_autofree char *name = g_path_get_basename(qtr_batch_model_get_dir(model));
    int pid;

    if (qtr_batch_runner(qtr_batch_model_get_dir(model), &pid) != QTR_BATCH_IDLE ||
        qtr_run_control_is_started(qtr_batch_model_get_dir(model))) {
        qtr_toast(widget, _("“%s” is going on already"), name);
        return FALSE;
    }
    if (args)
        return qtr_run_control_start(widget, (const char *const *)args,
                                     qtr_batch_model_get_dir(model), name);
    qtr_toast(widget, _("There is no trial in this batch to go on with"));
    return FALSE;
}

void qtr_batch_control_pause(GtkWidget *widget, QtrBatchModel *model, gboolean paused)
{
    g_autoptr(GError) error = NULL;

    if (!qtr_batch_set_paused(qtr_batch_model_get_dir(model), paused, &error))
        qtr_toast(widget, "%s", error->message);
    qtr_batch_model_refresh(model);
}

static gboolean send_signal(GtkWidget *widget, gint64 pid, int number)
{
    if (pid <= 1 || kill((pid_t)pid, number) == 0 || errno == ESRCH)
        return TRUE;
    qtr_toast(widget, _("The process could not be ended: %s"), g_strerror(errno));
    return FALSE;
}

void qtr_batch_control_stop(GtkWidget *widget, QtrBatchModel *model)
{
    if (send_signal(widget, qtr_batch_model_get_pid(model), SIGTERM))
        qtr_toast(widget, _("The runs finish their step, save and end"));
}

/* The batch itself first, so that it does not begin others in their place. */
void qtr_batch_control_kill(GtkWidget *widget, QtrBatchModel *model)
{
    if (!send_signal(widget, qtr_batch_model_get_pid(model), SIGKILL))
        return;
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(model)); i++) {
        g_autoptr(QtrTrialItem) item = g_list_model_get_item(G_LIST_MODEL(model), i);
        const QtrRunSnapshot *s = qtr_trial_item_get_snapshot(item);

        if (qtr_trial_item_get_stand(item) == QTR_STAND_RUNNING && s && s->pid > 1 &&
            g_strcmp0(s->host, g_get_host_name()) == 0)
            (void)send_signal(widget, s->pid, SIGKILL);
    }
    qtr_batch_model_refresh(model);
}
