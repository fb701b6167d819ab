#include "qtr-batch-control.h"

#include "qtr-panel.h"
#include "qtr-run-control.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <signal.h>

static void add(GPtrArray *args, const char *text)
{
    g_ptr_array_add(args, g_strdup(text));
}

static gboolean is_known(const GPtrArray *texts, const char *text)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)texts, text, g_str_equal, NULL);
}

/* Different values and devices of all trials, and how many trials there are of each. */
static int collect(QtrBatchModel *model, const QtrTrial **first, GPtrArray *values,
                   GPtrArray *devices)
{
    int trials = 0;

    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(model)); i++) {
        g_autoptr(QtrTrialItem) item = g_list_model_get_item(G_LIST_MODEL(model), i);
        const QtrTrial *trial = qtr_trial_item_get_trial(item);

        *first = *first ? *first : trial;
        if (g_strcmp0(trial->batch_name, (*first)->batch_name) != 0)
            continue;
        if (!is_known(values, trial->value))
            g_ptr_array_add(values, trial->value);
        if (trial->device && !is_known(devices, trial->device))
            g_ptr_array_add(devices, trial->device);
        trials = MAX(trials, trial->trail);
    }
    return trials;
}

GPtrArray *qtr_batch_control_arguments(QtrBatchModel *model, gboolean retry_failed)
{
    g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    g_autoptr(GPtrArray) devices = g_ptr_array_new();
    const QtrTrial *first = NULL;
    int trials = collect(model, &first, values, devices);
    g_autofree char *config = NULL;

    /* Random baselines are continued from the command line. */
    if (!first || first->genotype)
        return NULL;
    config =
        g_strdup_printf("%s/config_%s.yaml", qtr_batch_model_get_dir(model), first->batch_name);
    for (const char *const *a =
             (const char *const[]){"batch", "-q", "-c", config, "-k", first->key, "-v", NULL};
         *a; a++)
        add(args, *a);
    for (guint i = 0; i < values->len; i++)
        add(args, g_ptr_array_index(values, i));
    add(args, "-d");
    g_ptr_array_add(args, g_path_get_basename(qtr_batch_model_get_dir(model)));
    add(args, "-n");
    add(args, first->batch_name);
    add(args, "-r");
    g_ptr_array_add(args, g_strdup_printf("%d", trials));
    if (devices->len > 0)
        add(args, "-g");
    for (guint i = 0; i < devices->len; i++)
        add(args, g_ptr_array_index(devices, i));
    if (retry_failed)
        add(args, "--retry-failed");
    g_ptr_array_add(args, NULL);
    return g_steal_pointer(&args);
}

gboolean qtr_batch_control_resume(GtkWidget *widget, QtrBatchModel *model, gboolean retry_failed)
{
    g_autoptr(GPtrArray) args = qtr_batch_control_arguments(model, retry_failed);
    g_autofree char *name = g_path_get_basename(qtr_batch_model_get_dir(model));

    if (args)
        return qtr_run_control_start(widget, (const char *const *)args->pdata,
                                     qtr_batch_model_get_dir(model), name);
    qtr_toast(widget, _("This batch can only be continued from the command line"));
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
