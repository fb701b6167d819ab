#include "base/error.h"
#include "gpu/peak.h"
#include "gpu/private.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka needs the headers above */
#include <cmocka.h>

static const char *program; /* this executable, to be run again without any driver */

static QtrProbe *invent(const char *platform, const char *name, const char *pci, gboolean is_gpu,
                        gboolean unified)
{
    QtrProbe *probe = g_new0(QtrProbe, 1);

    probe->info = g_new0(QtrDeviceInfo, 1);
    probe->info->platform = g_strdup(platform);
    probe->info->name = g_strdup(name);
    probe->info->key = g_strjoin(" / ", platform, name, pci, NULL);
    probe->info->is_cpu = !is_gpu;
    probe->info->unified_memory = unified;
    probe->is_gpu = is_gpu;
    return probe;
}

/* A machine with a processor under two drivers, an integrated GPU, two equal cards, one of them
 * known to a second driver too, and two more, whose names tell them apart, under two drivers. */
static GPtrArray *invent_machine(void)
{
    GPtrArray *probes = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_probe_free);

    g_ptr_array_add(probes, invent("rusticl", "Big Card", "0000:01:00.0", TRUE, FALSE));
    g_ptr_array_add(probes, invent("PoCL", "cpu-x", NULL, FALSE, TRUE));
    g_ptr_array_add(probes, invent("Intel CPU", "X Processor", NULL, FALSE, TRUE));
    g_ptr_array_add(probes, invent("Intel", "Small Graphics", "0000:00:02.0", TRUE, TRUE));
    g_ptr_array_add(probes, invent("Vendor", "Big Card", "0000:01:00.0", TRUE, FALSE));
    g_ptr_array_add(probes, invent("Vendor", "Big Card", "0000:02:00.0", TRUE, FALSE));
    g_ptr_array_add(probes, invent("Vendor", "Card 70 Ti", "0000:03:00.0", TRUE, FALSE));
    g_ptr_array_add(probes, invent("Vendor", "Card 70", "0000:04:00.0", TRUE, FALSE));
    g_ptr_array_add(probes, invent("rusticl", "Card 70", NULL, TRUE, FALSE));
    return qtr_probe_arrange(probes);
}

static const QtrDeviceInfo *info_at(const GPtrArray *probes, guint index)
{
    return ((const QtrProbe *)probes->pdata[index])->info;
}

static void order_puts_twins_last(void **state)
{
    static const char *const keys[] = {
        "PoCL / cpu-x",
        "Intel / Small Graphics / 0000:00:02.0",
        "Vendor / Big Card / 0000:01:00.0",
        "Vendor / Big Card / 0000:02:00.0",
        "Vendor / Card 70 Ti / 0000:03:00.0",
        "Vendor / Card 70 / 0000:04:00.0",
        "rusticl / Big Card / 0000:01:00.0",
        "Intel CPU / X Processor",
        "rusticl / Card 70",
    };
    g_autoptr(GPtrArray) probes = invent_machine();

    assert_int_equal(probes->len, G_N_ELEMENTS(keys));
    for (guint i = 0; i < probes->len; i++) {
        assert_string_equal(info_at(probes, i)->key, keys[i]);
        assert_int_equal(info_at(probes, i)->index, i);
        assert_int_equal(info_at(probes, i)->is_default, i == 2);
    }
}

static void equal_devices_get_own_keys(void **state)
{
    g_autoptr(GPtrArray) probes = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_probe_free);

    for (int i = 0; i < 3; i++)
        g_ptr_array_add(probes, invent("Vendor", "Card", NULL, TRUE, FALSE));
    probes = qtr_probe_arrange(g_steal_pointer(&probes));
    assert_string_equal(info_at(probes, 0)->key, "Vendor / Card");
    assert_string_equal(info_at(probes, 1)->key, "Vendor / Card #2");
    assert_string_equal(info_at(probes, 2)->key, "Vendor / Card #3");
}

/* A card of which two drivers give different names and no address. */
static void vendors_driver_is_the_default(void **state)
{
    g_autoptr(GPtrArray) probes = g_ptr_array_new_with_free_func((GDestroyNotify)qtr_probe_free);

    g_ptr_array_add(probes, invent("rusticl", "Big Card (LLVM)", NULL, TRUE, FALSE));
    g_ptr_array_add(probes, invent("Vendor", "gfx", NULL, TRUE, FALSE));
    g_ptr_array_add(probes, invent("Intel", "Small Graphics", NULL, TRUE, TRUE));
    probes = qtr_probe_arrange(g_steal_pointer(&probes));
    assert_false(info_at(probes, 0)->is_default);
    assert_true(info_at(probes, 1)->is_default);
    assert_false(info_at(probes, 2)->is_default);
}

static void selector_finds_one(void **state)
{
    static const struct {
        const char *selector;
        int index; /* -1: an error */
    } cases[] = {
        {NULL, 2},
        {"0", 0},
        {"8", 8},
        {"9", -1},
        {"SMALL", 1},
        {"cpu-X", 0},
        {"Big", -1},
        {"", -1},
        {"toaster", -1},
        {"99999999999999999999", -1},
        {"Vendor / Big Card / 0000:02:00.0", 3},
        {"Big Card", -1}, /* two of them */
        {"Card 70", 5},
        {"card 70", 5},
        {"card 70 t", 4},
        {"70", -1}, /* a number */
        {"Card 7", -1},
        {"rusticl / Card 70", 8},
        {"X", 0}, /* the processor, whichever driver */
        {"x proc", 7},
    };
    g_autoptr(GPtrArray) probes = invent_machine();

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        const QtrProbe *probe = qtr_probe_choose(probes, cases[i].selector, &error);

        if (cases[i].index >= 0) {
            assert_non_null(probe);
            assert_int_equal(probe->info->index, cases[i].index);
            continue;
        }
        assert_null(probe);
        assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
        assert_non_null(strstr(error->message, cases[i].selector));
        assert_non_null(strstr(error->message, "1: Intel / Small Graphics / 0000:00:02.0"));
    }
}

static void list_agrees_with_open(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) infos = qtr_device_list(&error);
    int defaults = 0;

    assert_null(error);
    for (guint i = 0; i < infos->len; i++) {
        const QtrDeviceInfo *info = infos->pdata[i];
        g_autoptr(QtrDevice) device =
            qtr_device_open(&(QtrDeviceParams){.selector = info->key}, &error);

        assert_null(error);
        assert_string_equal(qtr_device_info(device)->key, info->key);
        assert_true(info->max_alloc > 0 && info->max_alloc <= info->memory);
        assert_true(info->compute_units > 0 && info->max_group > 0);
        assert_true(info->is_cpu ? info->vector_width >= 4 : info->vector_width == 1);
        defaults += info->is_default;
    }
    assert_int_equal(defaults, 1);
}

static void open_refuses_unknown_name(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrDevice) device =
        qtr_device_open(&(QtrDeviceParams){.selector = "no such device"}, &error);

    assert_null(device);
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
}

static void self_test_passes_at_all_widths(void **state)
{
    static const int widths[] = {1, 4, 8, 16};

    for (gsize i = 0; i < G_N_ELEMENTS(widths); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(QtrDevice) device =
            qtr_device_open(&(QtrDeviceParams){.vector_width = widths[i]}, &error);

        assert_null(error);
        assert_int_equal(qtr_device_info(device)->vector_width, widths[i]);
        qtr_device_self_test(device, &error);
        assert_null(error);
        assert_int_equal(qtr_device_allocated(device), 0);
    }
}

static void peaks_are_plausible(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrDevice) device = qtr_device_open(NULL, &error);
    QtrPeak peak = {0};

    assert_null(error);
    qtr_peak_measure(device, &peak, &error);
    assert_null(error);
    print_message("%.0f GFLOP/s, %.0f GB/s, %.1f us a launch\n", peak.gflops, peak.copy_gbs,
                  peak.launch_us);
    assert_true(peak.gflops > 1 && peak.gflops < 1e6);
    assert_true(peak.copy_gbs > 0.5 && peak.copy_gbs < 1e5);
    assert_true(peak.launch_us > 0.01 && peak.launch_us < 1e4);
    assert_int_equal(qtr_device_allocated(device), 0);
}

/* What the child process does in place of the tests. */
static int list_only(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) infos = qtr_device_list(&error);

    if (infos)
        return 1;
    fputs(error->message, stdout);
    return error->code == QTR_ERROR_DEVICE ? 0 : 2;
}

/* OCL_ICD_VENDORS tells the usual loaders where drivers are registered. */
static void no_driver_names_the_package(void **state)
{
    const char *argv[] = {program, "list", NULL};
    g_autofree char *folder = g_dir_make_tmp("qtr-icd-XXXXXX", NULL);
    g_auto(GStrv) env = g_environ_setenv(g_get_environ(), "OCL_ICD_VENDORS", folder, TRUE);
    g_autofree char *said = NULL;
    int status = -1;

    assert_true(g_spawn_sync(NULL, (char **)argv, env, G_SPAWN_DEFAULT, NULL, NULL, &said, NULL,
                             &status, NULL));
    assert_int_equal(g_rmdir(folder), 0);
    assert_true(g_spawn_check_wait_status(status, NULL));
    assert_non_null(strstr(said, "no OpenCL platform was found"));
    assert_non_null(strstr(said, "apt install pocl-opencl-icd"));
    assert_non_null(strstr(said, "/etc/OpenCL/vendors/nvidia.icd")); /* as in most containers */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_puts_twins_last),
        cmocka_unit_test(equal_devices_get_own_keys),
        cmocka_unit_test(vendors_driver_is_the_default),
        cmocka_unit_test(selector_finds_one),
        cmocka_unit_test(list_agrees_with_open),
        cmocka_unit_test(open_refuses_unknown_name),
        cmocka_unit_test(no_driver_names_the_package),
        cmocka_unit_test(self_test_passes_at_all_widths),
        cmocka_unit_test(peaks_are_plausible),
    };

    if (argc > 1)
        return list_only();
    program = argv[0];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
