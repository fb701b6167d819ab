#include "cli/batch-command.h"

#include "base/json.h"
#include "gpu/device.h"
#include "run/pipeline.h"

#define DEFAULT_DIR "batch"

/* The device a run without -g and env.gpu takes. */
static char *default_device(GError **error)
{
    g_autoptr(GPtrArray) devices = qtr_device_list(error);

    for (guint i = 0; devices && i < devices->len; i++) {
        const QtrDeviceInfo *info = g_ptr_array_index(devices, i);

        if (info->is_default)
            return g_strdup_printf("%d", info->index);
    }
    return NULL;
}

/* `devices`: without -g; `name` and `config_text` as in QtrBatchParams. */
static QtrBatch *open_batch(const QtrCli *cli, const char *dir, const char *name,
                            const char *config_text, const char *const *devices, GError **error)
{
    return qtr_batch_new(
        &(QtrBatchParams){
            .dir = dir,
            .name = name,
            .config_text = config_text,
            .executable = qtr_cli_executable(),
            .devices = cli->options->devices ? (const char *const *)cli->options->devices : devices,
            .retry_failed = cli->options->retry_failed,
            .log = cli->log,
            .progress = qtr_console_progress,
            .progress_data = cli->console,
            .stop = cli->stop,
        },
        error);
}

QtrBatch *qtr_cli_batch_open(const QtrCli *cli, const QtrConfig *config, const char *name,
                             GError **error)
{
    g_autofree char *found = NULL;
    const char *own_device[] = {config->env.gpu, NULL};
    const char *dir = cli->options->dir ? cli->options->dir : DEFAULT_DIR;
    g_autofree char *path = g_build_filename(config->env.log_dir, dir, NULL);
    g_autoptr(QtrConfig) fixed = qtr_config_copy(config);
    g_autofree char *text = NULL;

    if (!qtr_pipeline_check(config, config->env.validation_sets, error))
        return NULL;
    if (!cli->options->devices && !config->env.gpu) {
        own_device[0] = found = default_device(error);
        if (!found)
            return NULL;
    }
    /* Children may not run in this folder's place, and the copy lies elsewhere than the file. */
    if (!qtr_config_make_absolute(fixed, error))
        return NULL;
    text = qtr_config_to_yaml(fixed);
    return open_batch(cli, path, name, text, own_device, error);
}

static gboolean add_new(GPtrArray *texts, const char *text)
{
    if (g_ptr_array_find_with_equal_func(texts, text, g_str_equal, NULL))
        return FALSE;
    g_ptr_array_add(texts, g_strdup(text));
    return TRUE;
}

static gboolean is_left(const QtrTrial *trial, gboolean retry_failed)
{
    return trial->state != QTR_TRIAL_DONE && (trial->state != QTR_TRIAL_FAILED || retry_failed);
}

/* What is wrong with the configuration of a trial that is left; one that names no device and whose
 * trials ran on none gets the one a run would take. */
static gboolean check_trial(const QtrCli *cli, const QtrTrial *trial, GPtrArray *devices,
                            GError **error)
{
    g_autofree char *path = qtr_batch_config_path(cli->options->resume, trial->batch_name);
    guint needs = QTR_CLI_BATCH_NEEDS | (trial->genotype ? 0 : QTR_NEEDS_SUPERNET);
    g_autoptr(QtrConfig) config = qtr_config_load_for(path, NULL, needs, cli->log, error);
    g_autofree char *device = NULL;

    if (!config || !qtr_pipeline_check(config, config->env.validation_sets, error))
        return FALSE;
    if (devices->len > 0)
        return TRUE;
    device = config->env.gpu ? g_strdup(config->env.gpu) : default_device(error);
    return device && add_new(devices, device);
}

QtrBatch *qtr_cli_batch_resume(const QtrCli *cli, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) devices = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) trials = NULL;
    GError *failure = NULL;
    QtrBatch *batch;

    trials = qtr_batch_read(cli->options->resume, &failure);
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    for (guint i = 0; trials && i < trials->len; i++) {
        const QtrTrial *trial = g_ptr_array_index(trials, i);

        if (trial->device)
            (void)add_new(devices, trial->device);
    }
    for (guint i = 0; trials && i < trials->len; i++) {
        const QtrTrial *trial = g_ptr_array_index(trials, i);

        if (is_left(trial, cli->options->retry_failed) && add_new(names, trial->batch_name) &&
            !check_trial(cli, trial, devices, error))
            return NULL;
    }
    if (devices->len == 0) /* nothing is left to run */
        (void)add_new(devices, "0");
    g_ptr_array_add(devices, NULL);
    batch = open_batch(cli, cli->options->resume, NULL, NULL, (const char *const *)devices->pdata,
                       error);
    if (batch)
        qtr_batch_add_all(batch);
    return batch;
}

static JsonObject *trial_json(const QtrTrial *trial)
{
    JsonObject *object = json_object_new();

    json_object_set_string_member(object, "trial", trial->id);
    json_object_set_string_member(object, "value", trial->value);
    json_object_set_int_member(object, "trail", trial->trail);
    json_object_set_string_member(object, "state", qtr_trial_state_name(trial->state));
    json_object_set_member(object, "seconds", qtr_json_number(trial->seconds));
    if (trial->reason)
        json_object_set_string_member(object, "reason", trial->reason);
    if (trial->search_dir)
        json_object_set_string_member(object, "search_dir", trial->search_dir);
    if (trial->train_dir)
        json_object_set_string_member(object, "train_dir", trial->train_dir);
    return object;
}

/* What a trial that is done found on its first validation set: "  demo 28.34 dB, 2.25 GBitOps". */
static char *trial_result(const QtrBatch *batch, const QtrTrial *trial)
{
    g_autoptr(GPtrArray) rows = qtr_batch_load_rows(batch, trial);
    const QtrValidationRow *row;

    if (!rows || rows->len == 0)
        return g_strdup("");
    row = g_ptr_array_index(rows, 0);
    return g_strdup_printf("  %s %.3f dB (bicubic %.3f), %.2f GBitOps", row->set, row->psnr,
                           row->psnr_bicubic, row->bitops_32 * 1e-9);
}

static void print_file(const QtrCli *cli, const QtrBatch *batch, const char *name)
{
    g_autofree char *path = g_build_filename(qtr_batch_dir(batch), name, NULL);

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        qtr_console_print(cli->console, "%s\n", path);
}

gboolean qtr_cli_batch_run(const QtrCli *cli, QtrBatch *batch, GError **error)
{
    const GPtrArray *trials = qtr_batch_trials(batch);
    gboolean ok = qtr_batch_run(batch, error);
    JsonObject *result = json_object_new();
    JsonArray *array = json_array_new();

    for (guint i = 0; i < trials->len; i++) {
        const QtrTrial *trial = g_ptr_array_index(trials, i);
        g_autofree char *found = trial_result(batch, trial);

        qtr_console_print(cli->console, "%-7s %s%s%s%s\n", qtr_trial_state_name(trial->state),
                          trial->id, trial->reason ? ": " : "", trial->reason ? trial->reason : "",
                          found);
        json_array_add_object_element(array, trial_json(trial));
    }
    qtr_console_print(cli->console, "batch: %s\n", qtr_batch_dir(batch));
    print_file(cli, batch, QTR_BATCH_SUMMARY);
    print_file(cli, batch, "pareto.png");
    json_object_set_string_member(result, "batch_dir", qtr_batch_dir(batch));
    json_object_set_array_member(result, "trials", array);
    qtr_console_result(cli->console, "result", result);
    return ok;
}
