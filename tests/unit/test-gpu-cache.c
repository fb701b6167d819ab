#include "cache-fixture.h"

#include "base/error.h"
#include "base/file.h"
#include "gpu/private.h"
#include "gpu/programs.h"

#include <string.h>
#include <utime.h>

static char *only_entry(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name = g_dir_read_name(dir);
    char *path = g_build_filename(folder, name, NULL);

    assert_non_null(name);
    assert_null(g_dir_read_name(dir));
    return path;
}

/* What another process does beside a run. */
static void store_all(QtrDevice *device)
{
    g_autofree char *list = qtr_programs_list(device, 0);

    assert_true(qtr_programs_store(device, list, NULL, NULL));
}

/* What opening a device and using one kernel logs about the cache; the kernel must work. */
static char *use_kernel(const char *folder, const char *options)
{
    QtrDeviceParams params = {.cache_dir = folder, .log = qtr_log_new()};
    GString *said = g_string_new(NULL);
    const char sent[64] = "one vector, however wide a device's are";
    char got[sizeof sent] = "";

    qtr_log_add_sink(params.log, collect, QTR_LOG_DEBUG, said);
    {
        g_autoptr(QtrDevice) device = qtr_device_open(&params, NULL);
        g_autoptr(QtrBuffer) x = qtr_buffer_new(device, sizeof sent, NULL);
        g_autoptr(QtrBuffer) y = qtr_buffer_new(device, sizeof sent, NULL);
        g_autoptr(QtrCommands) commands = qtr_commands_new(device);
        QtrKernel *kernel = qtr_kernel_new(device, "peak", "peak_copy", options, NULL);

        assert_non_null(kernel);
        qtr_kernel_bind(kernel, "bbi", x, y, 1);
        qtr_commands_add(commands, kernel, (gsize[3]){1, 1, 1}, NULL, (QtrWork){0});
        assert_true(qtr_buffer_write(x, 0, sent, sizeof sent, NULL) &&
                    qtr_commands_run(commands, NULL) &&
                    qtr_buffer_read(y, 0, got, sizeof got, NULL));
        assert_string_equal(got, sent);
        store_all(device);
    }
    qtr_log_free(params.log);
    return g_string_free(said, FALSE);
}

static gboolean is_hit(const char *folder, const char *options)
{
    g_autofree char *said = use_kernel(folder, options);

    return strstr(said, "taken from the cache") != NULL;
}

static void second_device_takes_the_entry(void **state)
{
    assert_false(is_hit(*state, NULL));
    assert_true(is_hit(*state, NULL));
}

static void options_have_own_entries(void **state)
{
    assert_false(is_hit(*state, NULL));
    assert_false(is_hit(*state, "-DUNUSED=1"));
    assert_true(is_hit(*state, NULL));
    assert_true(is_hit(*state, "-DUNUSED=1"));
}

static void empty_folder_name_disables(void **state)
{
    assert_false(is_hit("", NULL));
    assert_false(is_hit("", NULL));
}

static void unwritable_folder_is_no_error(void **state)
{
    assert_false(is_hit("/proc/no/such/folder", NULL));
}

/* Uses the kernel over a spoilt entry: said so, rebuilt, and whole again afterwards. */
static void assert_rebuilt(const char *folder, const char *says)
{
    g_autofree char *said = use_kernel(folder, NULL);

    assert_non_null(strstr(said, says));
    assert_null(strstr(said, "taken from the cache"));
    assert_true(is_hit(folder, NULL));
}

static void damaged_entry_is_rebuilt(void **state)
{
    g_autofree char *path = NULL, *data = NULL;
    gsize size;

    assert_false(is_hit(*state, NULL));
    path = only_entry(*state);
    data = qtr_file_read(path, 1 << 26, &size, NULL);
    assert_non_null(data);
    data[size / 2] ^= 1;
    assert_true(qtr_file_write(path, data, size, NULL));
    assert_rebuilt(*state, "damaged");
    assert_true(qtr_file_write(path, data, size - 1, NULL));
    assert_rebuilt(*state, "damaged");
    assert_true(qtr_file_write(path, "", 0, NULL));
    assert_rebuilt(*state, "damaged");
}

static void refused_entry_is_rebuilt(void **state)
{
    static const char nonsense[] = "sound in the cache's eyes, but no program";
    QtrDevice *device = qtr_device_open(&(QtrDeviceParams){.cache_dir = *state}, NULL);
    g_autofree char *path = NULL;

    assert_false(is_hit(*state, NULL));
    path = only_entry(*state);
    qtr_cache_store(device, path, nonsense, sizeof nonsense);
    qtr_device_close(device);
    assert_rebuilt(*state, "the driver refuses");
}

typedef struct {
    const char *path;
    char *data;
    gsize size;
} Stored;

/* Another process stores the entry just when this one has built the program. */
static void store_when_built(QtrLogLevel level, const char *line, gpointer user_data)
{
    const Stored *stored = user_data;

    if (g_str_has_suffix(line, " built"))
        assert_true(qtr_file_write(stored->path, stored->data, stored->size, NULL));
}

static void entry_of_another_process_stays(void **state)
{
    QtrDeviceParams params = {.cache_dir = *state};
    g_autofree char *path = NULL;
    Stored stored = {0};

    assert_false(is_hit(*state, NULL));
    stored.path = path = only_entry(*state);
    stored.data = qtr_file_read(path, 1 << 26, &stored.size, NULL);
    assert_non_null(stored.data);
    assert_int_equal(g_unlink(path), 0);
    params.log = qtr_log_new();
    qtr_log_add_sink(params.log, store_when_built, QTR_LOG_DEBUG, &stored);
    {
        g_autoptr(QtrDevice) device = qtr_device_open(&params, NULL);
        g_autoptr(QtrKernel) kernel = qtr_kernel_new(device, "peak", "peak_copy", NULL, NULL);

        assert_non_null(kernel);
    }
    qtr_log_free(params.log);
    assert_true(is_hit(*state, NULL));
    g_free(stored.data);
}

static void lists_that_name_no_program_are_refused(void **state)
{
    static const char *const lists[] = {"peak\n", "nothing\t-DX=1\n", "peak \t\n", "\t\n"};
    g_autoptr(QtrDevice) device = qtr_device_open(&(QtrDeviceParams){.cache_dir = *state}, NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(GError) error = NULL;

        assert_false(qtr_programs_store(device, lists[i], NULL, &error));
        assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_USAGE));
    }
    assert_int_equal(g_rmdir(*state), 0);
    assert_int_equal(g_mkdir(*state, 0700), 0);
}

static void storing_stops_when_told(void **state)
{
    const gint stop = 1;
    g_autoptr(QtrDevice) device = qtr_device_open(&(QtrDeviceParams){.cache_dir = *state}, NULL);
    g_autoptr(GError) error = NULL;

    assert_false(qtr_programs_store(device, "peak\t\n", &stop, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_CANCELLED));
}

typedef struct {
    char letter;
    guint letters;
    const char *suffix;
    int age;
    gboolean stays;
} Aged;

static char *aged_path(const char *folder, const Aged *file)
{
    g_autofree char *stem = g_strnfill(file->letters, file->letter);
    g_autofree char *name = g_strconcat(stem, file->suffix, NULL);

    return g_build_filename(folder, name, NULL);
}

static void pruning_removes_the_longest_unused(void **state)
{
    static const Aged files[] = {
        {'a', 64, ".bin", 10, TRUE},
        {'b', 64, ".bin", 40, FALSE},
        {'c', 64, ".bin", 20, TRUE},
        {'d', 64, ".bin.ab12.tmp", 30, FALSE},
        {'a', 0, ".qtr-Ab12Cd.tmp", 35, FALSE},
        {'a', 0, ".qtr-Ab12Cd.txt", 50, TRUE},
        {'x', 64, ".bin", 50, TRUE},
        {'e', 63, ".bin", 50, TRUE},
    };
    const char block[1000] = "";

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = aged_path(*state, &files[i]);
        struct utimbuf times = {1000000000 - files[i].age, 1000000000 - files[i].age};

        assert_true(qtr_file_write(path, block, sizeof block, NULL));
        assert_int_equal(utime(path, &times), 0);
    }
    qtr_cache_prune(*state, 2500);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = aged_path(*state, &files[i]);

        assert_int_equal(g_file_test(path, G_FILE_TEST_EXISTS), files[i].stays);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(second_device_takes_the_entry, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(options_have_own_entries, make_folder, remove_folder),
        cmocka_unit_test(empty_folder_name_disables),
        cmocka_unit_test(unwritable_folder_is_no_error),
        cmocka_unit_test_setup_teardown(damaged_entry_is_rebuilt, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(refused_entry_is_rebuilt, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(entry_of_another_process_stays, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(lists_that_name_no_program_are_refused, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(storing_stops_when_told, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(pruning_removes_the_longest_unused, make_folder,
                                        remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
