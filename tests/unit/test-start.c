/* The second start of the same network: nothing is compiled, and it computes the same. */
#include "cache-fixture.h"

#include "gpu/kernel.h"
#include "gpu/programs.h"
#include "nn/net.h"
#include "run/keeper.h"

#include <string.h>
#include <unistd.h>

#define BATCH 2
#define SIDE 9

static float first_loss(QtrDevice *device)
{
    static guint8 lr[BATCH * 3 * SIDE * SIDE], hr[16 * sizeof lr];
    const QtrRates rates = {.step = 0, .lr = 1e-4, .alpha_lr = 3e-4, .temperature = 1.0};
    g_autoptr(QtrNet) net = NULL;
    QtrNetResults results;
    QtrNetParams params;

    qtr_net_params_init(&params);
    params.arch.c_fixed = 6;
    params.arch.body_cells = 1;
    for (int b = 0; b < QTR_BLOCKS; b++) {
        params.arch.n_primitives[b] = 1;
        params.arch.primitives[b][0] = qtr_primitive_find("simple_1x1");
    }
    params.batch = BATCH;
    params.height = params.width = SIDE;
    params.quant_noise = TRUE;
    net = qtr_net_new(device, &params, NULL);
    assert_non_null(net);
    for (gsize i = 0; i < sizeof hr; i++)
        hr[i] = lr[i / 16] = (guint8)(i / 16 * 7);
    assert_true(qtr_net_set_images_u8(net, lr, hr, NULL));
    assert_true(qtr_net_alpha_step(net, &rates, NULL) && qtr_net_weight_step(net, &rates, NULL) &&
                qtr_net_results(net, &results, NULL));
    return (float)results.loss;
}

static guint count(const char *text, const char *part)
{
    guint n = 0;

    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

/* Starts, steps once and has the programs stored; gives what was logged. */
static char *start(const char *folder, float *loss)
{
    QtrDeviceParams params = {.cache_dir = folder, .log = qtr_log_new()};
    GString *said = g_string_new(NULL);
    QtrDevice *device;
    g_autofree char *list = NULL;

    qtr_log_add_sink(params.log, collect, QTR_LOG_DEBUG, said);
    device = qtr_device_open(&params, NULL);
    assert_non_null(device);
    *loss = first_loss(device);
    list = qtr_programs_list(device, 0);
    assert_true(qtr_programs_store(device, list, NULL, NULL));
    qtr_device_close(device);
    qtr_log_free(params.log);
    return g_string_free(said, FALSE);
}

static void second_start_builds_nothing(void **state)
{
    float first, second;
    g_autofree char *cold = start(*state, &first), *warm = start(*state, &second);
    guint programs = count(cold, ") built\n");

    assert_true(programs > 5);
    assert_int_equal(count(cold, "taken from the cache"), 0);
    assert_int_equal(count(warm, ") built\n"), 0);
    assert_int_equal(count(warm, "taken from the cache"), programs);
    assert_memory_equal(&first, &second, sizeof first);
}

/* A child that keeps what it was given and called with. */
static void keeper_gives_new_programs_to_a_child(void **state)
{
    const char *folder = *state;
    g_autofree char *copy = g_build_filename(folder, "list", NULL);
    g_autofree char *script = g_strdup_printf(
        "echo \"$*\" >'%s.tmp'; cat >>'%s.tmp'; mv '%s.tmp' '%s'", copy, copy, copy, copy);
    const char *const executable[] = {"/bin/sh", "-c", script, "sh", NULL};
    QtrDevice *device = qtr_device_open(&(QtrDeviceParams){.cache_dir = folder}, NULL);
    QtrKeeper *keeper = qtr_keeper_new(device, executable, 0, NULL);
    g_autofree char *text = NULL, *list = NULL, *expected = NULL;
    QtrKernel *kernel;

    qtr_keeper_tick(keeper); /* nothing was built yet */
    kernel = qtr_kernel_new(device, "peak", "peak_copy", "-DUNUSED=2", NULL);
    list = qtr_programs_list(device, 0);
    if (!*list) {
        print_message("this driver hands its binaries out at once: nothing is left to a child\n");
        qtr_kernel_free(kernel);
        qtr_keeper_free(keeper);
        qtr_device_close(device);
        skip();
    }
    qtr_keeper_tick(keeper);
    while (!g_file_get_contents(copy, &text, NULL, NULL))
        g_usleep(10000);
    expected = g_strdup_printf("keep-programs -g %s %d\n%s", qtr_device_info(device)->key,
                               (int)getpid(), list);
    assert_string_equal(text, expected);
    g_unlink(copy);
    for (int i = 0; i < 3; i++)
        qtr_keeper_tick(keeper); /* nothing new */
    qtr_kernel_free(kernel);
    qtr_keeper_free(keeper);
    qtr_device_close(device);
    assert_false(g_file_test(copy, G_FILE_TEST_EXISTS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(second_start_builds_nothing, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(keeper_gives_new_programs_to_a_child, make_folder,
                                        remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
