/* A step allocates nothing after the first. What the linker wraps is what this library calls
 * itself; the OpenCL driver and other libraries are left out. */
#include "device-fixture.h"

#include "nn/net.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 2
#define SIDE 9
#define STEPS 3

static guint allocations;

#define WRAP(type, name, parameters, arguments)                                                    \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        allocations++;                                                                             \
        return __real_##name arguments;                                                            \
    }

WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t n, size_t size), (n, size))
WRAP(void *, realloc, (void *p, size_t size), (p, size))
WRAP(gpointer, g_malloc, (gsize size), (size))
WRAP(gpointer, g_malloc0, (gsize size), (size))
WRAP(gpointer, g_malloc_n, (gsize n, gsize size), (n, size))
WRAP(gpointer, g_malloc0_n, (gsize n, gsize size), (n, size))
WRAP(gpointer, g_realloc, (gpointer p, gsize size), (p, size))
WRAP(gpointer, g_realloc_n, (gpointer p, gsize n, gsize size), (p, n, size))
WRAP(gpointer, g_memdup2, (gconstpointer p, gsize size), (p, size))
WRAP(GPtrArray *, g_ptr_array_new_with_free_func, (GDestroyNotify f), (f))
WRAP(GPtrArray *, g_ptr_array_new, (void), ())
WRAP(GArray *, g_array_new, (gboolean zero, gboolean clear, guint size), (zero, clear, size))

static QtrNet *new_net(QtrDevice *device, const QtrGenotype *genotype)
{
    QtrNetParams params;
    QtrNet *net;

    qtr_net_params_init(&params);
    params.arch.c_fixed = 6;
    params.arch.body_cells = 1;
    for (int b = 0; b < QTR_BLOCKS; b++) {
        params.arch.n_primitives[b] = 2;
        params.arch.primitives[b][0] = qtr_primitive_find("simple_1x1");
        params.arch.primitives[b][1] = qtr_primitive_find("conv_3x1_1x3");
    }
    params.batch = BATCH;
    params.height = params.width = SIDE;
    params.clip = 5.0;
    params.quant_noise = !genotype;
    params.genotype = genotype;
    net = qtr_net_new(device, &params, NULL);
    assert_non_null(net);
    return net;
}

static void step(QtrNet *net, gboolean alphas, guint32 number)
{
    static guint8 lr[BATCH * 3 * SIDE * SIDE], hr[16 * sizeof lr];
    const QtrRates rates = {.step = number, .lr = 1e-4, .alpha_lr = 3e-4, .temperature = 1.0};
    QtrNetResults results;

    memset(lr, 100 + (int)number, sizeof lr);
    memset(hr, 90 + (int)number, sizeof hr);
    assert_true(qtr_net_set_images_u8(net, lr, hr, NULL));
    if (alphas)
        assert_true(qtr_net_alpha_step(net, &rates, NULL) &&
                    qtr_net_set_images_u8(net, lr, hr, NULL));
    assert_true(qtr_net_weight_step(net, &rates, NULL));
    assert_true(qtr_net_results(net, &results, NULL));
}

static void check_steps(QtrNet *net, gboolean alphas)
{
    guint before = allocations;

    step(net, alphas, 0);
    assert_true(allocations > before); /* the count counts */
    before = allocations;
    for (guint32 i = 1; i <= STEPS; i++)
        step(net, alphas, i);
    assert_int_equal(allocations, before);
}

static void search_step_allocates_nothing(void **state)
{
    g_autoptr(QtrNet) net = new_net(*state, NULL);

    check_steps(net, TRUE);
}

static void training_step_allocates_nothing(void **state)
{
    QtrGenotype genotype;
    g_autoptr(QtrNet) net = NULL;

    assert_true(qtr_genotype_parse(
        &genotype,
        "Genotype_SR(head=[('simple_3x3', 8)], body=[('conv_3x1_1x3', 4)], "
        "tail=[('simple_1x1', 8)], skip=[('simple_1x1', 8)], upsample=[('simple_3x3', 8)])",
        "test", NULL));
    net = new_net(*state, &genotype);
    check_steps(net, FALSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_step_allocates_nothing),
        cmocka_unit_test(training_step_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, open_device, close_device);
}
