#include "device-fixture.h"

#include "base/error.h"
#include "gpu/private.h"

#include <math.h>
#include <string.h>

#define N 112 /* whole vectors, but no whole groups */

static const char *program; /* this executable, to be run again where an abort is expected */

static QtrKernel *new_kernel(QtrDevice *device, const char *file, const char *name)
{
    g_autoptr(GError) error = NULL;
    QtrKernel *kernel = qtr_kernel_new(device, file, name, NULL, &error);

    if (error)
        print_error("%s\n", error->message);
    assert_non_null(kernel);
    return kernel;
}

static QtrBuffer *new_floats(QtrDevice *device)
{
    QtrBuffer *buffer = qtr_buffer_new(device, N * sizeof(float), NULL);

    assert_non_null(buffer);
    return buffer;
}

/* out[i] = 64 times x -> fma(x, a, b), from i. */
static void add_chain(QtrCommands *commands, QtrBuffer *out, double a, double b)
{
    QtrKernel *kernel = new_kernel(out->device, "selftest", "fma_chain");

    qtr_kernel_bind(kernel, "bffi", out, a, b, N);
    qtr_commands_add(commands, kernel, (gsize[3]){N, 1, 1}, (gsize[3]){32, 1, 1},
                     (QtrWork){.label = "chain", .flops = 128.0 * N, .bytes = 4.0 * N});
}

static void add_copy(QtrCommands *commands, QtrBuffer *from, QtrBuffer *to)
{
    const int vectors = N / qtr_device_info(from->device)->vector_width;
    QtrKernel *kernel = new_kernel(from->device, "peak", "peak_copy");

    qtr_kernel_bind(kernel, "bbi", from, to, vectors);
    qtr_commands_add(commands, kernel, (gsize[3]){(gsize)vectors, 1, 1}, NULL,
                     (QtrWork){.label = "copy", .bytes = 8.0 * N});
}

static void assert_chain(QtrBuffer *buffer, float a, float b)
{
    float got[N];

    assert_true(qtr_buffer_read(buffer, 0, got, sizeof got, NULL));
    for (int i = 0; i < N; i++) {
        float want = (float)i;

        for (int step = 0; step < 64; step++)
            want = fmaf(want, a, b);
        assert_memory_equal(&got[i], &want, sizeof want);
    }
}

/* Each copy must come between the two chains that write its source. */
static void launches_keep_their_order_in_every_replay(void **state)
{
    g_autoptr(QtrBuffer) x = new_floats(*state), y = new_floats(*state), z = new_floats(*state);
    g_autoptr(QtrCommands) commands = qtr_commands_new(*state);

    add_chain(commands, x, 0.5, 1);
    add_copy(commands, x, y);
    add_chain(commands, x, -0.9, 2);
    add_copy(commands, x, z);
    add_chain(commands, x, 1, 3);
    assert_int_equal(qtr_commands_count(commands), 5);
    for (int replay = 0; replay < 20; replay++) {
        assert_true(qtr_buffer_zero(y, NULL) && qtr_buffer_zero(z, NULL));
        assert_true(qtr_commands_run(commands, NULL));
        assert_true(qtr_commands_run(commands, NULL));
        assert_chain(x, 1, 3);
        assert_chain(y, 0.5f, 1);
        assert_chain(z, -0.9f, 2);
    }
}

static void kernels_keep_their_own_arguments(void **state)
{
    g_autoptr(QtrBuffer) x = new_floats(*state), y = new_floats(*state);
    g_autoptr(QtrCommands) first = qtr_commands_new(*state), second = qtr_commands_new(*state);

    add_chain(first, x, 0.25, 4);
    add_chain(second, y, 0.75, 5);
    assert_true(qtr_commands_run(second, NULL) && qtr_commands_run(first, NULL));
    assert_chain(x, 0.25f, 4);
    assert_chain(y, 0.75f, 5);
}

/* The list holds its buffers; binding again lets the former ones go. */
static void bound_buffers_are_kept(void **state)
{
    QtrDevice *device = *state;
    const guint64 before = qtr_device_allocated(device);
    QtrKernel *kernel = new_kernel(device, "peak", "peak_copy");
    QtrBuffer *x = new_floats(device), *y = new_floats(device), *z = new_floats(device);

    qtr_kernel_bind(kernel, "bbi", x, y, N);
    qtr_buffer_unref(x);
    qtr_buffer_unref(y);
    assert_int_equal(qtr_device_allocated(device) - before, 3 * N * sizeof(float));
    qtr_kernel_bind(kernel, "bbi", z, z, N);
    qtr_buffer_unref(z);
    assert_int_equal(qtr_device_allocated(device) - before, N * sizeof(float));
    qtr_kernel_free(kernel);
    assert_int_equal(qtr_device_allocated(device), before);
}

static void devices_work_side_by_side(void **state)
{
    QtrDevice *devices[2];
    QtrBuffer *out[2];
    QtrCommands *commands[2];

    for (int i = 0; i < 2; i++) {
        devices[i] = qtr_device_open(NULL, NULL);
        assert_non_null(devices[i]);
        out[i] = new_floats(devices[i]);
        commands[i] = qtr_commands_new(devices[i]);
        add_chain(commands[i], out[i], 0.5, i);
    }
    for (int i = 0; i < 20; i++)
        assert_true(qtr_commands_run(commands[i & 1], NULL));
    qtr_device_close(devices[0]); /* while its list and buffer live */
    for (int i = 1; i >= 0; i--) {
        assert_chain(out[i], 0.5f, (float)i);
        qtr_buffer_unref(out[i]);
        qtr_commands_free(commands[i]);
    }
    qtr_device_close(devices[1]);
}

static void build_failure_shows_log(void **state)
{
    g_autoptr(GError) error = NULL;
    QtrKernel *kernel = qtr_kernel_new(*state, "peak", "peak_copy", "-Dfloat=nosuchtype", &error);

    assert_null(kernel);
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_DEVICE));
    assert_non_null(strstr(error->message, "peak.cl"));
    assert_non_null(strstr(error->message, "CL_BUILD_PROGRAM_FAILURE"));
    assert_non_null(strstr(error->message, "unknown type name 'nosuchtype'"));
}

static void unknown_names_are_named(void **state)
{
    g_autoptr(GError) no_file = NULL, no_kernel = NULL;

    assert_null(qtr_kernel_new(*state, "toast", "peak_copy", NULL, &no_file));
    assert_non_null(strstr(no_file->message, "toast.cl"));
    assert_null(qtr_kernel_new(*state, "peak", "toast", NULL, &no_kernel));
    assert_non_null(strstr(no_kernel->message, "kernel toast of peak.cl"));
    assert_non_null(strstr(no_kernel->message, "CL_INVALID_KERNEL_NAME"));
}

static void too_large_group_is_an_error_of_run(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QtrBuffer) x = new_floats(*state);
    g_autoptr(QtrCommands) commands = qtr_commands_new(*state);
    QtrKernel *kernel = new_kernel(*state, "peak", "peak_copy");
    gsize group = kernel->max_group + 1;

    qtr_kernel_bind(kernel, "bbi", x, x, N);
    qtr_commands_add(commands, kernel, (gsize[3]){N, 1, 1}, (gsize[3]){group, 1, 1},
                     (QtrWork){.label = "copy"});
    add_copy(commands, x, x);
    assert_false(qtr_commands_run(commands, &error));
    assert_true(g_error_matches(error, QTR_ERROR, QTR_ERROR_DEVICE));
    assert_non_null(strstr(error->message, "kernel peak_copy"));
}

static void profile_adds_up(void **state)
{
    for (int profiling = 0; profiling < 2; profiling++) {
        g_autoptr(QtrDevice) device =
            qtr_device_open(&(QtrDeviceParams){.profiling = profiling}, NULL);
        g_autoptr(QtrBuffer) x = new_floats(device), y = new_floats(device);
        g_autoptr(QtrCommands) commands = qtr_commands_new(device);
        double seconds[2] = {0, 100};
        const QtrWork *work;

        add_chain(commands, x, 0.5, 1);
        add_copy(commands, x, y);
        assert_true(qtr_commands_profile(commands, seconds, NULL));
        assert_true(seconds[0] > 0 && seconds[0] < 10);
        assert_true(seconds[1] > 100 && seconds[1] < 110);
        assert_chain(y, 0.5f, 1);
        work = qtr_commands_work(commands, 0);
        assert_string_equal(work->label, "chain");
        assert_true(work->flops == 128.0 * N && work->bytes == 4.0 * N);
    }
}

/* What a child process does in place of the tests. */
static int misuse(const char *what)
{
    g_autoptr(QtrDevice) device = qtr_device_open(NULL, NULL);
    g_autoptr(QtrDevice) other = qtr_device_open(NULL, NULL);
    g_autoptr(QtrBuffer) x = new_floats(device), y = new_floats(device), far = new_floats(other);
    g_autoptr(QtrKernel) kernel = new_kernel(device, "peak", "peak_copy");

    if (g_str_equal(what, "few"))
        qtr_kernel_bind(kernel, "bb", x, y);
    else if (g_str_equal(what, "many"))
        qtr_kernel_bind(kernel, "bbii", x, y, N, N);
    else if (g_str_equal(what, "type"))
        qtr_kernel_bind(kernel, "bbf", x, y, 1.0);
    else if (g_str_equal(what, "pointer"))
        qtr_kernel_bind(kernel, "bii", x, N, N);
    else if (g_str_equal(what, "null"))
        qtr_kernel_bind(kernel, "bbi", x, NULL, N);
    else if (g_str_equal(what, "foreign"))
        qtr_kernel_bind(kernel, "bbi", x, far, N);
    else
        qtr_kernel_bind(kernel, "bbi", x, y, N);
    return 0;
}

static void wrong_binding_aborts(void **state)
{
    static const struct {
        const char *what, *says; /* NULL: the child must not abort */
    } cases[] = {
        {"nothing", NULL},
        {"few", "has 3 arguments"},
        {"many", "has 3 arguments"},
        {"type", "cannot be bound as 'f'"},
        {"pointer", "cannot be bound as 'i'"},
        {"null", "no buffer was given"},
        {"foreign", "another device's"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *argv[] = {program, cases[i].what, NULL};
        g_autofree char *said = NULL;
        int status = 0;

        assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                                 NULL, &said, &status, NULL));
        assert_int_equal(g_spawn_check_wait_status(status, NULL), cases[i].says == NULL);
        if (cases[i].says)
            assert_non_null(strstr(said, cases[i].says));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(launches_keep_their_order_in_every_replay),
        cmocka_unit_test(kernels_keep_their_own_arguments),
        cmocka_unit_test(bound_buffers_are_kept),
        cmocka_unit_test(devices_work_side_by_side),
        cmocka_unit_test(build_failure_shows_log),
        cmocka_unit_test(unknown_names_are_named),
        cmocka_unit_test(too_large_group_is_an_error_of_run),
        cmocka_unit_test(profile_adds_up),
        cmocka_unit_test(wrong_binding_aborts),
    };

    if (argc > 1)
        return misuse(argv[1]);
    program = argv[0];
    return cmocka_run_group_tests(tests, open_device, close_device);
}
