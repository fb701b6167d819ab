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

static void add(GPtrArray *args, const char *text)
{
    g_ptr_array_add(args, g_strdup(text));
}

static gboolean is_known(const GPtrArray *texts, const char *text)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)texts, text, g_str_equal, NULL);
}

/* What the trials of the first name have in common. */
typedef struct {
    const QtrTrial *first; /* NULL: there is none */
    GPtrArray *values, *devices;
    int low, high; /* numbers of the trials */
} Common;

static void collect(QtrBatchModel *model, Common *c)
{
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(model)); i++) {
        g_autoptr(QtrTrialItem) item = g_list_model_get_item(G_LIST_MODEL(model), i);
        const QtrTrial *trial = qtr_trial_item_get_trial(item);

        if (!c->first)
            *c = (Common){trial, c->values, c->devices, trial->trail, trial->trail};
        if (g_strcmp0(trial->batch_name, c->first->batch_name) != 0)
            continue;
        if (!is_known(c->values, trial->value))
            g_ptr_array_add(c->values, trial->value);
        if (trial->device && !is_known(c->devices, trial->device))
            g_ptr_array_add(c->devices, trial->device);
        c->low = MIN(c->low, trial->trail);
        c->high = MAX(c->high, trial->trail);
    }
}

static void add_number(GPtrArray *args, const char *option, int number)
{
    add(args, option);
    g_ptr_array_add(args, g_strdup_printf("%d", number));
}

static void add_all(GPtrArray *args, const char *option, const GPtrArray *texts)
{
    if (texts->len > 0)
        add(args, option);
    for (guint i = 0; i < texts->len; i++)
        add(args, g_ptr_array_index(texts, i));
}

/* A grid of values, or a random baseline, whose trials have a genotype each. */
static void add_trials(GPtrArray *args, const Common *c)
{
    if (c->first->genotype) {
        add_number(args, "-s", c->low);
        add_number(args, "-r", c->high + 1);
        return;
    }
    add(args, "-k");
    add(args, c->first->key);
    add_all(args, "-v", c->values);
    add_number(args, "-r", c->high);
}

GPtrArray *qtr_batch_control_arguments(QtrBatchModel *model, gboolean retry_failed)
{
    g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    g_autoptr(GPtrArray) devices = g_ptr_array_new();
    const char *dir = qtr_batch_model_get_dir(model);
    g_autofree char *parent = g_path_get_dirname(dir);
    Common common = {.values = values, .devices = devices};

    collect(model, &common);
    if (!common.first)
        return NULL;
    add(args, common.first->genotype ? "sample" : "batch");
    add(args, "-q");
    add(args, "-c");
    g_ptr_array_add(args, g_strdup_printf("%s/config_%s.yaml", dir, common.first->batch_name));
    add_trials(args, &common);
    add(args, "-d");
    g_ptr_array_add(args, g_path_get_basename(dir));
    add(args, "-n");
    add(args, common.first->batch_name);
    add_all(args, "-g", devices);
    /* The folder may have been moved since. */
    add(args, "--set");
    g_ptr_array_add(args, g_strdup_printf("env.log_dir=%s", parent));
    if (retry_failed)
        add(args, "--retry-failed");
    g_ptr_array_add(args, NULL);
    return g_steal_pointer(&args);
}

gboolean qtr_batch_control_resume(GtkWidget *widget, QtrBatchModel *model, gboolean retry_failed)
{
    g_autoptr(GPtrArray) args = qtr_batch_control_arguments(model, retry_failed);
    g_autofree char *name = g_path_get_basename(qtr_batch_model_get_dir(model));

    if (qtr_batch_pid(qtr_batch_model_get_dir(model)) > 0 ||
        qtr_run_control_is_started(qtr_batch_model_get_dir(model))) {
        qtr_toast(widget, _("“%s” is going on already"), name);
        return FALSE;
    }
    if (args)
        return qtr_run_control_start(widget, (const char *const *)args->pdata,
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
