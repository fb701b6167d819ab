#include "cli/command.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "run/bench.h"

#include <string.h>
#include <sys/resource.h>

#define AT(member) G_STRUCT_OFFSET(QtrOptions, member)
#define REPORT_MAX (1 << 20)

static JsonArray *rows_json(const QtrBenchResult *r)
{
    JsonArray *array = json_array_new();

    for (guint i = 0; i < r->rows->len; i++) {
        const QtrNetProfileRow *row = &g_array_index(r->rows, QtrNetProfileRow, i);
        JsonObject *object = json_object_new();

        json_object_set_string_member(object, "operation", row->label);
        json_object_set_string_member(object, "shape", row->shape);
        json_object_set_int_member(object, "launches", row->launches);
        json_object_set_double_member(object, "seconds", row->seconds);
        json_object_set_double_member(object, "flops", row->flops);
        json_object_set_double_member(object, "bytes", row->bytes);
        json_array_add_object_element(array, object);
    }
    return array;
}

static JsonObject *result_json(const QtrBenchResult *r)
{
    JsonObject *object = json_object_new();

    json_object_set_string_member(object, "workload", r->name);
    json_object_set_string_member(object, "description", r->description);
    json_object_set_double_member(object, "best", r->best);
    json_object_set_double_member(object, "median", r->median);
    json_object_set_double_member(object, "start", r->start);
    json_object_set_double_member(object, "flops", r->flops);
    json_object_set_double_member(object, "bytes", r->bytes);
    json_object_set_int_member(object, "launches", r->launches);
    json_object_set_int_member(object, "memory", (gint64)r->memory);
    json_object_set_double_member(object, "peak_gflops", r->peak.gflops);
    json_object_set_double_member(object, "peak_copy_gbs", r->peak.copy_gbs);
    json_object_set_double_member(object, "peak_launch_us", r->peak.launch_us);
    json_object_set_double_member(object, "of_peak", r->flops / r->best / 1e9 / r->peak.gflops);
    json_object_set_array_member(object, "operations", rows_json(r));
    return object;
}

/* The `best` of a workload in an older report, 0 if it is not there. */
static double old_value(JsonObject *old, const char *workload, const char *member)
{
    JsonArray *array = old && json_object_has_member(old, "workloads")
                           ? json_object_get_array_member(old, "workloads")
                           : NULL;

    for (guint i = 0; array && i < json_array_get_length(array); i++) {
        JsonObject *w = json_array_get_object_element(array, i);

        if (strcmp(json_object_get_string_member_with_default(w, "workload", ""), workload) == 0)
            return json_object_get_double_member_with_default(w, member, 0.0);
    }
    return 0.0;
}

static GArray *rows_without_shapes(const GArray *rows)
{
    GArray *sums = g_array_new(FALSE, FALSE, sizeof(QtrNetProfileRow));

    for (guint i = 0; i < rows->len; i++) {
        const QtrNetProfileRow *row = &g_array_index(rows, QtrNetProfileRow, i);
        QtrNetProfileRow *sum = NULL;

        for (guint k = 0; k < sums->len && !sum; k++)
            if (strcmp(g_array_index(sums, QtrNetProfileRow, k).label, row->label) == 0)
                sum = &g_array_index(sums, QtrNetProfileRow, k);
        if (sum) {
            sum->launches += row->launches;
            sum->seconds += row->seconds;
            sum->flops += row->flops;
            sum->bytes += row->bytes;
        } else {
            g_array_append_val(sums, *row);
            g_array_index(sums, QtrNetProfileRow, sums->len - 1).shape[0] = '\0';
        }
    }
    return sums;
}

/* A rate of what was not done is none: launches that only move data have no arithmetic. */
static char *rate_text(double amount, double rate)
{
    return amount > 0.0 ? g_strdup_printf("%.1f", rate) : g_strdup("-");
}

static void print_rows(QtrConsole *console, const GArray *rows, double peak)
{
    qtr_console_print(console, "  %-44s %8s %10s %9s %7s %8s\n", "operation", "launches", "ms",
                      "GFLOP/s", "% peak", "GB/s");
    for (guint i = 0; i < rows->len; i++) {
        const QtrNetProfileRow *row = &g_array_index(rows, QtrNetProfileRow, i);
        double rate = row->flops / row->seconds / 1e9;
        g_autofree char *gflops = rate_text(row->flops, rate);
        g_autofree char *share = rate_text(row->flops, 100.0 * rate / peak);
        g_autofree char *gbs = rate_text(row->bytes, row->bytes / row->seconds / 1e9);

        qtr_console_print(console, "  %-20s %-23s %8u %10.2f %9s %7s %8s\n", row->label, row->shape,
                          row->launches, 1e3 * row->seconds, gflops, share, gbs);
    }
}

static void print_result(QtrConsole *console, const QtrBenchResult *r, gboolean shapes,
                         JsonObject *old)
{
    g_autoptr(GArray) rows = shapes ? g_array_ref(r->rows) : rows_without_shapes(r->rows);
    double before = old_value(old, r->name, "best"), peak = old_value(old, r->name, "peak_gflops");

    qtr_console_print(console, "\n%s: %s\n", r->name, r->description);
    qtr_console_print(console,
                      "  %.3f s best, %.3f s median, %.0f GFLOP/s, %.0f %% of the peak of %.0f; "
                      "%u launches, %.1f GB moved, %.0f MiB, first step after %.2f s\n",
                      r->best, r->median, r->flops / r->best / 1e9,
                      100.0 * r->flops / r->best / 1e9 / r->peak.gflops, r->peak.gflops,
                      r->launches, r->bytes / 1e9, (double)r->memory / 1048576.0, r->start);
    if (before > 0.0 && peak > 0.0)
        qtr_console_print(console, "  before: %.3f s; %.2f times as fast, %.2f at equal peak\n",
                          before, before / r->best, before * peak / (r->best * r->peak.gflops));
    print_rows(console, rows, r->peak.gflops);
}

static JsonObject *load_report(const char *path, GError **error)
{
    gsize size;
    g_autofree char *text = qtr_file_read(path, REPORT_MAX, &size, error);

    return text ? qtr_json_parse_object(text, size, 8, path, error) : NULL;
}

static gboolean is_chosen(const QtrOptions *options, const char *name)
{
    return !options->arguments[0] || g_strv_contains((const char *const *)options->arguments, name);
}

static gboolean check_options(const QtrOptions *options, GError **error)
{
    for (char **name = options->arguments; *name; name++) {
        gboolean known = FALSE;

        for (guint i = 0; i < qtr_bench_count(); i++)
            known = known || strcmp(qtr_bench_name(i), *name) == 0;
        if (known)
            continue;
        g_set_error(error, QTR_ERROR, QTR_ERROR_USAGE,
                    "unknown workload '%s'; there are search-noise, search-shared, search-fp32, "
                    "train and infer",
                    *name);
        return FALSE;
    }
    return TRUE;
}

static gboolean do_bench(const QtrCli *cli, GError **error)
{
    const QtrOptions *options = cli->options;
    const char *selector;
    g_autoptr(JsonObject) old = NULL;
    g_autoptr(QtrDevice) device = NULL;
    JsonArray *array;
    JsonObject *report;
    struct rusage usage;
    gboolean ok = TRUE;

    if (!check_options(options, error) || !qtr_cli_device(cli, &selector, error) ||
        (options->input && !(old = load_report(options->input, error))))
        return FALSE;
    device = qtr_device_open(&(QtrDeviceParams){.selector = selector, .log = cli->log}, error);
    if (!device)
        return FALSE;
    qtr_console_print(cli->console, "%s\n", qtr_device_info(device)->name);
    array = json_array_new();
    for (guint i = 0; ok && i < qtr_bench_count(); i++) {
        QtrBenchResult *result;

        if (!is_chosen(options, qtr_bench_name(i)))
            continue;
        result = qtr_bench_run(device, i, options->rounds, cli->stop, error);
        ok = result != NULL;
        if (ok) {
            print_result(cli->console, result, options->shapes, old);
            json_array_add_object_element(array, result_json(result));
        }
        qtr_bench_result_free(result);
    }
    getrusage(RUSAGE_SELF, &usage);
    qtr_console_print(cli->console, "\nprocess: %.0f MiB at most\n",
                      (double)usage.ru_maxrss / 1024.0);
    report = json_object_new();
    json_object_set_string_member(report, "device", qtr_device_info(device)->key);
    json_object_set_array_member(report, "workloads", array);
    json_object_set_int_member(report, "process_bytes", (gint64)usage.ru_maxrss * 1024);
    qtr_console_result(cli->console, "result", report);
    return ok;
}

static const QtrOption bench_options[] = {
    {"compare", 0, QTR_OPTION_PATH, AT(input), "OLD.json",
     "say how many times as fast as in this report of bench --json"},
    {"rounds", 0, QTR_OPTION_INT, AT(rounds), "N",
     "time N steps of each workload (as many as fit 5 s)", .min = 1, .max = 1000000},
    {"shapes", 0, QTR_OPTION_FLAG, AT(shapes), NULL, "tell convolutions of different shapes apart"},
    {NULL},
};

const QtrCommand qtr_command_bench = {
    .name = "bench",
    .arguments = "[WORKLOAD...]",
    .summary = "Measure the device and the five workloads of a search",
    .description =
        "Measures the device's peak arithmetic, copy bandwidth and launch cost, then steps of\n"
        "search, training and inference: time, share of the peak of the same run, memory, and\n"
        "the parts of a step. The machine should have nothing else to do.",
    .examples = "  quantoaster bench --json > old.json\n"
                "  quantoaster bench train --compare old.json",
    .options = bench_options,
    .max_arguments = -1,
    .run = do_bench,
};
