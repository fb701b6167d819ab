#include "cli/command.h"

#include "gpu/device.h"

#define MIB (1024.0 * 1024.0)

/* NULL if the device passes; otherwise what went wrong. */
static char *self_test(const QtrDeviceInfo *info, QtrLog *log)
{
    g_autofree char *index = g_strdup_printf("%d", info->index);
    g_autoptr(GError) error = NULL;
    QtrDevice *device = qtr_device_open(&(QtrDeviceParams){.selector = index, .log = log}, &error);
    gboolean ok = device && qtr_device_self_test(device, &error);

    qtr_device_close(device);
    return ok ? NULL : g_strdup(error->message);
}

static void print_device(QtrConsole *console, const QtrDeviceInfo *info, const char *failure)
{
    qtr_console_print(console, "%d  %s%s\n", info->index, info->name,
                      info->is_default ? "  (default)" : "");
    qtr_console_print(console, "   %s, %s %s, %s, driver %s\n", info->is_cpu ? "CPU" : "GPU",
                      info->vendor, info->platform, info->version, info->driver);
    qtr_console_print(console,
                      "   %.0f MiB memory, %.0f MiB in one piece, %.0f KiB local, %u compute units "
                      "at %u MHz, groups up to %" G_GSIZE_FORMAT "\n",
                      (double)info->memory / MIB, (double)info->max_alloc / MIB,
                      (double)info->local_memory / 1024.0, info->compute_units, info->max_clock_mhz,
                      info->max_group);
    qtr_console_print(console, "   self-test %s%s\n", failure ? "FAILED: " : "passed",
                      failure ? failure : "");
}

static JsonObject *device_json(const QtrDeviceInfo *info, const char *failure)
{
    JsonObject *object = json_object_new();

    json_object_set_int_member(object, "index", info->index);
    json_object_set_string_member(object, "key", info->key);
    json_object_set_string_member(object, "name", info->name);
    json_object_set_string_member(object, "vendor", info->vendor);
    json_object_set_string_member(object, "driver", info->driver);
    json_object_set_string_member(object, "platform", info->platform);
    json_object_set_string_member(object, "version", info->version);
    json_object_set_boolean_member(object, "cpu", info->is_cpu);
    json_object_set_boolean_member(object, "default", info->is_default);
    json_object_set_int_member(object, "memory", (gint64)info->memory);
    json_object_set_int_member(object, "max_alloc", (gint64)info->max_alloc);
    json_object_set_int_member(object, "local_memory", (gint64)info->local_memory);
    json_object_set_int_member(object, "compute_units", info->compute_units);
    json_object_set_int_member(object, "max_clock_mhz", info->max_clock_mhz);
    json_object_set_int_member(object, "max_group", (gint64)info->max_group);
    json_object_set_boolean_member(object, "self_test", !failure);
    if (failure)
        json_object_set_string_member(object, "failure", failure);
    return object;
}

/* The index of the device that -g means, -1 without it. */
static gboolean choose(const QtrCli *cli, int *index, GError **error)
{
    QtrDeviceParams params = {.log = cli->log};
    g_autoptr(QtrDevice) device = NULL;

    *index = -1;
    if (!qtr_cli_device(cli, &params.selector, error))
        return FALSE;
    if (!params.selector)
        return TRUE;
    device = qtr_device_open(&params, error);
    if (!device)
        return FALSE;
    *index = qtr_device_info(device)->index;
    return TRUE;
}

static gboolean do_devices(const QtrCli *cli, GError **error)
{
    g_autoptr(GPtrArray) devices = qtr_device_list(error);
    JsonObject *result;
    JsonArray *array;
    int chosen;

    if (!devices || !choose(cli, &chosen, error))
        return FALSE;
    array = json_array_new();
    for (guint i = 0; i < devices->len; i++) {
        const QtrDeviceInfo *info = g_ptr_array_index(devices, i);
        g_autofree char *failure = NULL;

        if (chosen >= 0 && info->index != chosen)
            continue;
        failure = self_test(info, cli->log);
        print_device(cli->console, info, failure);
        json_array_add_object_element(array, device_json(info, failure));
    }
    result = json_object_new();
    json_object_set_array_member(result, "devices", array);
    qtr_console_result(cli->console, "result", result);
    return TRUE;
}

const QtrCommand qtr_command_devices = {
    .name = "devices",
    .arguments = "",
    .summary = "List the OpenCL devices, or the one of -g, and test each",
    .description =
        "The index, a name, or a part of one that fits one device only, is what -g and env.gpu\n"
        "take.",
    .run = do_devices,
};
